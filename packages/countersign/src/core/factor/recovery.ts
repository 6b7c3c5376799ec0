// Recovery codes. The first character says which of the ten it is, so that a try costs one argon2id and not ten; the other
// sixteen carry 80 bits. Typed in any case, with spaces or dashes, as every human code (R18).
import { CODE_ALPHABET, drawCode, normaliseCode } from '../code.ts';
import type { Random } from '../ports.ts';

const RECOVERY_CODES = 10;
const FORMAT = 'XXXX-XXXX-XXXX-XXXX';
const LENGTH = 17;

export function drawRecoveryCodes(random: Random): readonly string[] {
  return Array.from(
    { length: RECOVERY_CODES },
    (_, position) => `${CODE_ALPHABET.charAt(position)}-${drawCode(FORMAT, random)}`,
  );
}

interface TypedRecoveryCode {
  /** Which of the ten it says it is. */
  readonly position: number;
  /** As it is hashed. */
  readonly code: string;
}

/** Null for what cannot be a recovery code: nothing is looked up or hashed then. */
export function readRecoveryCode(typed: string): TypedRecoveryCode | null {
  const code = normaliseCode(typed);
  if (code === null || code.length !== LENGTH) return null;
  const position = CODE_ALPHABET.indexOf(code.charAt(0));
  return position >= RECOVERY_CODES ? null : { position, code };
}
