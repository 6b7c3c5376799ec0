// A text as it fits into the hole of a template: no line ends, and not too long.

const MAX_HOLE = 1_000;

/** Both ends stay: who asks stands at the beginning, and what to type at the end. */
export function inOneLine(text: string): string {
  const line = text
    .trim()
    .replace(/\s*\n+\s*/g, ' · ')
    .replace(/[\p{C}\s]+/gu, ' ');
  if (line.length <= MAX_HOLE) return line;
  return `${line.slice(0, 600).toWellFormed()} … ${line.slice(-(MAX_HOLE - 610)).toWellFormed()}`;
}
