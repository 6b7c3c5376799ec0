// How long and how deep a text may be that is read, and characters that do not show.
import type { Walk } from './scope.ts';

/** Longer lines are not read. A shell takes more, a person who decides does not. */
export const MAX_LINE = 131_072;
/** What a line may become: words of expansions and of braces, texts that are read again, files below many folders. */
export const MAX_MADE = 4 * MAX_LINE;
/** Nests of texts in texts. */
export const MAX_DEPTH = 12;

const PLAIN = /^[\x20-\x7e\t\n]*$/;
// What draws nothing, turns the text round, or is a space and none. The selector that colours a pictograph fools nobody.
const HIDDEN =
  /(?![\t\n])(?!\u{FE0F})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]|(?! )\p{Zs}/u;

/** More brackets open at once than anybody writes, or more arithmetic than the parser reads in good time. */
export function isTooDeep(text: string): boolean {
  if (!text.includes('(') && !text.includes('${')) return false;
  let depth = 0;
  let braces = 0;
  let arithmetic = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN) {
      depth += 1;
      if (text.charCodeAt(at - 1) === OPEN) arithmetic += 1;
      if (depth > 150 || arithmetic > 200) return true;
    } else if (code === CLOSE) {
      if (depth > 0) depth -= 1;
    } else if (code === OPEN_BRACE) {
      if (text.charCodeAt(at - 1) === DOLLAR) braces += 1;
      if (braces > 150) return true;
    } else if (code === CLOSE_BRACE && braces > 0) braces -= 1;
  }
  return false;
}

const OPEN = 40;
const CLOSE = 41;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const DOLLAR = 36;

export function doubtText(walk: Walk, text: string): void {
  if (PLAIN.test(text)) return;
  const found = HIDDEN.exec(text)?.[0];
  if (found === undefined) return;
  walk.doubt('control', `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
}
