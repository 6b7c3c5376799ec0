// What is displayed is what is there. Control, bidi, zero-width and odd-space characters become visible escapes (R47), so
// that no name or command can look like another; a claim by a sender is shown quoted, on one line, short (R67).

/** Longest display name, in graphemes (R67). */
export const MAX_NAME = 64;

/**
 * Every character that draws nothing, moves the text, or looks like a space and is none. The selector that makes a
 * pictograph colourful draws nothing either, but nobody is fooled by it.
 */
const HIDDEN =
  /(?!\u{FE0F})[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u{2800}]|(?<!\p{Extended_Pictographic})\u{FE0F}|(?! )\p{Zs}/gu;

/** Escapes as `\u{202E}`; the last of trailing spaces as `\x20`. One line. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escapeOf).replace(/ $/, '\\x20');
}

/** As `visible`, but line feeds and tabs stay: for the body of a message. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (char) => (char === '\n' || char === '\t' ? char : escapeOf(char)));
}

function escapeOf(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`;
}

const PRINTABLE = /^[\x20-\x7e]*$/;

/** The first `max` graphemes; `…` follows when there were more. Reads 40 units for each at most. */
export function firstGraphemes(text: string, max: number): string {
  // Loading the segmenter costs as much as a whole command; plain ASCII needs none.
  if (PRINTABLE.test(text)) return text.length <= max ? text : `${text.slice(0, max)}…`;
  const room = max * 40 + 1;
  const graphemes: string[] = [];
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, room),
  )) {
    if (graphemes.length === max) return `${graphemes.join('')}…`;
    graphemes.push(segment);
  }
  if (text.length <= room) return graphemes.join('');
  // The last one was cut: a pile of marks on one letter is not the way around the limit.
  return `${graphemes.slice(0, -1).join('')}…`;
}

/** A display name as data: escaped, at most 64 graphemes, in quotes. */
export function quotedName(name: string): string {
  const mark = isMixedScript(name) ? ' (mixed-script)' : '';
  // A backslash before a quote would end the quotes, and so would one at the end.
  const inner = firstGraphemes(name, MAX_NAME).replace(/(\\*)("|$)/g, (_, slashes: string, quote: string) =>
    quote === '' ? slashes + slashes : `${slashes}${slashes}\\"`,
  );
  return `"${visible(inner)}"${mark}`;
}

const SCRIPTS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];

/** True when one word mixes scripts whose letters look alike. */
export function isMixedScript(text: string): boolean {
  return text
    .split(/[^\p{L}\p{M}\p{N}_]+/u)
    .some((word) => SCRIPTS.filter((script) => script.test(word)).length > 1);
}
