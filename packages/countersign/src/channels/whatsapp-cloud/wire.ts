// One delivery of Meta → messages and fates, or nothing. The signature is checked over the bytes as they came, before
// anything is read from them; who wrote is the id beside the message, never a contact card that merely stands near it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Conversation, Inbound } from '../../core/message.ts';
import type { Millis } from '../../core/ports.ts';
import { CLOUD_PEER } from './traits.ts';

/** Meta delivers again for up to a week. An older delivery is somebody else's copy, and the ledger may have forgotten it. */
const MAX_AGE_MS = 7 * 86_400_000;
/** Words and presses older than this decide nothing: Meta signs no time of delivery, so a copy looks like the original. */
const FRESH_MS = 10 * 60_000;
/** How far ahead of ours Meta's clock may be. */
const AHEAD_MS = 5 * 60_000;

/** Which of our numbers this is, and since when it listens. */
export interface Us {
  readonly account: string;
  readonly phoneNumberId: string;
  readonly since: Millis;
  readonly now: Millis;
}

/** What became of a message of ours. */
export interface Fate {
  readonly id: string;
  readonly fate: 'delivered' | 'failed';
  readonly reason?: string;
}

/** A person has another id from now on. */
export interface Moved {
  readonly from: Native;
  readonly to: Native | null;
  readonly at: Millis | null;
}

export type Happening =
  | { readonly is: 'message'; readonly inbound: Inbound }
  | { readonly is: 'fate'; readonly fate: Fate }
  | { readonly is: 'moved'; readonly moved: Moved };

/** True when `header` is the HMAC of exactly these bytes under our app secret. No secret verifies nothing (H59). */
export function isSigned(raw: Uint8Array, header: string | null, secret: string): boolean {
  const [, hex] = /^sha256=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (hex === undefined || secret === '') return false;
  return timingSafeEqual(createHmac('sha256', secret).update(raw).digest(), Buffer.from(hex, 'hex'));
}

/** Digits of a phone, or a business-scoped id. */
const id = z.string().min(1).max(256);
const words = z.string().optional();
const mark = z.unknown().optional();

const contact = z.looseObject({
  wa_id: words,
  user_id: words,
  profile: z.looseObject({ name: words, username: words }).optional(),
});

const message = z.looseObject({
  id,
  from: id.optional(),
  from_user_id: id.optional(),
  group_id: mark,
  timestamp: z.union([z.string().max(20), z.number()]).optional(),
  type: z.string().max(64),
  context: z.looseObject({ forwarded: mark, frequently_forwarded: mark }).optional(),
  text: z.looseObject({ body: words }).optional(),
  button: z.looseObject({ payload: words }).optional(),
  interactive: z
    .looseObject({
      type: words,
      button_reply: z.looseObject({ id: words }).optional(),
      list_reply: z.looseObject({ id: words }).optional(),
    })
    .optional(),
  image: z.looseObject({ caption: words }).optional(),
  video: z.looseObject({ caption: words }).optional(),
  document: z.looseObject({ caption: words }).optional(),
  system: z.looseObject({ type: words, wa_id: words, user_id: words }).optional(),
});
type Message = z.output<typeof message>;

const echo = z.looseObject({ id, to: id, timestamp: message.shape.timestamp, text: message.shape.text });

const status = z.looseObject({
  status: z.string().max(64),
  biz_opaque_callback_data: z.string().min(1).max(128),
  errors: z.array(z.looseObject({ code: z.number() })).optional(),
});

const update = z.looseObject({
  user_id: z.looseObject({ previous: id, current: id }),
  timestamp: message.shape.timestamp,
});

const list = z.array(z.unknown()).optional();
const change = z.looseObject({
  field: z.string(),
  value: z.looseObject({
    metadata: z.looseObject({ phone_number_id: z.string() }),
    contacts: list,
    messages: list,
    message_echoes: list,
    statuses: list,
    user_id_update: list,
  }),
});
type Value = z.output<typeof change>['value'];

const delivery = z.looseObject({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.looseObject({ changes: z.array(z.unknown()).optional() })),
});

/** Never throws, whatever it is given. What is for another number of ours is left out. @returns null for no delivery. */
export function readDelivery(value: unknown, us: Us): readonly Happening[] | null {
  const read = delivery.safeParse(value);
  if (!read.success) return null;
  return read.data.entry
    .flatMap(({ changes = [] }) => each(change, changes))
    .filter(({ value: { metadata } }) => metadata.phone_number_id === us.phoneNumberId)
    .flatMap(({ field, value: told }) => readChange(field, told, us));
}

function readChange(field: string, value: Value, us: Us): readonly Happening[] {
  switch (field) {
    case 'messages':
      return [
        ...each(message, value.messages).flatMap((one) => readMessage(one, value, us)),
        ...each(status, value.statuses).flatMap(readStatus),
      ];
    case 'smb_message_echoes':
      return each(echo, value.message_echoes).flatMap((one) => readEcho(one, us));
    case 'user_id_update':
      return each(update, value.user_id_update).flatMap(({ user_id: { previous, current }, timestamp }) =>
        movedOf(parseNative(previous, CLOUD_PEER), parseNative(current, CLOUD_PEER), timeOf(timestamp)),
      );
    default:
      // `history` are copies of the past; templates, calls and accounts say nothing to an agent.
      return [];
  }
}

/** One that does not fit takes nobody else with it. */
function each<S extends z.ZodType>(schema: S, values: readonly unknown[] | undefined): z.output<S>[] {
  return (values ?? []).flatMap((value) => {
    const { success, data } = schema.safeParse(value);
    return success ? [data] : [];
  });
}

function readMessage(one: Message, value: Value, us: Us): readonly Happening[] {
  const sender = senderOf(one);
  if (sender === null) return [];
  const { native, alias } = sender;
  const sentAt = timeOf(one.timestamp);
  const said = wordsOf(one);
  const press = pressOf(one);
  const conversation = placeOf(one, native);
  const card = contactOf(one, value);
  const inbound: Inbound = {
    peer: { channel: 'whatsapp-cloud', account: us.account, native },
    alias,
    assurance: 'medium',
    actor: one.type === 'system' ? 'system' : 'human',
    conversation,
    messageId: one.id,
    kind: press !== null ? 'button' : kindOf(one, said),
    text: press === null ? (said ?? '').toWellFormed() : '',
    sentAt,
    arrived: arrivalOf(sentAt, us),
    forwarded: isTrue(one.context?.forwarded) || isTrue(one.context?.frequently_forwarded),
    quoted: false,
    press: press === null ? null : { value: press.toWellFormed(), handle: JSON.stringify([native, one.id]) },
    mentioned: conversation.kind === 'direct',
    displayName: label(card?.profile?.name),
    username: label(card?.profile?.username),
    address: null,
  };
  const happening = { is: 'message', inbound } as const;
  return one.type === 'system' ? [happening, ...movedBy(one, native)] : [happening];
}

/** An id that is there and is none is not replaced by the next best: that would be somebody else's (H05). */
function senderOf({ from, from_user_id: scoped }: Message): { native: Native; alias: Native | null } | null {
  const phone = from === undefined ? null : phoneOf(from);
  if (from !== undefined && phone === null) return null;
  if (scoped === undefined) return phone === null ? null : { native: phone, alias: null };
  const native = scoped.startsWith('+') ? null : parseNative(scoped, CLOUD_PEER);
  return native === null ? null : { native, alias: phone };
}

/** Meta writes phone numbers without the plus. */
export function phoneOf(digits: string): Native | null {
  return /^\d+$/.test(digits) ? parseNative(`+${digits}`, CLOUD_PEER) : null;
}

/** H11: what is no group and no direct chat that we know is neither. */
function placeOf({ group_id: group }: Message, native: Native): Conversation {
  if (group === undefined) return { kind: 'direct', id: native };
  const isId = typeof group === 'string' && /^[\w@.=:-]{1,200}$/.test(group);
  return isId ? { kind: 'group', id: group } : { kind: 'unknown', id: 'unknown' };
}

/** Only a card that bears the sender's own id: the first one of the list may be anybody's. */
function contactOf({ from, from_user_id: scoped }: Message, value: Value): z.output<typeof contact> | null {
  const cards = each(contact, value.contacts);
  const found = cards.find(({ wa_id: phone, user_id: own }) =>
    scoped === undefined ? phone !== undefined && phone === from : own === scoped,
  );
  return found ?? null;
}

function wordsOf(one: Message): string | null {
  switch (one.type) {
    case 'text':
      return one.text?.body ?? null;
    case 'image':
      return one.image?.caption ?? null;
    case 'video':
      return one.video?.caption ?? null;
    case 'document':
      return one.document?.caption ?? null;
    default:
      return null;
  }
}

function kindOf(one: Message, said: string | null): Inbound['kind'] {
  if (said !== null) return 'text';
  if (one.type === 'reaction') return 'reaction';
  return one.type === 'edit' ? 'edit' : 'other';
}

/** What a button of ours carried. Whoever sees it can press it: only who pressed is proven (H40). */
function pressOf(one: Message): string | null {
  if (one.type === 'button') return one.button?.payload ?? null;
  if (one.type !== 'interactive') return null;
  return one.interactive?.button_reply?.id ?? one.interactive?.list_reply?.id ?? null;
}

/** Our own number, writing from the app on a phone beside us. */
function readEcho(one: z.output<typeof echo>, us: Us): readonly Happening[] {
  const native = phoneOf(one.to) ?? parseNative(one.to, CLOUD_PEER);
  if (native === null) return [];
  const sentAt = timeOf(one.timestamp);
  const inbound: Inbound = {
    peer: { channel: 'whatsapp-cloud', account: us.account, native },
    assurance: 'medium',
    actor: 'self',
    conversation: { kind: 'direct', id: native },
    messageId: one.id,
    kind: 'text',
    text: (one.text?.body ?? '').toWellFormed(),
    sentAt,
    arrived: arrivalOf(sentAt, us),
    forwarded: false,
    quoted: false,
    press: null,
    mentioned: false,
    displayName: null,
    username: null,
    address: null,
  };
  return [{ is: 'message', inbound }];
}

const FAILURES: ReadonlyMap<number, string> = new Map([
  [131_047, 'outside_window'],
  [131_026, 'not_reachable'],
  [131_049, 'held_back'],
  [131_048, 'rate_limited'],
  [131_050, 'stopped_by_person'],
]);

function readStatus(one: z.output<typeof status>): readonly Happening[] {
  const { status: word, biz_opaque_callback_data: ours, errors } = one;
  if (word === 'delivered' || word === 'read') return [{ is: 'fate', fate: { id: ours, fate: 'delivered' } }];
  if (word !== 'failed') return [];
  const reason = FAILURES.get(errors?.[0]?.code ?? 0) ?? 'platform_failed';
  return [{ is: 'fate', fate: { id: ours, fate: 'failed', reason } }];
}

const CHANGES: ReadonlySet<string> = new Set(['user_changed_number', 'user_changed_user_id']);

/** Said by the platform about the sender. */
function movedBy({ system, timestamp }: Message, from: Native): readonly Happening[] {
  if (!CHANGES.has(system?.type ?? '')) return [];
  const to = system?.user_id ?? null;
  const phone = system?.wa_id ?? null;
  const native = to !== null ? parseNative(to, CLOUD_PEER) : phone !== null ? phoneOf(phone) : null;
  return movedOf(from, native, timeOf(timestamp));
}

function movedOf(from: Native | null, to: Native | null, at: Millis | null): readonly Happening[] {
  return from === null || from === to ? [] : [{ is: 'moved', moved: { from, to, at } }];
}

function timeOf(timestamp: Message['timestamp']): Millis | null {
  const seconds =
    typeof timestamp === 'number' ? timestamp : /^\d{1,12}$/.test(timestamp ?? '') ? Number(timestamp) : -1;
  return Number.isSafeInteger(seconds) && seconds >= 0 && seconds < 1e12 ? seconds * 1_000 : null;
}

/** Meta counts seconds: what was said in the second of our start counts as said to us. Without a time nothing is live. */
function arrivalOf(sentAt: Millis | null, { since, now }: Us): Inbound['arrived'] {
  if (sentAt === null) return 'backlog';
  if (now - sentAt > MAX_AGE_MS) return 'history';
  const wasThere = sentAt >= Math.floor(since / 1_000) * 1_000;
  return wasThere && now - sentAt <= FRESH_MS && sentAt - now <= AHEAD_MS ? 'live' : 'backlog';
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** A label is kept in the clear: halves of characters and zero bytes are kept by no store. */
function label(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text.toWellFormed().replaceAll('\0', '\uFFFD');
}
