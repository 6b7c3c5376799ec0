// Whether the other end of the Noise handshake is WhatsApp. Baileys 7.0.0-rc14 calls its signature check and ignores the
// answer, and never compares the key in the certificate with the key that was used: with either hole, whoever ends the TLS
// can be any sender at all. Here the chain is checked whole, by Node's own Ed25519, and the leaf is bound to the handshake.
import { createPublicKey, verify } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';

/** A certificate as WhatsApp's protocol writes it: signed bytes, and what they say. */
export interface Certificate {
  readonly details: Uint8Array;
  readonly signature: Uint8Array;
  readonly serial: number;
  readonly issuerSerial: number;
  readonly key: Uint8Array;
}

export interface CertificateChain {
  readonly leaf: Certificate;
  readonly intermediate: Certificate;
}

/** @throws Problem `channel_refused` for a chain that is not to be believed. */
export type ChainCheck = (chain: CertificateChain, staticKey: Uint8Array) => void;

export interface Root {
  readonly publicKey: Uint8Array;
  readonly serial: number;
}

/** WhatsApp's own root, "WhatsAppLongTerm1". */
export const WHATSAPP_ROOT: Root = {
  publicKey: Buffer.from('142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b', 'hex'),
  serial: 0,
};

/** @param staticKey the key that the other end proved to hold in this handshake. @throws Problem `channel_refused`. */
export function checkChain(
  { leaf, intermediate }: CertificateChain,
  staticKey: Uint8Array,
  root: Root = WHATSAPP_ROOT,
): void {
  if (intermediate.issuerSerial !== root.serial) throw notWhatsApp('its certificate is of another root');
  if (!isSigned(intermediate, root.publicKey))
    throw notWhatsApp('its certificate is signed by nobody we know');
  if (leaf.issuerSerial !== intermediate.serial) throw notWhatsApp('its certificates do not belong together');
  if (!isSigned(leaf, intermediate.key)) throw notWhatsApp('its certificate is signed by nobody we know');
  // A genuine chain can be recorded and played back by anybody; only WhatsApp holds the key it speaks of.
  if (!isSame(leaf.key, staticKey)) throw notWhatsApp('it shows a certificate of somebody else');
}

export function notWhatsApp(why: string): Problem {
  return new Problem('channel_refused', {
    detail: `what answers is not WhatsApp: ${why}`,
    hint: 'somebody stands between this machine and WhatsApp, or waWebSocketUrl is wrong',
  });
}

function isSigned({ details, signature }: Certificate, by: Uint8Array): boolean {
  return verifyXEd(by, details, signature);
}

const P = 2n ** 255n - 19n;
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * XEdDSA as Signal uses it: a signature by a Curve25519 key is one by its Edwards form, whose sign travels in the last bit.
 * Never throws: what is malformed is not signed.
 */
export function verifyXEd(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const bare = key.length === 33 && key[0] === 5 ? key.subarray(1) : key;
  if (bare.length !== 32 || signature.length !== 64) return false;
  const last = signature[63] ?? 0;
  const y = edwards(bare);
  if (y === null) return false;
  y[31] = (y[31] ?? 0) | (last & 0x80);
  const plain = Buffer.from(signature);
  plain[63] = last & 0x7f;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, y]), format: 'der', type: 'spki' });
    return verify(null, message, publicKey, plain);
  } catch {
    return false;
  }
}

/** RFC 7748 4.1: y = (u - 1) / (u + 1). */
function edwards(u: Uint8Array): Buffer | null {
  const number = fromLittle(u) & (2n ** 255n - 1n);
  const below = (number + 1n) % P;
  if (below === 0n) return null;
  return toLittle((((number - 1n + P) % P) * power(below, P - 2n)) % P);
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % P];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function fromLittle(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function toLittle(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === 32 && b.length === 32 && Buffer.compare(a, b) === 0;
}
