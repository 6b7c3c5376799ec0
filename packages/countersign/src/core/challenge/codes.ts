// Login codes live here and nowhere else: in the memory of the sender, until they are used or late. What is stored is a
// keyed hash. After a restart they are gone, and a message that should have carried one ends as failed.
import type { ChallengeId } from '@countersign/protocol/ids';
import type { Millis, Random } from '../ports.ts';

/** Where the sender puts the digits. */
export const CODE_HOLE = '{code}';

/** Past this many at once the oldest go: memory stays bounded. */
const MAX_CODES = 1_000;

export class LoginCodes {
  readonly #codes = new Map<ChallengeId, { readonly code: string; readonly until: Millis }>();

  put(id: ChallengeId, code: string, until: Millis): void {
    this.#codes.set(id, { code, until });
    for (const oldest of this.#codes.keys()) {
      if (this.#codes.size <= MAX_CODES) break;
      this.#codes.delete(oldest);
    }
  }

  get(id: ChallengeId, now: Millis): string | null {
    const known = this.#codes.get(id);
    if (known === undefined) return null;
    if (known.until > now) return known.code;
    this.#codes.delete(id);
    return null;
  }

  drop(id: ChallengeId): void {
    this.#codes.delete(id);
  }
}

/** Digits without bias: a draw past the last whole multiple of ten is thrown away (R1). */
export function drawDigits(count: number, random: Random): string {
  let digits = '';
  while (digits.length < count) {
    for (const byte of random.bytes(count * 2)) {
      if (byte < 250 && digits.length < count) digits += String(byte % 10);
    }
  }
  return digits;
}

/** What a typed code is compared as. Null when it cannot be one. */
export function normaliseDigits(typed: string, count: number): string | null {
  if (typed.length > 40) return null;
  const digits = typed.replace(/[\s\p{Pd}.]/gu, '');
  return digits.length === count && /^[0-9]+$/.test(digits) ? digits : null;
}
