// What a connecting key signs (surfaces: devices on the wire). The gateway's own name is inside, so that a signature
// taken to one gateway opens no other.
import { type Json, signedBytes } from '@countersign/protocol/canonical';
import type { Millis } from '../ports.ts';

export interface ConnectClaim {
  /** RFC 7638 thumbprint, base64url. */
  readonly device: string;
  readonly gateway: string;
  readonly nonce: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly ts: Millis;
}

export function connectBytes({ device, gateway, nonce, role, scopes, ts }: ConnectClaim): Uint8Array {
  const claim: Json = { device, gateway, nonce, role, scopes: scopes.toSorted(), ts };
  return signedBytes('countersign.connect.v1', claim);
}
