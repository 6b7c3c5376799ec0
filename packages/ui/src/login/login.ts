// Signing in by a code from the owner's chat: what is signed, what is read, how long a code is still good. The page knows
// nothing of whether a code was sent; it says what the gateway says, and one sentence for every refusal (R13).
import type { DeviceKey } from '../device-key.ts';
import { type Fields, fieldsOf, numberOf, textOf, timeOf } from '../shared/fields.ts';

export interface LoginStatus {
  readonly available: boolean;
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: number;
  /** How many digits a code has; null when the gateway does not say. */
  readonly digits: number | null;
}

export interface Asked {
  readonly requestId: string;
  readonly phrase: string;
  /** By the clock of this browser. */
  readonly until: number;
  readonly digits: number | null;
}

export type LoginNonce = Pick<LoginStatus, 'gateway' | 'nonce' | 'ts'>;
export type LoginKey = Pick<DeviceKey, 'jwk' | 'device' | 'sign'>;

const DOMAIN = 'countersign.login.v1';

export async function challengeBody(
  key: LoginKey,
  { gateway, nonce, ts }: LoginNonce,
  ticket: string | null,
): Promise<object> {
  const more = ticket === null ? {} : { ticket };
  const signature = await key.sign(DOMAIN, { device: key.device, gateway, nonce, ts, ...more });
  return { key: key.jwk, nonce, ts, signature, ...more };
}

export async function verifyBody(
  key: LoginKey,
  { gateway, nonce, ts }: LoginNonce,
  answer: { readonly requestId: string; readonly code: string },
): Promise<object> {
  const { requestId, code } = answer;
  const signature = await key.sign(DOMAIN, { device: key.device, gateway, nonce, ts, requestId, code });
  return { requestId, code, nonce, ts, signature };
}

export function parseStatus(value: unknown): LoginStatus | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const gateway = textOf(fields, 'gateway');
  const nonce = textOf(fields, 'nonce');
  const ts = numberOf(fields, 'ts');
  if (gateway === null || nonce === null || ts === null) return null;
  return { available: fields['available'] === true, gateway, nonce, ts, digits: digitsIn(fields) };
}

/** `now`: where this browser's clock stood when the gateway's stood at `ts`. They may be years apart. */
export function parseAsked(
  value: unknown,
  { ts, digits }: Pick<LoginStatus, 'ts' | 'digits'>,
  now: number,
): Asked | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const requestId = textOf(fields, 'requestId');
  const phrase = textOf(fields, 'phrase');
  const expiresAt = timeOf(fields, 'expiresAt');
  if (requestId === null || phrase === null || expiresAt === null) return null;
  return { requestId, phrase, until: now + (expiresAt - ts), digits };
}

function digitsIn(fields: Fields): number | null {
  const digits = numberOf(fields, 'digits');
  return digits !== null && digits >= 4 && digits <= 10 ? digits : null;
}

/** A ticket as it is sent: what people add while typing is dropped. Null when nothing is left. */
export function ticketOf(typed: string): string | null {
  const ticket = typed
    .toWellFormed()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase()
    .slice(0, 64);
  return ticket === '' ? null : ticket;
}
