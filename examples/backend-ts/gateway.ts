// What the gateway is asked: its keys, now and then, and whether a bearer is good, when that matters. Invariant: no answer,
// a redirect, or an answer of another form is an error, and never a yes.
import { Problem } from '@countersign/protocol/problem';
import { type BearerKeys, bearerKeysSchema } from '@countersign/protocol/token';

const BASE = process.env['COUNTERSIGN_URL'] ?? 'http://127.0.0.1:8787';
/** Of `countersign tokens create --scope backend`. */
const TOKEN = process.env['COUNTERSIGN_TOKEN'];
const PATIENCE_MS = 3_000;
/** How long old keys count while the gateway does not answer. */
const STALE_MS = 60 * 60_000;

export interface Gateway {
  readonly issuer: string;
  readonly keys: BearerKeys;
}

let latest: { readonly at: number; readonly gateway: Gateway } | undefined;
let asking: Promise<Gateway> | undefined;
let askedAt = 0;

/** Issuer and keys, asked for less than `maxAge` ago. Many requests at once ask once. */
export async function gateway(maxAge: number): Promise<Gateway> {
  const now = performance.now();
  const usable = latest !== undefined && now - latest.at < STALE_MS ? latest.gateway : undefined;
  if (asking === undefined) {
    if (usable !== undefined && now - askedAt < maxAge) return usable;
    askedAt = now;
    asking = read().finally(() => {
      asking = undefined;
    });
  }
  return asking.catch((cause) => usable ?? Promise.reject(cause));
}

async function read(): Promise<Gateway> {
  const [{ issuer }, set] = await Promise.all([
    asked('/.well-known/oauth-authorization-server'),
    asked('/.well-known/jwks.json'),
  ]);
  const keys = bearerKeysSchema.safeParse(set);
  if (typeof issuer !== 'string' || !keys.success) throw unavailable('the gateway answered something else');
  latest = { at: performance.now(), gateway: { issuer, keys: keys.data } };
  return latest.gateway;
}

/** Whether a bearer is good at this moment (RFC 7662): the gateway knows at once that somebody was shut out. */
export async function isActive(bearer: string): Promise<boolean> {
  if (TOKEN === undefined) throw unavailable('COUNTERSIGN_TOKEN is not set');
  const { active } = await asked('/oauth/introspect', {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: new URLSearchParams({ token: bearer }),
  });
  return active === true;
}

async function asked(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // A redirect would take our token, and our trust, to somewhere else.
    const answer = await fetch(BASE + path, { ...init, redirect: 'error', signal });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return Object(await answer.json());
  } catch (cause) {
    throw unavailable(`the gateway did not answer ${path}`, cause);
  }
}

function unavailable(detail: string, cause?: unknown): Problem {
  return new Problem('identity_unavailable', { detail, cause });
}
