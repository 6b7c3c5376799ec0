// The gateway's own identity: an Ed25519 key, named by its RFC 7638 thumbprint, which clients pin.
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';
import type { Signer } from '../../core/ports.ts';

export function createSigner(privateKey: KeyObject): Signer {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new Problem('internal', { detail: 'the signing key has no public half' });
  // RFC 7638 3.2: the required members only, in this order, without spaces.
  const publicJwk = { crv: 'Ed25519', kty: 'OKP', x };
  const thumbprint = createHash('sha256').update(JSON.stringify(publicJwk)).digest('base64url');
  return { thumbprint, publicJwk, sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)) };
}
