// Rules of bearers and of who people are to the owner's tools: what would make a bearer weak, or put it beside the truth,
// is a mistake before it can be made.
import { RESERVED_CLAIMS } from '../core/session/reserved-claims.ts';
import { asRaw, isSet, type Raw } from './accounts.ts';
import type { PathPart } from './mistakes.ts';
import { isPlainElsewhere } from './urls.ts';

type Say = (path: readonly PathPart[], message: string, hint: string) => void;

/** RFC 7518 3.2. */
const SECRET_BYTES = 32;
const SECRET_HINT = 'write { "env": "NAME" }, and put there the output of: openssl rand -hex 32';

/** @returns what is wrong with the secret of an audience with HS256; null for a good one. */
export function flawOfSecret(secret: string): { readonly message: string; readonly hint: string } | null {
  if (Buffer.byteLength(secret) >= SECRET_BYTES) return null;
  return {
    message: `whoever guesses this can be anybody: ${SECRET_BYTES} bytes at least`,
    hint: SECRET_HINT,
  };
}

export function checkIdentity(tree: Raw, wrong: Say): void {
  checkAudiences(asRaw(tree['bearer']) ?? {}, wrong);
  checkUsers(asRaw(tree['users']) ?? {}, wrong);
}

function checkAudiences(bearer: Raw, wrong: Say): void {
  for (const [name, value] of Object.entries(asRaw(bearer['audiences']) ?? {})) {
    const audience = asRaw(value) ?? {};
    const alg = audience['alg'] ?? bearer['alg'] ?? 'EdDSA';
    const at = ['bearer', 'audiences', name, 'secret'];
    if (alg === 'HS256' && !isSet(audience, 'secret')) {
      wrong(at, 'HS256 needs a secret that the backend has as well', SECRET_HINT);
    } else if (alg === 'EdDSA' && isSet(audience, 'secret')) {
      wrong(
        at,
        'bearers of this audience are signed with EdDSA, which has no secret',
        'take it out, or set alg to "HS256"',
      );
    }
  }
}

function checkUsers(users: Raw, wrong: Say): void {
  const url = users['url'];
  if (users['kind'] === 'http' && !isSet(users, 'url')) {
    wrong(['users', 'url'], 'a directory needs an address', 'set users.url, or users.kind to "store"');
  }
  if (typeof url === 'string' && isPlainElsewhere(url)) {
    wrong(
      ['users', 'url'],
      'who people are would travel in the clear',
      'use https:, or an address of this machine',
    );
  }
  for (const claim of Object.keys(asRaw(users['claims']) ?? {})) {
    if (!RESERVED_CLAIMS.has(claim)) continue;
    wrong(['users', 'claims', claim], 'a bearer says this of itself', 'give the claim another name');
  }
}
