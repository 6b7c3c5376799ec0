// Chats that draw text: `*a*` is a bold a there, and the stars are gone. Of a command that is another command (R37), so what
// would be drawn is not shown there. On the safe side: what a client may leave as it is counts as drawn, too.

const SIGNS = ['*', '_', '~'] as const;
const IN_WORD = /[\p{L}\p{N}]/u;

/** Anywhere in it a sign opens in front of a word and one closes behind a word of the same line, or there is code in backticks. */
export function isDrawn(text: string): boolean {
  return text.split('\n').some((line) => {
    const chars = [...line];
    return isCode(chars) || SIGNS.some((sign) => isPaired(chars, sign));
  });
}

function isCode(chars: readonly string[]): boolean {
  return chars.indexOf('`') !== chars.lastIndexOf('`');
}

function isPaired(chars: readonly string[], sign: string): boolean {
  const is = (at: number, form: RegExp): boolean => form.test(chars[at] ?? ' ');
  const opens = chars.findIndex((char, at) => char === sign && !is(at - 1, IN_WORD) && is(at + 1, /\S/));
  const closes = chars.findLastIndex((char, at) => char === sign && is(at - 1, /\S/) && !is(at + 1, IN_WORD));
  return opens !== -1 && closes > opens + 1;
}
