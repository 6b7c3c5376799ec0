// A device's key as a browser (P-256) or a node (Ed25519) has one: what it signs to connect, and its proofs over HTTP.
// Nothing of our own verifying code is used to make them.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { PublicJwk } from '@countersign/protocol/gateway';

type Json = Readonly<Record<string, unknown>>;

export interface Challenge {
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: number;
}

export class DeviceKey {
  readonly jwk: PublicJwk;
  readonly alg: 'ES256' | 'EdDSA';
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  readonly #private: KeyObject;

  constructor(kind: 'P-256' | 'Ed25519' = 'P-256') {
    const pair =
      kind === 'P-256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' });
    this.jwk = kind === 'P-256' ? { kty: 'EC', crv: 'P-256', x, y } : { kty: 'OKP', crv: 'Ed25519', x };
    this.alg = kind === 'P-256' ? 'ES256' : 'EdDSA';
    this.#private = pair.privateKey;
    const members = kind === 'P-256' ? { crv: kind, kty: 'EC', x, y } : { crv: kind, kty: 'OKP', x };
    this.thumbprint = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  }

  get privateJwk(): Json {
    return { ...this.#private.export({ format: 'jwk' }) };
  }

  sign(bytes: Uint8Array): string {
    const signature =
      this.alg === 'ES256'
        ? sign('sha256', bytes, { key: this.#private, dsaEncoding: 'ieee-p1363' })
        : sign(null, bytes, this.#private);
    return signature.toString('base64url');
  }

  connect(
    { gateway, nonce, ts }: Challenge,
    { role, scopes, ...more }: { role: string; scopes: readonly string[]; token?: string; name?: string },
  ): object {
    const claim = { device: this.thumbprint, gateway, nonce, role, scopes: scopes.toSorted(), ts };
    // RFC 8785 of a flat object whose names are in order already.
    const bytes = Buffer.from(`countersign.connect.v1\n${JSON.stringify(claim)}`);
    return { type: 'connect', key: this.jwk, role, scopes, ts, nonce, signature: this.sign(bytes), ...more };
  }

  proof(claims: Json, header: Json = {}): string {
    const head = { typ: 'dpop+jwt', alg: this.alg, jwk: this.jwk, ...header };
    const text = `${encoded(head)}.${encoded(claims)}`;
    return `${text}.${this.sign(Buffer.from(text))}`;
  }
}

export function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function sha256(what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('base64url');
}
