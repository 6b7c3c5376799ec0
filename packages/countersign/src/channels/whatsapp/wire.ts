// What a stanza of WhatsApp means. Pure: attributes that the proven server wrote, and the words that the sender's device
// sealed to us, in; an Inbound or nothing out. Who wrote comes from the attributes alone. A LID is an id of its own and is
// never read as a phone number; a phone number stands beside it only where the same envelope, or the library's own mapping,
// says so. Never throws.

import { z } from 'zod';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Conversation, Inbound } from '../../core/message.ts';
import type { Millis } from '../../core/ports.ts';

/** A phone number with its plus, or a LID with its server: two kinds that no digits can make one. */
export const WHATSAPP_PEER = /^(?:\+[1-9]\d{6,14}|\d{5,20}@lid)$/;

export interface Us {
  readonly account: string;
  /** Both names of our own number, as far as we know them. */
  readonly names: readonly Native[];
  /** Since when we listen on this connection. */
  readonly since: Millis;
  readonly now: Millis;
}

export interface Envelope {
  /** The attributes of the stanza. */
  readonly attrs: Readonly<Record<string, string | undefined>>;
  /** What was sealed to us, opened and decoded. */
  readonly message: unknown;
}

/** What the library has mapped an id to, from envelopes and from its own questions to the server. */
export type Mapped = (id: Native) => Promise<Native | null>;

const MINUTE = 60_000;
/** A message that took longer waited for us somewhere, whatever it says. */
const FRESH_MS = 10 * MINUTE;
const AHEAD_MS = 5 * MINUTE;
const HISTORY_MS = 30 * 24 * 60 * MINUTE;

const PHONE_SERVERS: ReadonlySet<string> = new Set(['s.whatsapp.net', 'c.us', 'hosted']);
const LID_SERVERS: ReadonlySet<string> = new Set(['lid', 'hosted.lid']);

/** The person behind a JID, whatever device of theirs it names. Null: a group, a list, a channel, a bot, or nothing. */
export function personOf(jid: string | undefined): Native | null {
  const [, user, server] = /^(\d{1,20})(?:_\d{1,5})?(?::\d{1,5})?@([a-z.]{1,20})$/.exec(jid ?? '') ?? [];
  if (user === undefined || server === undefined) return null;
  if (PHONE_SERVERS.has(server)) return parseNative(`+${user}`, WHATSAPP_PEER);
  return LID_SERVERS.has(server) ? parseNative(`${user}@lid`, WHATSAPP_PEER) : null;
}

export function isLid(id: Native): boolean {
  return id.endsWith('@lid');
}

/** Where that person is written to. */
export function jidOf(id: Native): string {
  return isLid(id) ? id : `${id.slice(1)}@s.whatsapp.net`;
}

const ALIASES = ['sender', 'participant', 'peer_recipient', 'recipient'] as const;

/**
 * What the library must not learn from a stanza: attributes that name a second id of somebody whom the stanza is not of. It
 * takes the first that it finds, joins it to the sender for good, and its mapping is asked later: so a number beside the
 * wrong person would become theirs.
 */
export function strayAliases({
  from,
  participant,
  recipient,
  ...attrs
}: Envelope['attrs']): readonly string[] {
  const isGroup = from?.endsWith('@g.us') === true;
  const speaker = personOf(isGroup ? participant : from);
  const isOdd = speaker === null || (!isGroup && participant !== undefined);
  // Our own words name the other one, and their second id.
  const [whom, kept] =
    recipient === undefined || isGroup
      ? [speaker, isGroup ? 'participant' : 'sender']
      : [personOf(recipient), 'peer_recipient'];
  return ALIASES.flatMap((whose) =>
    (['pn', 'lid'] as const).flatMap((kind) => {
      const name = `${whose}_${kind}`;
      const said = attrs[name];
      if (said === undefined) return [];
      const other = personOf(said);
      const isFit =
        other !== null && whom !== null && isLid(other) === (kind === 'lid') && isLid(other) !== isLid(whom);
      return !isOdd && whose === kept && isFit ? [] : [name];
    }),
  );
}

export interface Sender {
  readonly native: Native;
  readonly alias: Native | null;
}

/**
 * Who wrote. The LID is the subject where one is known, the number its alias; without one the number stands alone. The two
 * are joined by the attributes for that place only: those of another place speak of somebody else.
 */
export async function senderOf(
  attrs: Envelope['attrs'],
  mapped: Mapped = async () => null,
): Promise<Sender | null> {
  const isGroup = attrs['from']?.endsWith('@g.us') === true;
  const named = personOf(isGroup ? attrs['participant'] : attrs['from']);
  if (named === null) return null;
  const beside = personOf(attrs[`${isGroup ? 'participant' : 'sender'}_${isLid(named) ? 'pn' : 'lid'}`]);
  // An attribute that names the same kind twice joins nothing.
  const other = beside !== null && isLid(beside) !== isLid(named) ? beside : await mapped(named);
  if (other === null || isLid(other) === isLid(named)) return { native: named, alias: null };
  return isLid(named) ? { native: named, alias: other } : { native: other, alias: named };
}

const words = z.string().nullish();
const mark = z.unknown().optional();
const context = z
  .looseObject({
    isForwarded: z.boolean().nullish(),
    forwardingScore: z.number().nullish(),
    mentionedJid: z.array(z.string()).nullish().catch(null),
    participant: words.catch(null),
    quotedMessage: mark,
  })
  .nullish()
  .catch(null);
const captioned = z
  .looseObject({ caption: words.catch(null), contextInfo: context })
  .nullish()
  .catch(null);

const content = z.looseObject({
  conversation: words,
  extendedTextMessage: z
    .looseObject({ text: words.catch(null), contextInfo: context })
    .nullish()
    .catch(null),
  imageMessage: captioned,
  videoMessage: captioned,
  documentMessage: captioned,
  reactionMessage: mark,
  encReactionMessage: mark,
  protocolMessage: z
    .looseObject({ type: z.number().nullish().catch(null) })
    .nullish()
    .catch(null),
  editedMessage: mark,
  senderKeyDistributionMessage: mark,
  messageContextInfo: mark,
});
type Content = z.output<typeof content>;

const wrapped = z.looseObject({ message: z.unknown() });
/** What only wraps a message. `deviceSentMessage` stands around what we ourselves wrote elsewhere. */
const WRAPPERS = [
  'deviceSentMessage',
  'ephemeralMessage',
  'documentWithCaptionMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'groupMentionedMessage',
] as const;
const MAX_WRAPS = 5;

/** WAProto.Message.ProtocolMessage.Type.MESSAGE_EDIT. */
const EDIT = 14;
/** Kinds that are between devices and say nothing to anybody: WAProto.Message.ProtocolMessage.Type. 0 takes a message back. */
const REVOKE = 0;

/** @param mapped asked only for what the envelope does not say itself. */
export async function readStanza(
  { attrs, message }: Envelope,
  us: Us,
  mapped?: Mapped,
): Promise<Inbound | null> {
  // Between our own devices: keys, settings, copies of the past.
  if (attrs['category'] === 'peer') return null;
  const said = unwrap(message);
  const id = attrs['id'];
  if (said === null || id === undefined || !/^[\x21-\x7e]{1,200}$/.test(id)) return null;
  const kind = kindOf(said);
  if (kind === null) return null;
  const sender = await senderOf(attrs, mapped);
  if (sender === null) return null;
  const isOurs =
    us.names.includes(sender.native) || (sender.alias !== null && us.names.includes(sender.alias));
  const place = isOurs ? await ownPlace(attrs, mapped) : placeOf(attrs, sender.native);
  if (place === null) return null;
  const text = wordsOf(said) ?? '';
  const about = contextOf(said);
  const sentAt = timeOf(attrs['t']);
  const named = place.conversation.kind === 'direct' || namesUs(about, us);
  return {
    peer: { channel: 'whatsapp', account: us.account, native: place.peer ?? sender.native },
    alias: isOurs ? null : sender.alias,
    unresolved: !isOurs && sender.alias === null && isLid(sender.native),
    assurance: 'medium',
    actor: isOurs ? 'self' : place.conversation.kind === 'unknown' ? 'system' : 'human',
    conversation: place.conversation,
    messageId: kind === 'edit' ? `${id}:edit` : id,
    kind,
    text: text.toWellFormed(),
    sentAt,
    arrived: arrivalOf(attrs, sentAt, us),
    forwarded: about?.isForwarded === true || (about?.forwardingScore ?? 0) > 0,
    quoted: /^[\p{C}\p{Z}\s]*[>`]/u.test(text),
    press: null,
    mentioned: named,
    displayName: label(attrs['notify']),
    username: label(attrs['sender_username'] ?? attrs['participant_username']),
    address: null,
  };
}

function unwrap(message: unknown): Content | null {
  let inner: unknown = message;
  for (let n = 0; n <= MAX_WRAPS; n++) {
    const read = content.safeParse(inner);
    if (!read.success) return null;
    const within = WRAPPERS.map((name) => wrapped.safeParse(read.data[name])).find(({ success }) => success);
    if (within?.data === undefined) return read.data;
    inner = within.data.message;
  }
  return null;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Null: nothing that a person did. An unknown kind is `other`, from which nothing follows (H18). */
function kindOf(said: Content): Inbound['kind'] | null {
  if (isThere(said.editedMessage) || said.protocolMessage?.type === EDIT) return 'edit';
  if (isThere(said.protocolMessage)) return said.protocolMessage?.type === REVOKE ? 'other' : null;
  if (isThere(said.reactionMessage) || isThere(said.encReactionMessage)) return 'reaction';
  if (wordsOf(said) !== null) return 'text';
  const { senderKeyDistributionMessage: _, messageContextInfo: __, ...rest } = said;
  return Object.values(rest).some(isThere) ? 'other' : null;
}

function wordsOf(said: Content): string | null {
  const { conversation, extendedTextMessage, imageMessage, videoMessage, documentMessage } = said;
  if (typeof conversation === 'string') return conversation;
  if (isThere(extendedTextMessage)) return extendedTextMessage?.text ?? '';
  return [imageMessage, videoMessage, documentMessage].map((one) => one?.caption).find(isWords) ?? null;
}

function isWords(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '';
}

function contextOf(said: Content): z.output<typeof context> {
  const holders = [said.extendedTextMessage, said.imageMessage, said.videoMessage, said.documentMessage];
  return holders.find(isThere)?.contextInfo ?? null;
}

interface Place {
  readonly conversation: Conversation;
  /** Whom it is about, where that is not the sender. */
  readonly peer?: Native;
}

/** H07 H11: a group is where something was said, never who said it; what is neither is neither. */
function placeOf(attrs: Envelope['attrs'], sender: Native): Place {
  const from = attrs['from'] ?? '';
  if (from.endsWith('@g.us')) {
    const isId = /^[\d-]{5,60}@g\.us$/.test(from);
    return { conversation: isId ? { kind: 'group', id: from } : { kind: 'unknown', id: 'unknown' } };
  }
  // What we are not told of as said to us alone: `recipient` stands only under our own words.
  if (attrs['recipient'] !== undefined || attrs['participant'] !== undefined)
    return { conversation: { kind: 'unknown', id: 'unknown' } };
  return { conversation: { kind: 'direct', id: sender } };
}

/** Our own words, from another device of ours: the chat is the other one's. */
async function ownPlace(attrs: Envelope['attrs'], mapped: Mapped = async () => null): Promise<Place | null> {
  if (attrs['from']?.endsWith('@g.us') === true) return null;
  const other = personOf(attrs['recipient']);
  if (other === null) return null;
  const lid = isLid(other) ? other : ((await mapped(other)) ?? other);
  return { conversation: { kind: 'direct', id: lid }, peer: lid };
}

function namesUs(about: z.output<typeof context>, us: Us): boolean {
  const isUs = (jid: string) => {
    const person = personOf(jid);
    return person !== null && us.names.includes(person);
  };
  if ((about?.mentionedJid ?? []).some(isUs)) return true;
  return isThere(about?.quotedMessage) && isUs(about?.participant ?? '');
}

/** WhatsApp counts seconds. */
function timeOf(t: string | undefined): Millis | null {
  return t !== undefined && /^\d{1,11}$/.test(t) ? Number(t) * 1_000 : null;
}

/** Without a time nothing is live. The mark of what waited for us is the server's. */
function arrivalOf(attrs: Envelope['attrs'], sentAt: Millis | null, { since, now }: Us): Inbound['arrived'] {
  if (sentAt === null) return 'backlog';
  if (now - sentAt > HISTORY_MS) return 'history';
  const waited = attrs['offline'] !== undefined || sentAt < Math.floor(since / 1_000) * 1_000;
  return !waited && now - sentAt <= FRESH_MS && sentAt - now <= AHEAD_MS ? 'live' : 'backlog';
}

/** A label is kept in the clear: halves of characters and zero bytes are kept by no store. */
function label(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text.toWellFormed().replaceAll('\0', '\uFFFD');
}
