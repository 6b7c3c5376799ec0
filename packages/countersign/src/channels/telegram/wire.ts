// One Telegram update → one inbound message, or nothing. Who wrote is `from.id`, which Telegram assigns and nobody edits;
// user names, names and texts are labels and words, and never become an identity (H01). Pure: bytes in, Inbound out.
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Conversation, Inbound } from '../../core/message.ts';
import type { Millis } from '../../core/ports.ts';
import { TELEGRAM_PEER } from './traits.ts';

/** What becomes of each kind of update, every one that the interface knows; one it learns later is let pass unread (H18).
 * `asked`: those we ask for. The others come only from a server that was told otherwise. */
export const UPDATE_FATES = {
  message: 'asked',
  edited_message: 'asked',
  callback_query: 'asked',
  message_reaction: 'asked',
  my_chat_member: 'asked',
  chat_member: 'noted',
  chat_join_request: 'noted',
  // Said by a channel, not by a person.
  channel_post: 'noted',
  edited_channel_post: 'noted',
  // Written to the owner of a business account, not to us.
  business_connection: 'ignored',
  business_message: 'ignored',
  edited_business_message: 'ignored',
  deleted_business_messages: 'ignored',
  // Written where we were only called in.
  guest_message: 'ignored',
  inline_query: 'ignored',
  chosen_inline_result: 'ignored',
  // Counts, polls, money and boosts say nothing to an agent.
  message_reaction_count: 'ignored',
  stopped_message_generation: 'ignored',
  poll: 'ignored',
  poll_answer: 'ignored',
  shipping_query: 'ignored',
  pre_checkout_query: 'ignored',
  purchased_paid_media: 'ignored',
  chat_boost: 'ignored',
  removed_chat_boost: 'ignored',
  managed_bot: 'ignored',
  subscription: 'ignored',
} as const;

type UpdateType = keyof typeof UPDATE_FATES;
type AskedType = {
  [T in UpdateType]: (typeof UPDATE_FATES)[T] extends 'asked' ? T : never;
}[UpdateType];

export const ASKED: readonly AskedType[] = [
  'message',
  'edited_message',
  'callback_query',
  'message_reaction',
  'my_chat_member',
];

/** Who we are on Telegram, and since when we listen. */
export interface Us {
  readonly account: string;
  readonly id: number;
  /** Without the @. */
  readonly username: string;
  /** When this connection was made, or made again. */
  readonly since: Millis;
  /** What waited for us is being handed over: a press carries no time, so this tells an old one from a new one. */
  readonly catchingUp: boolean;
}

const id = z.int().positive();
const flag = z.boolean().optional();
const words = z.string().optional();
const user = z.looseObject({ id, is_bot: flag, first_name: words, last_name: words, username: words });
const chat = z.looseObject({ id: z.int(), type: z.string() });
const entity = z.looseObject({
  type: z.string(),
  offset: z.int().nonnegative(),
  length: z.int().nonnegative(),
  user: z.looseObject({ id }).optional(),
});
const entities = z.array(entity).optional();
/** Only whether it is there: what is inside is somebody else's. */
const mark = z.unknown().optional();

const message = z.looseObject({
  message_id: z.int(),
  date: z.int().nonnegative(),
  chat,
  from: user.optional(),
  sender_chat: mark,
  sender_business_bot: mark,
  business_connection_id: mark,
  guest_query_id: mark,
  guest_bot_caller_user: mark,
  message_thread_id: z.int().optional(),
  is_topic_message: flag,
  is_automatic_forward: flag,
  edit_date: z.int().optional(),
  forward_origin: mark,
  forward_date: mark,
  via_bot: mark,
  reply_to_message: z
    .looseObject({ from: z.looseObject({ id }).optional(), forum_topic_created: mark })
    .optional(),
  text: words,
  entities,
  caption: words,
  caption_entities: entities,
});

const callback = z.looseObject({
  id: z.string().min(1).max(128),
  from: user,
  // Zero stands where a message is too old to be shown.
  message: z
    .looseObject({
      date: z.int().optional(),
      chat,
      message_thread_id: z.int().optional(),
      is_topic_message: flag,
    })
    .optional(),
  data: words,
});

const happening = z.looseObject({
  date: z.int().nonnegative(),
  chat,
  from: user.optional(),
  user: user.optional(),
  actor_chat: mark,
});

const numbered = z.looseObject({ update_id: z.int().nonnegative() });

type User = z.output<typeof user>;
type Message = z.output<typeof message>;

/** The number of an update, by which it is acknowledged; null for what is none. */
export function updateNumber(update: unknown): number | null {
  const read = numbered.safeParse(update);
  return read.success ? read.data.update_id : null;
}

/** Never throws, whatever it is given. */
export function readUpdate(update: unknown, us: Us): Inbound | null {
  const read = numbered.safeParse(update);
  if (!read.success) return null;
  const { update_id: number, ...rest } = read.data;
  for (const [type, value] of Object.entries(rest)) {
    switch (type) {
      case 'message':
      case 'channel_post':
        return parsed(message, value, (one) => readMessage(one, us, 'text'));
      case 'edited_message':
      case 'edited_channel_post':
        return parsed(message, value, (one) => readMessage(one, us, 'edit'));
      case 'callback_query':
        return parsed(callback, value, (one) => readPress(one, us));
      case 'message_reaction':
        return parsed(happening, value, (one) => readHappening(one, us, 'reaction', number));
      case 'my_chat_member':
      case 'chat_member':
      case 'chat_join_request':
        return parsed(happening, value, (one) => readHappening(one, us, 'other', number));
    }
  }
  return null;
}

function parsed<S extends z.ZodType>(
  schema: S,
  value: unknown,
  read: (value: z.output<S>) => Inbound | null,
): Inbound | null {
  const { success, data } = schema.safeParse(value);
  return success ? read(data) : null;
}

function readMessage(one: Message, us: Us, as: 'text' | 'edit'): Inbound | null {
  const { from, text, caption } = one;
  // To the owner of a business account, or where we are a guest: not said to us.
  if (from === undefined || one.business_connection_id !== undefined || one.guest_query_id !== undefined)
    return null;
  const said = text ?? caption;
  const found = (text === undefined ? one.caption_entities : one.entities) ?? [];
  const sender = readSender(from, us);
  const conversation = readConversation(one, from);
  if (sender === null) return null;
  return {
    ...sender,
    actor: actorOf(one, from, us),
    conversation,
    messageId: as === 'edit' ? `${one.message_id}:edit:${one.edit_date ?? 0}` : String(one.message_id),
    kind: as === 'edit' ? 'edit' : said === undefined ? 'other' : 'text',
    text: (said ?? '').toWellFormed(),
    sentAt: one.date * 1_000,
    arrived: arrivalOf(one.date, us),
    forwarded:
      one.forward_origin !== undefined ||
      one.forward_date !== undefined ||
      one.via_bot !== undefined ||
      one.is_automatic_forward === true,
    quoted: beginsQuoted(said ?? '', found),
    press: null,
    mentioned: conversation.kind === 'direct' || namesUs(one, said ?? '', found, us),
  };
}

/** Whoever sees a button can press it, and the data can be made up: only who pressed is proven. */
function readPress(
  { id: handle, from, message: card, data }: z.output<typeof callback>,
  us: Us,
): Inbound | null {
  const sender = readSender(from, us);
  if (sender === null) return null;
  return {
    ...sender,
    actor: from.is_bot === true ? 'bot' : 'human',
    // A card we can no longer see does not say where it hangs (H11).
    conversation:
      card === undefined || card.date === 0
        ? { kind: 'unknown', id: 'unknown' }
        : readConversation(card, from),
    messageId: `cb:${handle}`,
    kind: 'button',
    text: '',
    sentAt: null,
    arrived: us.catchingUp ? 'backlog' : 'live',
    forwarded: false,
    quoted: false,
    press: data === undefined ? null : { value: data.toWellFormed(), handle },
    mentioned: true,
  };
}

function readHappening(
  one: z.output<typeof happening>,
  us: Us,
  kind: 'reaction' | 'other',
  number: number,
): Inbound | null {
  const who = one.user ?? one.from;
  const sender = who === undefined ? null : readSender(who, us);
  if (who === undefined || sender === null) return null;
  return {
    ...sender,
    actor:
      one.actor_chat !== undefined
        ? 'anonymous'
        : who.id === us.id
          ? 'self'
          : who.is_bot === true
            ? 'bot'
            : 'human',
    conversation: readConversation(one, who),
    messageId: `update:${number}`,
    kind,
    text: '',
    sentAt: one.date * 1_000,
    arrived: arrivalOf(one.date, us),
    forwarded: false,
    quoted: false,
    press: null,
    mentioned: false,
  };
}

type Sender = Pick<Inbound, 'peer' | 'assurance' | 'displayName' | 'username' | 'address'>;

function readSender(from: User, { account }: Us): Sender | null {
  const native = nativeOf(from);
  if (native === null) return null;
  const name = [from.first_name, from.last_name]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  return {
    peer: { channel: 'telegram', account, native },
    assurance: 'medium',
    displayName: name === '' ? null : clean(name),
    username: from.username === undefined || from.username === '' ? null : clean(from.username),
    address: null,
  };
}

function nativeOf(from: User): Native | null {
  return parseNative(String(from.id), TELEGRAM_PEER);
}

/** Accounts of Telegram's own that stand in `from` where there is no person: its news, channels, anonymous admins. */
const STAND_INS: ReadonlyMap<number, Inbound['actor']> = new Map([
  [777_000, 'system'],
  [136_817_688, 'anonymous'],
  [1_087_968_824, 'anonymous'],
]);

function actorOf(one: Message, from: User, us: Us): Inbound['actor'] {
  if (from.id === us.id) return 'self';
  if (one.chat.type === 'channel' || one.is_automatic_forward === true) return 'system';
  if (one.sender_chat !== undefined) return 'anonymous';
  const standIn = STAND_INS.get(from.id);
  if (standIn !== undefined) return standIn;
  const isBot =
    from.is_bot === true || one.sender_business_bot !== undefined || one.guest_bot_caller_user !== undefined;
  return isBot ? 'bot' : 'human';
}

type Placed = Pick<Message, 'chat' | 'message_thread_id' | 'is_topic_message'>;

function readConversation(
  { chat: at, message_thread_id: thread, is_topic_message: topic }: Placed,
  from: User,
): Conversation {
  const place = String(at.id);
  switch (at.type) {
    case 'private':
      // A direct chat is named by its person: another name there is none that we know.
      return at.id === from.id ? { kind: 'direct', id: place } : { kind: 'unknown', id: place };
    case 'group':
    case 'supergroup':
      // H06: a group that bears the number of a person would be answered as if it were theirs.
      if (at.id >= 0) return { kind: 'unknown', id: place };
      return topic === true && thread !== undefined
        ? { kind: 'thread', id: `${place}/${thread}` }
        : { kind: 'group', id: place };
    default:
      return { kind: 'unknown', id: place };
  }
}

/** Telegram counts seconds: what was said in the second of the connection counts as said to us. */
function arrivalOf(date: number, { since }: Us): 'live' | 'backlog' {
  return date < Math.floor(since / 1_000) ? 'backlog' : 'live';
}

type Entity = z.output<typeof entity>;

const QUOTES: ReadonlySet<string> = new Set(['blockquote', 'expandable_blockquote', 'pre', 'code']);

/** True when the first visible character stands inside a quotation: what follows may be somebody else's words (H58). */
function beginsQuoted(said: string, found: readonly Entity[]): boolean {
  const first = said.search(/[^\p{C}\p{Z}\s]/u);
  return (
    first >= 0 &&
    found.some(({ type, offset, length }) => QUOTES.has(type) && offset <= first && first < offset + length)
  );
}

function namesUs(one: Message, said: string, found: readonly Entity[], us: Us): boolean {
  const { from, forum_topic_created: topic } = one.reply_to_message ?? {};
  // In a topic every message answers the one that opened it.
  if (from?.id === us.id && topic === undefined) return true;
  const ours = `@${us.username}`.toLowerCase();
  return found.some(({ type, offset, length, user: named }) => {
    const part = said.slice(offset, offset + length).toLowerCase();
    if (type === 'mention') return part === ours;
    if (type === 'text_mention') return named?.id === us.id;
    // Without a name it is for every bot, and only at the beginning: Telegram marks any path in a sentence as one.
    return type === 'bot_command' && (part.includes('@') ? part.endsWith(ours) : offset === 0);
  });
}

/** A label is kept in the clear: halves of characters and zero bytes are kept by no store. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** Constant time, whatever the lengths are. No secret configured matches nothing. */
export function isSecret(given: string | null, expected: string): boolean {
  if (given === null || expected === '') return false;
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
