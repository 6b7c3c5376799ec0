// The frames of `/ws`, one discriminated union each way. Web chat speaks chat.*; a device is told what it may do, is kept in
// tokens, and hears what changed.
import { z } from 'zod';
import { type GatewayKey, type NodeHears, nodeSaysSchemas } from './exec.ts';
import { publicJwkSchema } from './gateway.ts';

/** Longest text of one chat.say, in UTF-16 units. */
export const MAX_SAY = 16_000;

export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('connect'),
    key: publicJwkSchema,
    role: z.enum(['chat', 'operator', 'node']),
    scopes: z.array(z.string().max(40)).max(20),
    ts: z.number().int(),
    nonce: z.string().min(1).max(200),
    signature: z.string().length(86),
    token: z.string().max(2000).optional(),
    name: z.string().max(500).optional(),
  }),
  z.strictObject({ type: z.literal('chat.say'), id: z.string().min(8).max(64), text: z.string() }),
  z.strictObject({ type: z.literal('chat.resume'), after: z.number().int().min(0) }),
  /** A device that was away: what changed behind this place of the feed? */
  z.strictObject({
    type: z.literal('resume'),
    epoch: z.string().min(1).max(40),
    after: z.number().int().min(0),
  }),
  ...nodeSaysSchemas,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

export type ChatState =
  | 'unknown'
  | 'pending'
  | 'waiting'
  | 'paired'
  | 'denied'
  | 'revoked'
  | 'expired'
  | 'silent';

/** What changed, by the name of its list in the API: whoever may read it reads it over HTTP. */
export type DeviceEvent =
  /** `of`: pairings, people, devices, …; `why`: types of the audit events behind it. */
  | { event: 'changed'; seq: number; of: readonly string[]; why: readonly string[] }
  /** What was missed cannot be told any more: everything may be old. */
  | { event: 'reset'; seq: number }
  /** The listening device itself may do something else from now on. */
  | { event: 'device.changed'; device: string; scopes: readonly string[] };

export type ServerFrame =
  | { type: 'connect.challenge'; gateway: string; nonce: string; ts: number }
  | { type: 'hello'; device: string; role: 'chat'; scopes: readonly string[]; name?: string }
  | {
      type: 'hello';
      /** Thumbprint of its key. */
      device: string;
      id: string;
      role: 'operator' | 'node';
      /** What it may do now, of what it asked for. */
      scopes: readonly string[];
      token: string;
      expiresAt: string;
      /** For the next proof over HTTP. */
      nonce: string;
      /** Where the feed of changes stands, for those that may read. */
      feed?: { epoch: string; seq: number };
      /** For machines that run things: the key of grants, which they pin when they are let in. */
      gatewayKey?: GatewayKey;
    }
  /** The next token, in time; the one before is good until this one is used. */
  | { type: 'token'; token: string; expiresAt: string; nonce: string }
  | ({ type: 'event' } & DeviceEvent)
  | NodeHears
  | {
      type: 'error';
      code: string;
      hint: string;
      /** Why a person has to decide: new_key, more_scopes, other_role, was_ended. */
      reason?: string;
      requestId?: string;
      command?: string;
      expiresAt?: string;
      /** What the key holds already: a fresh connect with these works at once. */
      held?: readonly string[];
    }
  | { type: 'chat.state'; state: ChatState; code?: string; expiresAt?: string; name?: string }
  | {
      type: 'chat.message';
      seq: number;
      id: string;
      from: 'you' | 'agent' | 'gateway';
      text: string;
      at: string;
    }
  | { type: 'chat.delta'; turn: string; index: number; text: string }
  | { type: 'chat.done'; turn: string; seq: number }
  /** This browser was forgotten: what the page shows is no longer kept here. Counting begins anew. */
  | { type: 'chat.reset' }
  /** Received, not passed on: this person is not approved. */
  | { type: 'chat.hold'; id: string }
  /** Received, and meant for the gateway: a command of somebody entitled. Its answer is a line of its own. */
  | { type: 'chat.taken'; id: string }
  /** Not taken at all. */
  | { type: 'chat.refused'; id: string; reason: string; hint: string };
