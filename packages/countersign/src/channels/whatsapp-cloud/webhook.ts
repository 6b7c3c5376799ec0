// The webhook of Meta. First a handshake by GET, answered to our own token only and without any effect; then deliveries,
// signed over their raw bytes: the form of the signature is checked before a byte of the body is read, the signature
// before a word of it. 200 means durable, and only that.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';
import type { Hidden } from './api.ts';
import { isSigned } from './wire.ts';

const HEADER = 'x-hub-signature-256';
export const SIGNATURE = /^sha256=[0-9a-f]{64}$/;
/** Meta puts many messages into one delivery. */
export const MAX_BODY = 1024 * 1024;
/** It is sent back: nothing that a page could run. */
const CHALLENGE = /^[A-Za-z0-9_-]{1,256}$/;

export interface Secrets {
  readonly appSecret: Hidden;
  readonly verifyToken: Hidden;
}

export function answerHandshake(request: Request, { verifyToken }: Secrets): Response {
  const query = new URL(request.url).searchParams;
  const one = (name: string) => (query.getAll(name).length === 1 ? query.get(name) : null);
  const challenge = one('hub.challenge') ?? '';
  const isOurs = one('hub.mode') === 'subscribe' && isToken(one('hub.verify_token'), verifyToken.reveal());
  if (!isOurs || !CHALLENGE.test(challenge)) return new Response(null, { status: 401 });
  return new Response(challenge, { status: 200, headers: { 'content-type': 'text/plain' } });
}

/**
 * @param take reads what is proven, and resolves when it is durable; false when that is no delivery.
 */
export async function receiveDelivery(
  request: Request,
  { appSecret }: Secrets,
  take: (delivery: unknown) => Promise<boolean>,
): Promise<Response> {
  const { headers } = request;
  const signature = headers.get(HEADER) ?? '';
  if (!SIGNATURE.test(signature)) return answer(401);
  if (Number(headers.get('content-length') ?? 0) > MAX_BODY) return answer(413);
  const raw = new Uint8Array(await request.arrayBuffer());
  if (raw.byteLength > MAX_BODY) return answer(413);
  if (!isSigned(raw, signature, appSecret.reveal())) return answer(401);
  try {
    return answer((await take(parse(raw))) ? 200 : 400);
  } catch (cause) {
    // Anything but 200 makes Meta bring it again.
    return answer(503, cause);
  }
}

function parse(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return null;
  }
}

/** Constant time, whatever the lengths are. No token configured matches nothing. */
function isToken(given: string | null, expected: string): boolean {
  if (given === null || expected === '') return false;
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function answer(status: number, cause?: unknown): Response {
  const retry = cause instanceof Problem && cause.code === 'rate_limited' ? { 'retry-after': '1' } : {};
  return new Response(null, { status, headers: retry });
}
