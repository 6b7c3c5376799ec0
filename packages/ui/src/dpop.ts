// The proof that goes with every request of a signed-in browser (RFC 9449): made by the device key for one method, one
// address, one body and one nonce of the gateway, so that a token that leaks opens nothing by itself.
import { base64url, type DeviceKey } from './device-key.ts';

export type Prover = Pick<DeviceKey, 'jwk' | 'signBytes'>;

export interface Proven {
  readonly method: string;
  /** Origin and path, as the browser sees them: RFC 9449 4.2 leaves query and fragment out. */
  readonly url: string;
  readonly token: string;
  readonly nonce: string;
  /** The very text that is sent; empty when there is none. */
  readonly body: string;
  /** Informative: freshness is the nonce's, so a wrong clock of the browser locks nobody out. */
  readonly now: number;
  readonly jti: string;
}

export async function dpopProof(key: Prover, proven: Proven): Promise<string> {
  const { method, url, token, nonce, body, now, jti } = proven;
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk };
  const [ath, bh] = await Promise.all([sha256(token), sha256(body)]);
  const claims = { htm: method, htu: url, iat: Math.floor(now / 1000), jti, ath, nonce, bh };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${await key.signBytes(utf8(signed))}`;
}

async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
}

function encoded(value: object): string {
  return base64url(utf8(JSON.stringify(value)));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
