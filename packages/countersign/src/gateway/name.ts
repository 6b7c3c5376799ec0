// A person's name as an owner gave it: escaped, on one line, at most 64 graphemes (R67).
import { firstGraphemes, MAX_NAME, visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';

/** @throws Problem `request_malformed` when nothing is left to show. */
export function readName(text: string): string {
  const name = firstGraphemes(visible(text.toWellFormed().trim()), MAX_NAME);
  if (name === '') throw new Problem('request_malformed', { detail: 'a name has at least one character' });
  return name;
}
