// A card that does not fit in one message comes in several, its buttons under the last. Each of several says which it is, so
// that no line of what is asked can stand at the head of a message and pass for one of ours. What is left without these
// marks, joined, is the text.
import { inParts } from '@countersign/protocol/parts';

/** `[20/20] `. */
const MARK_ROOM = 8;

/** @returns null: more parts than anybody reads, so that it is decided on the page. */
export function cardParts(text: string, maxText: number): readonly string[] | null {
  if (text.length <= maxText) return [text];
  const cut = inParts(text, maxText - MARK_ROOM);
  if (cut.outcome === 'page_only') return null;
  const count = cut.parts.length;
  return cut.parts.map((part, index) => `[${index + 1}/${count}] ${part}`);
}
