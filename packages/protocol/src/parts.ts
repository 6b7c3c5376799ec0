// A text that does not fit in one message is shown in several, whole, with the buttons on the last. Past twenty nobody
// reads any more: then it is decided on the page, and nowhere else (approval.md, section 5).

export const MAX_PARTS = 20;

export type Parts =
  | { readonly outcome: 'parts'; readonly parts: readonly string[] }
  | { readonly outcome: 'page_only' };

const ESCAPE_AT_END = /\\(?:u(?:\{[0-9A-F]{0,6})?|x[25]?)?$/;

/**
 * Cuts `text` so that no part is longer than `limit` by `size` (UTF-16 units unless said otherwise) and the parts joined
 * are the text. An escape, a surrogate pair and a letter with its marks are never cut; a line ends a part where it can.
 */
export function inParts(text: string, limit: number, size: (text: string) => number = lengthOf): Parts {
  if (limit < 64) throw new RangeError('no place to show anything');
  const parts: string[] = [];
  let rest = text;
  while (size(rest) > limit) {
    if (parts.length === MAX_PARTS - 1) return { outcome: 'page_only' };
    const end = cutAt(rest, longestWithin(rest, limit, size));
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return { outcome: 'parts', parts: [...parts, rest] };
}

function lengthOf(text: string): number {
  return text.length;
}

/** The longest beginning that fits, by halving: `size` never shrinks as the text grows. */
function longestWithin(text: string, limit: number, size: (text: string) => number): number {
  let [fits, tooLong] = [1, Math.min(text.length, limit + 1)];
  if (size(text.slice(0, tooLong)) <= limit) return tooLong;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >>> 1;
    if (size(text.slice(0, middle)) <= limit) fits = middle;
    else tooLong = middle;
  }
  return fits;
}

function cutAt(text: string, longest: number): number {
  const line = text.lastIndexOf('\n', longest - 1) + 1;
  if (line > longest / 2) return line;
  for (let end = longest; end > longest - 40 && end > 1; end--) if (isBetween(text, end)) return end;
  return longest;
}

function isBetween(text: string, end: number): boolean {
  const [before, after] = [text.slice(Math.max(0, end - 10), end), text.slice(end, end + 2)];
  if (ESCAPE_AT_END.test(before)) return false;
  if (/[\uD800-\uDBFF]$/.test(before) && /^[\uDC00-\uDFFF]/.test(after)) return false;
  // A space at the edge of a message is drawn by nobody.
  return !/^[\p{M}\s]/u.test(after) && !/ $/.test(before);
}
