// Times as every answer prints them: ISO-8601 in UTC. Pure: a number in, text out.

/** `millis` since the epoch as ISO-8601 UTC. @throws RangeError past what a date can hold. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}
