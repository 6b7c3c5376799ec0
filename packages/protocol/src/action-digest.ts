// The two names of a thing to be approved. The executor computes the first alone; people and passkeys answer the second.
// Gateway, wrapper, page and verifier compute them here, from the same bytes; vectors/actions.json is for everybody else.
import type { Action, Need, RequestFacts } from './approval.ts';
import { type Domain, type Json, signedBytes } from './canonical.ts';

/** SHA-256 of `countersign.action.v1\n` and the canonical form, lower-case hex. @throws TypeError: no canonical form. */
export function actionDigest(action: Action): Promise<string> {
  return digest('countersign.action.v1', action);
}

/** SHA-256 of `countersign.request.v1\n` and the canonical form, lower-case hex. @throws TypeError: no canonical form. */
export function requestDigest(facts: RequestFacts): Promise<string> {
  return digest('countersign.request.v1', facts);
}

/** Who is asked, how many of them, and with what proof: the same, over `countersign.need.v1\n`. It stands in the audit. */
export function needDigest({
  who,
  people,
  quorum,
  factors,
}: Pick<Need, 'who' | 'quorum'> & {
  readonly people: readonly string[];
  readonly factors: readonly string[];
}): Promise<string> {
  return digest('countersign.need.v1', { who, people, quorum, factors });
}

async function digest(domain: Domain, value: Json): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', signedBytes(domain, value)));
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The alphabet of codes: no 0, O, 1 and I. Five bits a letter. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const SHORT_LETTERS = 10;

/**
 * What people compare: the first 50 bits of a digest, most significant first, as `K7QD2-M4XA9`. Beside the card and where
 * the command waits; it tells requests apart and proves nothing.
 */
export function shortDigest(sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('not a digest');
  const bits = BigInt(`0x${sha256}`) >> 206n;
  const letters = Array.from({ length: SHORT_LETTERS }, (_, index) =>
    ALPHABET.charAt(Number((bits >> BigInt(5 * (SHORT_LETTERS - 1 - index))) & 31n)),
  ).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** A typed beginning as it is compared with short digests: upper case, no dash. Null when it cannot be one. */
export function shortBeginning(typed: string): string | null {
  const letters = typed.replace('-', '');
  // Looked at before the case is changed: `ſ` would become a letter of a digest.
  if (!/^[A-HJ-NP-Za-hj-np-z2-9]{3,10}$/.test(letters)) return null;
  return letters.toUpperCase();
}
