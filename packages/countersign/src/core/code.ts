// Human codes. Drawn without bias from a CSPRNG (R1), read back however a person types them (R18), looked up only by
// keyed hash. The alphabet has 32 letters, so every character is exactly five bits and no draw is ever rejected.
import type { Random } from './ports.ts';

/** Without 0, O, 1 and I. */
export const CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Draws a code of `format`: each `X` one character, everything else as it stands. 5 bits a character. */
export function drawCode(format: string, random: Random): string {
  const bytes = random.bytes(format.split('X').length - 1);
  let drawn = 0;
  // 256 is a multiple of 32: the low five bits of a uniform byte are uniform.
  return format.replace(/X/g, () => CODE_ALPHABET.charAt((bytes[drawn++] ?? 0) & 31));
}

/** Bits of chance a format carries. R16: 40 at least. */
export function codeBits(format: string): number {
  return (format.split('X').length - 1) * 5;
}

/** White space, dashes of every length, dots, underscores, brackets, quotes straight and curly: what people copy along. */
const AROUND = /[\s\p{Pd}\p{Pi}\p{Pf}._<>()[\]{}"'`]/gu;

/**
 * A typed code as it is hashed: upper case, without what stands around and between its characters (P-11).
 * @returns null when what is left cannot be a code: it is never looked up then (RFC 8628 6.1).
 */
export function normaliseCode(typed: string): string | null {
  if (typed.length > 64) return null;
  const letters = typed.replace(AROUND, '');
  // Before the case is changed: `ß` would become two letters of a code, `ſ` one.
  if (!/^[A-Za-z2-9]{8,}$/.test(letters)) return null;
  const code = letters.toUpperCase();
  return /[IO]/.test(code) ? null : code;
}
