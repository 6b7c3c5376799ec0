// What a run is told of beside how it ended: that what ran was not what somebody said yes to.

export function changedLine(changed: 'program' | 'script'): string {
  return `run: NOT what was approved: its ${changed} was another one when it ran, and may have done something before it was ended`;
}
