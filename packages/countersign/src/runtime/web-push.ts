// Carries one notification to a push service: encrypted for the browser (RFC 8291), signed for the service (RFC 8292). The
// connection goes to an address that was looked at, and to no other: a name that changes its mind between the look and the
// connection (DNS rebinding) gains nothing. No redirect is followed and no body is read.
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { request as plain, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import type { Clock } from '../core/ports.ts';
import { bareHost, type EndpointRules, isAllowedAddress, readEndpoint } from '../core/push/endpoint.ts';
import type { PushFate, PushKeyPair, PushSender, PushTarget } from '../core/push/push-port.ts';
import { type Message, sealMessage } from './push-message.ts';

const WITHIN_MS = 10_000;
const MAX_HEADER_BYTES = 8 * 1024;
/** How long a service keeps what the browser does not fetch. One figure for every kind: it is read by the service. */
const TTL_SECONDS = 12 * 60 * 60;
/** Every notification is as long as every other: its length tells nothing. */
const PADDED_TO = 160;

export interface Resolved {
  readonly address: string;
  readonly family: number;
}

interface Ports {
  readonly clock: Clock;
  readonly rules: EndpointRules;
  /** Whom a service may write to: RFC 8292 2.1. */
  readonly subject: () => string;
  /** Every address of a name; the system's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly Resolved[]>;
  /** How long a name may take, and then the service; ten seconds each unless a test says otherwise. */
  readonly withinMs?: number;
}

export function createPushSender({
  clock,
  rules,
  subject,
  resolve = resolveAll,
  withinMs = WITHIN_MS,
}: Ports): PushSender {
  return {
    refuses({ endpoint, p256dh, auth }) {
      const read = readEndpoint(endpoint, rules);
      if (typeof read === 'string') return read;
      return isPoint(p256dh) && Buffer.from(auth, 'base64url').length === 16 ? null : 'keys_malformed';
    },

    makeKeys,

    async send(target, keys, notice) {
      const url = readEndpoint(target.endpoint, rules);
      if (typeof url === 'string') return { as: 'refused', why: url };
      try {
        const addresses = await inTime(resolve(bareHost(url)), withinMs);
        const [to] = addresses;
        if (to === undefined) return { as: 'later', why: 'unreachable', afterMs: null };
        // One inside among them is enough to refuse: which one is taken would be the resolver's choice.
        if (!addresses.every(({ address }) => isAllowedAddress(address, rules)))
          return { as: 'refused', why: 'endpoint_not_public' };
        const { kind, channel, language } = notice;
        const text = JSON.stringify({ kind, channel, language }).padEnd(PADDED_TO);
        const message = await sealMessage(target, keys, {
          text,
          topic: topicOf(target, kind),
          subject: subject(),
          ttlSeconds: TTL_SECONDS,
          now: Math.floor(clock.now() / 1_000),
        });
        return fateOf(await post(url, to, message, withinMs), clock.now());
      } catch {
        return { as: 'later', why: 'unreachable', afterMs: null };
      }
    },
  };
}

/** RFC 8030 5.4: what is not fetched yet is replaced by the next of its kind. The service cannot tell which kind that is. */
function topicOf({ auth }: PushTarget, kind: string): string {
  return createHmac('sha256', Buffer.from(auth, 'base64url')).update(kind).digest('base64url').slice(0, 32);
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function post(
  url: URL,
  { address, family }: Resolved,
  { headers, body }: Message,
  withinMs: number,
): Promise<Answered> {
  const options: RequestOptions = {
    method: 'POST',
    headers,
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    signal: AbortSignal.timeout(withinMs),
    // Nothing is resolved again: the connection is to the address that was judged.
    lookup: (_host, { all }, done) =>
      all === true ? done(null, [{ address, family }]) : done(null, address, family),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? secure : plain;
    const request = send(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      // What it has to say beyond that is not read.
      request.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}

function fateOf({ status, retryAfter }: Answered, now: number): PushFate {
  if (status >= 200 && status < 300) return { as: 'delivered' };
  if (status === 404 || status === 410) return { as: 'gone' };
  if (status === 429 || status >= 500)
    return { as: 'later', why: `busy_${status}`, afterMs: waitOf(retryAfter, now) };
  return { as: 'refused', why: `refused_${status}` };
}

/** RFC 9110 10.2.3: seconds, or a date. */
function waitOf(said: string | undefined, now: number): number | null {
  if (said === undefined) return null;
  const ms = /^\d{1,9}$/.test(said) ? Number(said) * 1000 : Date.parse(said) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

function makeKeys(): PushKeyPair {
  const {
    x = '',
    y = '',
    d = '',
  } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { publicKey: point.toString('base64url'), privateKey: d };
}

/** A point of P-256, uncompressed: anything else fails only when somebody waits to be told. */
function isPoint(p256dh: string): boolean {
  const point = Buffer.from(p256dh, 'base64url');
  if (point.length !== 65 || point[0] !== 4) return false;
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

/** The system's resolver cannot be called off: whoever answers for a name would hold up a stop, or a call. */
function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the name took too long')), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

async function resolveAll(host: string): Promise<readonly Resolved[]> {
  return lookup(host, { all: true, verbatim: true });
}
