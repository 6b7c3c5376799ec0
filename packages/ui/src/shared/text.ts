// Text of others, made safe to look at: what cannot be seen is written out, and only plain http(s) addresses become
// links. The pieces are rendered as text nodes; nothing here ever becomes HTML.

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** An escape such as `\u{202E}`, for a character nobody would see. */
  | { readonly kind: 'mark'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

// Control, format (bidi, zero width, tags), lone surrogates, separators, and what fonts are told to draw as nothing.
const UNSEEN = '\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u{2800}';
const ONE_EMOJI = '\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\uFE0F?';
// Emoji are drawn by joiners and selectors: inside such a sequence they hide nothing.
const EMOJI = `${ONE_EMOJI}(?:\\u200D${ONE_EMOJI})*|[0-9#*]\\uFE0F\\u20E3`;
const EMOJI_OR_UNSEEN = new RegExp(`(${EMOJI})|((?![\\n\\t])[${UNSEEN}])`, 'gu');
const LINK = new RegExp(`(?<![\\p{L}\\p{N}])[hH][tT][tT][pP][sS]?://[^\\s<>"'\`{}|\\\\^${UNSEEN}]+`, 'gu');

const escapeOf = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`;

/** Splits `text` into what may be shown as it is, what must be written out, and links. */
export function pieces(text: string): readonly Piece[] {
  const plain = text.replaceAll('\r\n', '\n');
  const found: Piece[] = [];
  let from = 0;
  for (const match of plain.matchAll(LINK)) {
    const typed = withoutPunctuation(match[0]);
    const link = linkOf(typed);
    if (link === null) continue;
    found.push(...seen(plain.slice(from, match.index)), link);
    from = match.index + typed.length;
  }
  found.push(...seen(plain.slice(from)));
  return found;
}

/** How many characters a person would count. */
export function graphemes(text: string): number {
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].length;
}

function seen(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(EMOJI_OR_UNSEEN)) {
    if (match[2] === undefined) continue;
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) });
    found.push({ kind: 'mark', text: escapeOf(match[2]) });
    from = match.index + match[2].length;
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
  return found;
}

function linkOf(typed: string): Piece | null {
  if (!URL.canParse(typed)) return null;
  const url = new URL(typed);
  // `https://bank.example@evil.example` reads as one place and leads to another.
  if (url.username !== '' || url.password !== '') return null;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  // A host that is not what was typed (an international name and its look-alikes) is shown as the browser will go there.
  const asTyped = typed.toLowerCase().startsWith(`${url.protocol}//${url.hostname}`);
  return { kind: 'link', text: asTyped ? typed : url.href, href: url.href };
}

/** A full stop ends the sentence, not the address; a bracket belongs to it only when it was opened in it. */
function withoutPunctuation(address: string): string {
  // Counted once: a thousand brackets must not cost a million steps.
  let round = countOf(address, ')') - countOf(address, '(');
  let square = countOf(address, ']') - countOf(address, '[');
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    if (last === ')') {
      if (round <= 0) break;
      round -= 1;
    } else if (last === ']') {
      if (square <= 0) break;
      square -= 1;
    } else if (!'.,;:!?*_~'.includes(last)) break;
  }
  return address.slice(0, end);
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}
