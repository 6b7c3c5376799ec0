// Signs grants with a key that signs nothing else: a compact JWS, typ countersign-grant+jwt, its header one text, so that
// nothing in it can come from a request. What comes back is read by that text and that key before anything in it is looked at.
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { GRANT_TYPE, type GrantClaims, grantClaimsSchema } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import type { GrantSigner } from '../../core/approval/grants-port.ts';

const MAX_LENGTH = 16_384;
/** Three parts of base64url and nothing else: Buffer would read over what is none. */
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function createGrantSigner(privateKey: KeyObject): GrantSigner {
  const publicKey = createPublicKey(privateKey);
  const { x } = publicKey.export({ format: 'jwk' });
  if (x === undefined || privateKey.asymmetricKeyType !== 'ed25519')
    throw new Problem('internal', { detail: 'the key of grants is not an Ed25519 key' });
  const publicJwk = publishedJwk(x);
  const header = encoded({ alg: 'EdDSA', typ: GRANT_TYPE, kid: publicJwk.kid });
  return {
    publicJwk,
    sign(claims) {
      const input = `${header}.${encoded(claims)}`;
      return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
    },
    read(grant) {
      const [, head, payload, signature] = (grant.length <= MAX_LENGTH ? COMPACT.exec(grant) : null) ?? [];
      if (head !== header || payload === undefined || signature === undefined) return null;
      const input = Buffer.from(`${head}.${payload}`);
      if (!verify(null, input, publicKey, Buffer.from(signature, 'base64url'))) return null;
      return claimsOf(payload);
    },
  };
}

/** As it stands in a key set, named by its RFC 7638 thumbprint. @param x of an Ed25519 key, base64url. */
export function publishedJwk(x: string) {
  // 3.2: the required members only, in this order, without spaces.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' } as const;
}

function claimsOf(payload: string): GrantClaims | null {
  try {
    const parsed = grantClaimsSchema.safeParse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
