// The wire between the page and the gateway. A frame is parsed once, here; what is not of a known form is dropped, so
// that a newer gateway can say more without breaking an older page.
import type { PublicJwk } from '../device-key.ts';

export type Millis = number;
export type Speaker = 'you' | 'agent' | 'gateway';

export const PERSON_STATES = [
  'unknown',
  'pending',
  'waiting',
  'paired',
  'denied',
  'revoked',
  'expired',
  'silent',
] as const;
export type PersonState = (typeof PERSON_STATES)[number];

export interface Challenge {
  readonly type: 'connect.challenge';
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: Millis;
}
export interface Person {
  readonly state: PersonState;
  readonly code?: string;
  readonly expiresAt?: Millis;
  readonly name?: string;
}
export interface MessageFrame {
  readonly type: 'chat.message';
  readonly seq: number;
  readonly id: string;
  readonly from: Speaker;
  readonly text: string;
  readonly at: Millis | null;
}
export type ChatFrame =
  | { readonly type: 'hello'; readonly device: string }
  | ({ readonly type: 'chat.state' } & Person)
  | MessageFrame
  | { readonly type: 'chat.delta'; readonly turn: string; readonly index: number; readonly text: string }
  | { readonly type: 'chat.done'; readonly turn: string; readonly seq: number }
  /** The gateway has forgotten this browser: counting begins anew. */
  | { readonly type: 'chat.reset' }
  | { readonly type: 'chat.hold'; readonly id: string }
  | { readonly type: 'chat.taken'; readonly id: string }
  | { readonly type: 'chat.refused'; readonly id: string; readonly reason: string; readonly hint: string };
export type ServerFrame =
  | Challenge
  | ChatFrame
  | { readonly type: 'error'; readonly code: string; readonly hint: string };

export interface ConnectFrame {
  readonly type: 'connect';
  readonly key: PublicJwk;
  readonly role: 'chat';
  readonly scopes: readonly [];
  readonly ts: Millis;
  readonly nonce: string;
  readonly signature: string;
  readonly name?: string;
}
export type ClientFrame =
  | ConnectFrame
  | { readonly type: 'chat.say'; readonly id: string; readonly text: string }
  | { readonly type: 'chat.resume'; readonly after: number };

type Fields = Readonly<Record<string, unknown>>;

/** One frame of the gateway, or null for anything this page does not understand. */
export function parseFrame(data: unknown): ServerFrame | null {
  const fields = typeof data === 'string' ? fieldsOf(data) : null;
  if (fields === null) return null;
  const type = text(fields, 'type');
  switch (type) {
    case 'connect.challenge':
      return whole({
        type,
        gateway: text(fields, 'gateway'),
        nonce: text(fields, 'nonce'),
        ts: whence(fields, 'ts'),
      });
    case 'hello':
      return whole({ type, device: text(fields, 'device') });
    case 'chat.state':
      return personOf(fields);
    case 'chat.message': {
      const said = whole({
        type,
        seq: count(fields, 'seq'),
        id: text(fields, 'id'),
        text: text(fields, 'text'),
      });
      const from = speaker(fields['from']);
      return said === null || from === null ? null : { ...said, from, at: whence(fields, 'at') };
    }
    case 'chat.delta':
      return whole({
        type,
        turn: text(fields, 'turn'),
        index: count(fields, 'index'),
        text: text(fields, 'text'),
      });
    case 'chat.done':
      return whole({ type, turn: text(fields, 'turn'), seq: count(fields, 'seq') });
    case 'chat.reset':
      return { type };
    case 'chat.hold':
    case 'chat.taken':
      return whole({ type, id: text(fields, 'id') });
    case 'chat.refused':
      return whole({
        type,
        id: text(fields, 'id'),
        reason: text(fields, 'reason') ?? '',
        hint: text(fields, 'hint') ?? '',
      });
    case 'error':
      return whole({ type, code: text(fields, 'code'), hint: text(fields, 'hint') ?? '' });
    default:
      return null;
  }
}

type Whole<T> = { readonly [K in keyof T]: Exclude<T[K], null> };

/** The object, when no field of it is missing. */
function whole<T extends object>(parts: T): Whole<T> | null {
  return isWhole(parts) ? parts : null;
}

function isWhole<T extends object>(parts: T): parts is T & Whole<T> {
  return Object.values(parts).every((part) => part !== null);
}

function fieldsOf(data: string): Fields | null {
  try {
    const value: unknown = JSON.parse(data);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

function count(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Times are milliseconds on the socket; ISO-8601, as everywhere else, is understood as well. */
function whence(fields: Fields, name: string): Millis | null {
  const value = fields[name];
  if (typeof value === 'string') return Number.isNaN(Date.parse(value)) ? null : Date.parse(value);
  return count(fields, name);
}

function speaker(value: unknown): Speaker | null {
  return value === 'you' || value === 'agent' || value === 'gateway' ? value : null;
}

function personOf(fields: Fields): ChatFrame | null {
  const state = PERSON_STATES.find((known) => known === fields['state']);
  if (state === undefined) return null;
  const code = text(fields, 'code');
  const expiresAt = whence(fields, 'expiresAt');
  const name = text(fields, 'name');
  return {
    type: 'chat.state',
    state,
    ...(code === null ? {} : { code }),
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(name === null ? {} : { name }),
  };
}
