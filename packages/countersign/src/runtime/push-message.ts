// One notification as it travels: encrypted for the browser alone (RFC 8291, by http_ece), and signed for its push service
// (VAPID, RFC 8292).
import { createECDH, createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { PushKeyPair, PushTarget } from '../core/push/push-port.ts';

/** RFC 8292 2: at most a day. */
const SIGNED_FOR_SECONDS = 12 * 60 * 60;

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface Letter {
  readonly text: string;
  /** RFC 8030 5.4. */
  readonly topic: string;
  readonly subject: string;
  readonly ttlSeconds: number;
  /** Seconds since 1970. */
  readonly now: number;
}

/** The library is loaded with the first notification: a gateway that sends none does not pay for it. */
export async function sealMessage(
  { endpoint, p256dh, auth }: PushTarget,
  keys: PushKeyPair,
  { text, topic, subject, ttlSeconds, now }: Letter,
): Promise<Message> {
  const { default: ece } = await import('http_ece');
  // A key and a salt for this message and no other.
  const privateKey = createECDH('prime256v1');
  privateKey.generateKeys();
  const body = ece.encrypt(Buffer.from(text), {
    version: 'aes128gcm',
    dh: p256dh,
    privateKey,
    salt: randomBytes(16).toString('base64url'),
    authSecret: auth,
  });
  const claims = { aud: new URL(endpoint).origin, exp: now + SIGNED_FOR_SECONDS, sub: subject };
  const headers = {
    authorization: `vapid t=${signed(claims, keys)}, k=${keys.publicKey}`,
    'content-encoding': 'aes128gcm',
    'content-type': 'application/octet-stream',
    'content-length': String(body.length),
    ttl: String(ttlSeconds),
    urgency: 'high',
    topic,
  };
  return { headers, body };
}

/** RFC 7515 with ES256. */
function signed(claims: object, { publicKey, privateKey }: PushKeyPair): string {
  const point = Buffer.from(publicKey, 'base64url');
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: privateKey }, format: 'jwk' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
