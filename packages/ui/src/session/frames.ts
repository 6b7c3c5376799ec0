// What the gateway says to a device on `/ws`. A frame is parsed once, here; what is of no known form becomes `event`, so
// that a newer gateway can say more without breaking an older page.
import { type Fields, fieldsOf, jsonFields, numberOf, textOf, timeOf } from '../shared/fields.ts';

export const SCOPES = ['approvals', 'manage', 'node', 'pairing', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Challenge {
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: number;
}
export interface Hello {
  readonly device: string;
  readonly role: string;
  readonly scopes: readonly Scope[];
}
/** A token and the nonce for the next proof. In memory only. */
export interface Pass {
  readonly token: string;
  readonly nonce: string;
}
export interface Refused {
  readonly code: string;
  readonly hint: string;
  readonly requestId: string | null;
  readonly command: string | null;
  readonly expiresAt: number | null;
  /** What this browser holds already: a connect that asks for no more than that works at once. */
  readonly held: readonly Scope[];
}
/** A place in the gateway's feed of changes; of another epoch it means nothing. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}
/** What is old now: lists by their names in the API, or all of them. `why`: types of audit events. */
export type Change =
  | { readonly what: 'lists'; readonly of: readonly string[]; readonly why: readonly string[] }
  | { readonly what: 'everything' };
export type DeviceFrame =
  | { readonly type: 'challenge'; readonly challenge: Challenge }
  | { readonly type: 'hello'; readonly hello: Hello; readonly pass: Pass; readonly feed: Place | null }
  | { readonly type: 'token'; readonly pass: Pass }
  | { readonly type: 'error'; readonly refused: Refused }
  /** `scopes`: what this browser may do from now on, when that has changed. */
  | {
      readonly type: 'event';
      readonly seq: number | null;
      readonly change: Change;
      readonly scopes: readonly Scope[] | null;
    };

export function parseFrame(data: unknown): DeviceFrame | null {
  const fields = jsonFields(data);
  switch (fields?.['type']) {
    case undefined:
      return null;
    case 'connect.challenge':
      return challengeOf(fields);
    case 'hello': {
      const hello = helloOf(fields);
      const pass = passOf(fields);
      return hello === null || pass === null
        ? null
        : { type: 'hello', hello, pass, feed: feedOf(fields['feed']) };
    }
    case 'token': {
      const pass = passOf(fields);
      return pass === null ? null : { type: 'token', pass };
    }
    case 'error':
      return { type: 'error', refused: refusedOf(fields) };
    default:
      return fields === null ? null : eventOf(fields);
  }
}

function feedOf(value: unknown): Place | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const epoch = textOf(fields, 'epoch');
  const seq = numberOf(fields, 'seq');
  return epoch === null || seq === null ? null : { epoch, seq };
}

function eventOf(fields: Fields): DeviceFrame {
  const seq = numberOf(fields, 'seq');
  const scopes = Array.isArray(fields['scopes']) ? scopesOf(fields['scopes']) : null;
  const of = wordsOf(fields['of']);
  // A newer gateway may say more than this page has words for: then everything may be old.
  const isKnown = fields['event'] === 'changed' && of.length > 0;
  const change: Change = isKnown
    ? { what: 'lists', of, why: wordsOf(fields['why']) }
    : { what: 'everything' };
  return { type: 'event', seq, change, scopes };
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}

function challengeOf(fields: Fields): DeviceFrame | null {
  const gateway = textOf(fields, 'gateway');
  const nonce = textOf(fields, 'nonce');
  const ts = numberOf(fields, 'ts');
  return gateway === null || nonce === null || ts === null
    ? null
    : { type: 'challenge', challenge: { gateway, nonce, ts } };
}

function helloOf(fields: Fields): Hello | null {
  const device = textOf(fields, 'device');
  const role = textOf(fields, 'role');
  return device === null || role === null ? null : { device, role, scopes: scopesOf(fields['scopes']) };
}

function passOf(fields: Fields): Pass | null {
  const token = textOf(fields, 'token');
  const nonce = textOf(fields, 'nonce');
  return token === null || nonce === null ? null : { token, nonce };
}

function refusedOf(fields: Fields): Refused {
  return {
    code: textOf(fields, 'code') ?? 'internal',
    hint: textOf(fields, 'hint') ?? '',
    requestId: textOf(fields, 'requestId'),
    command: textOf(fields, 'command'),
    expiresAt: timeOf(fields, 'expiresAt'),
    held: scopesOf(fields['held']),
  };
}

/** Scopes this page has no words for are left out: it could not say what they mean. */
function scopesOf(value: unknown): readonly Scope[] {
  return Array.isArray(value) ? SCOPES.filter((scope) => value.includes(scope)) : [];
}

/** As the browser remembers them; null when it remembers none. */
export function scopesIn(text: string | null): readonly Scope[] | null {
  const scopes = scopesOf(text?.split(' '));
  return scopes.length === 0 ? null : scopes;
}
