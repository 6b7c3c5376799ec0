// What is taken out of a JSON document, or put in place of a string, by the bytes where it stands: everything else stays
// as it was, down to the spaces. Invariant: JSON stays JSON, whatever is taken out.
import type { Member, Span } from './json-bytes.ts';

export interface Edit extends Span {
  /** Instead of those bytes; left out, they go. */
  readonly put?: string;
}

/** Takes members out of one object, each with the comma that joins it to the rest. `all` in order. */
export function cutMembers(all: readonly Member[], isCut: (member: Member) => boolean): Edit[] {
  const edits: Edit[] = [];
  let lastKept: Member | undefined;
  let run: Member | undefined;
  for (const member of all) {
    if (isCut(member)) {
      run ??= member;
      continue;
    }
    // A run before something that stays goes with the comma behind it.
    if (run !== undefined) edits.push({ start: run.start, end: member.start });
    run = undefined;
    lastKept = member;
  }
  const last = all.at(-1);
  // At the end it goes with the comma before it.
  if (run !== undefined && last !== undefined)
    edits.push({ start: lastKept?.end ?? run.start, end: last.end });
  return edits;
}

/** `edits` do not overlap. */
export function edited(bytes: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes;
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, put } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, start));
    if (put !== undefined) parts.push(Buffer.from(put, 'utf8'));
    at = end;
  }
  parts.push(bytes.subarray(at));
  return Buffer.concat(parts);
}
