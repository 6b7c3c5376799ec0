// Keys of browsers and devices: the name of a key, and whether a signature is its. Everything that is not exactly one
// encoding of a sound key is refused: two spellings of one key would be two people, a weak key would be everybody's.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';

const COORDINATE_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** RFC 7638: SHA-256 over the required members in order. @throws Problem `auth_proof_invalid` for an unsound key. */
export function thumbprint(jwk: PublicJwk): Uint8Array {
  if (readKey(jwk) === null)
    throw new Problem('auth_proof_invalid', { detail: 'that is no sound public key' });
  const members =
    jwk.kty === 'EC'
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : { crv: jwk.crv, kty: jwk.kty, x: jwk.x };
  return createHash('sha256').update(JSON.stringify(members)).digest();
}

/** P-256: ECDSA with SHA-256, r‖s (IEEE P1363). Ed25519: as it is. False for anything that does not fit. */
export function verifySignature(jwk: PublicJwk, bytes: Uint8Array, signature: string): boolean {
  const key = readKey(jwk);
  const proof = canonicalBytes(signature, SIGNATURE_BYTES);
  if (key === null || proof === null) return false;
  try {
    return jwk.kty === 'EC'
      ? verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, proof)
      : verify(null, bytes, key, proof);
  } catch {
    return false;
  }
}

/** Null for wrong lengths, loose base64url, points off the curve and points of small order. */
function readKey(jwk: PublicJwk): KeyObject | null {
  const x = canonicalBytes(jwk.x, COORDINATE_BYTES);
  if (x === null) return null;
  if (jwk.kty === 'EC' && canonicalBytes(jwk.y, COORDINATE_BYTES) === null) return null;
  if (jwk.kty === 'OKP' && isWeakEd25519(x)) return null;
  try {
    // For P-256 OpenSSL refuses here what is not on the curve.
    const { kty, crv } = jwk;
    const key = kty === 'EC' ? { kty, crv, x: jwk.x, y: jwk.y } : { kty, crv, x: jwk.x };
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return null;
  }
}

function canonicalBytes(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : null;
}

const P = 2n ** 255n - 19n;
const D = mod(-121665n * inverse(121666n));
/** RFC 8032 5.1: y of the two pairs of points of order 8. */
const ORDER_8 = [
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
];

/** y past the prime (a second spelling), off the curve, or one of the eight points of small order: with those a signature
 * that fits every message exists. */
function isWeakEd25519(encoded: Uint8Array): boolean {
  const bytes = Buffer.from(encoded).reverse();
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  const y = BigInt(`0x${bytes.toString('hex')}`);
  if (y >= P) return true;
  if (y === 0n || y === 1n || y === P - 1n || ORDER_8.includes(y)) return true;
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  return power(square, (P - 1n) / 2n) !== 1n;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function inverse(value: bigint): bigint {
  return power(mod(value), P - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P) {
    if (rest & 1n) result = (result * square) % P;
  }
  return result;
}
