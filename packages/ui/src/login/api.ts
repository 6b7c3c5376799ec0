// The three calls of the sign-in page. A refusal is a value; only a gateway that cannot be reached throws.
import { parseRefusal } from '../claim/api.ts';
import type { Refusal } from '../claim/claim.ts';
import {
  type Asked,
  challengeBody,
  type LoginKey,
  type LoginStatus,
  parseAsked,
  parseStatus,
  verifyBody,
} from './login.ts';

const ROUTE = '/api/v1/login';

export interface LoginPorts {
  readonly key: LoginKey;
  readonly fetch: typeof globalThis.fetch;
  now(): number;
}

export async function askLogin({ fetch }: Pick<LoginPorts, 'fetch'>): Promise<LoginStatus> {
  const response = await fetch(ROUTE, { headers: { accept: 'application/json' }, cache: 'no-store' });
  const status = parseStatus(await response.json());
  if (!response.ok || status === null) throw new TypeError(`the gateway answered ${response.status}`);
  return status;
}

export type Answer<T> =
  | { readonly is: 'ok'; readonly value: T }
  | { readonly is: 'no'; readonly refusal: Refusal };

/** Asks for a code to be sent. Each call takes a nonce of its own: the person may have thought for a while. */
export async function sendChallenge(ports: LoginPorts, ticket: string | null): Promise<Answer<Asked>> {
  const status = await askLogin(ports);
  const now = ports.now();
  const response = await post(ports, '/challenge', await challengeBody(ports.key, status, ticket));
  const body: unknown = await response.json().catch(() => null);
  const asked = response.ok ? parseAsked(body, status, now) : null;
  if (asked !== null) return { is: 'ok', value: asked };
  return { is: 'no', refusal: parseRefusal(response.status, body) };
}

/** True when this browser is paired now. @throws TypeError when the gateway did not answer, or is in trouble. */
export async function sendCode(
  ports: LoginPorts,
  answer: { readonly requestId: string; readonly code: string },
): Promise<boolean> {
  const status = await askLogin(ports);
  const response = await post(ports, '/verify', await verifyBody(ports.key, status, answer));
  await response.body?.cancel();
  if (response.status >= 500) throw new TypeError(`the gateway answered ${response.status}`);
  return response.ok;
}

function post({ fetch }: LoginPorts, path: string, body: object): Promise<Response> {
  return fetch(ROUTE + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
}
