// Signs bearers: a compact JWS, typ at+jwt (RFC 9068), with node:crypto, which is several times as fast as the library
// that verifies them. The header is one of two texts per key, so nothing in it can come from a request.
import { createHmac, type KeyObject, sign } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';
import type { BearerSigner } from '../../core/session/bearer-port.ts';

export interface SigningKeys {
  readonly current: { readonly kid: string; readonly key: KeyObject };
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** RFC 7518 3.2: a key of the hash's own size at least. */
export const MIN_SECRET_BYTES = 32;
const HS256_HEADER = encoded({ alg: 'HS256', typ: 'at+jwt' });

export function createBearerSigner(keys: SigningKeys): BearerSigner {
  let header = { of: '', text: '' };
  const headerOf = (kid: string): string => {
    if (header.of !== kid) header = { of: kid, text: encoded({ alg: 'EdDSA', typ: 'at+jwt', kid }) };
    return header.text;
  };
  return {
    get kid() {
      return keys.current.kid;
    },
    sign(claims, alg, secret) {
      if (alg === 'HS256') {
        if (secret === null || Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
          throw new Problem('config_invalid', {
            detail: 'an audience with HS256 has no secret of 32 bytes',
            hint: 'set bearer.audiences.<name>.secret',
          });
        }
        const input = `${HS256_HEADER}.${encoded(claims)}`;
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      }
      const { kid, key } = keys.current;
      const input = `${headerOf(kid)}.${encoded(claims)}`;
      return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
    },
  };
}
