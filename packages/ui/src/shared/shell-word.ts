// A word of a command to copy. What stands in it is what somebody called themselves: a shell must see one word of it.
import { visible } from '@countersign/protocol/display';

export function shellWord(text: string): string {
  const shown = visible(text);
  return /^[\p{L}\p{N}_.-]+$/u.test(shown) && !shown.startsWith('-')
    ? shown
    : `'${shown.replaceAll("'", "'\\''")}'`;
}
