// Text as it is, for somebody who says yes to it. Escapes are those of every surface (protocol/display.ts), and here they
// lose nothing: what looks like an escape and is none is escaped itself, so that two texts never read alike (R47).
import { visible } from './display.ts';

export { isMixedScript } from './display.ts';

/** A backslash that begins what could be taken for one of our escapes. */
const LOOKS_ESCAPED = /\\(?=u\{|x20|x5C)/g;
/** Tells a colourful sign from a plain one: harmless in a name, another byte in a command. */
const SELECTOR = /\u{FE0F}/gu;
/** Marks on top of the second one on a letter: enough of them cover the line above. */
const PILED = /(?<=\p{M}{2})\p{M}/gu;

/** On one line. */
export function exact(text: string): string {
  const plain = text.replace(LOOKS_ESCAPED, String.raw`\x5C`);
  return visible(plain.replace(SELECTOR, escaped).replace(PILED, escaped));
}

/** Line by line; a line feed ends a line and nothing else does. The last line is what follows the last line feed. */
export function exactLines(text: string): string[] {
  return text.split('\n').map(exact);
}

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`;
}

/** What `exact` was made of. For tests, and for whoever copies a command out of a card. */
export function unescaped(shownLine: string): string {
  return shownLine.replace(/\\(?:u\{([0-9A-F]{4,6})\}|x20|x5C)/g, (written, code: string | undefined) => {
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return written === String.raw`\x20` ? ' ' : '\\';
  });
}

/** True when letters are put together from parts that could be one: `e` and an accent looks like `é`. */
export function isComposedOtherwise(text: string): boolean {
  return text.normalize('NFC') !== text;
}
