// The hop from somebody's own ingress to us, proven: a MAC over the token's id, the moment, a nonce, the address asked and
// every byte of the body. The token alone is not enough, since it travels with each call and may be seen on its way (I-13).
// A hop counts once; the ledger of nonces is the caller's.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';

const DOMAIN = 'countersign.hop.v1';
/** How far the clocks of both ends may lie apart. */
export const HOP_MS = 60_000;
const HOP = /^v1\.(\d{13})\.([A-Za-z0-9_-]{16,64})\.([A-Za-z0-9_-]{43})$/;

export interface HopOf {
  readonly token: TokenId;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

export interface Hop {
  readonly ts: Millis;
  readonly nonce: string;
}

/** The header's value, as an ingress makes it. */
export function signHop(of: HopOf, { ts, nonce }: Hop, secret: string): string {
  return `v1.${ts}.${nonce}.${macOf(of, { ts, nonce }, secret)}`;
}

/** What the header proves, or why it proves nothing. A fresh nonce is still to be taken. */
export function readHop(
  header: string | null,
  of: HopOf,
  secret: string,
  now: Millis,
): Hop | 'missing' | 'malformed' | 'forged' | 'stale' {
  if (header === null) return 'missing';
  const [, moment = '', nonce = '', mac = ''] = HOP.exec(header) ?? [];
  if (mac === '') return 'malformed';
  const hop = { ts: Number(moment), nonce };
  const wanted = Buffer.from(macOf(of, hop, secret));
  if (!timingSafeEqual(wanted, Buffer.from(mac))) return 'forged';
  return Math.abs(now - hop.ts) > HOP_MS ? 'stale' : hop;
}

function macOf({ token, method, path, body }: HopOf, { ts, nonce }: Hop, secret: string): string {
  const digest = createHash('sha256').update(body).digest('hex');
  const text = [DOMAIN, token, String(ts), nonce, `${method} ${path}`, digest].join('\n');
  return createHmac('sha256', secret).update(text).digest('base64url');
}
