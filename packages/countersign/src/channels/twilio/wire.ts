// One delivery of Twilio → a message, or a fate, or nothing. The signature runs names and values into one another, so one
// signature fits many forms: after it is checked, every field is held against the one shape it can have, and what does not
// fit is refused whole.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { TWILIO_TRAITS, type Way } from './traits.ts';

export type Fields = ReadonlyMap<string, string>;

/** Which of our numbers this is. */
export interface Us {
  readonly account: string;
  readonly accountSid: string;
  /** Our number, as Twilio writes it. */
  readonly from: string;
  readonly way: Way;
}

export interface Fate {
  readonly id: string;
  readonly fate: 'delivered' | 'failed';
  readonly reason?: string;
}

const MAX_FIELDS = 200;
const NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

/** Reads a form strictly: every name once, nothing that is no UTF-8. Null for what is none. Not proven by anything yet. */
export function readForm(raw: Uint8Array): Fields | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return null;
  }
  const fields = new Map<string, string>();
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    const name = at < 0 ? null : decode(pair.slice(0, at));
    const value = at < 0 ? null : decode(pair.slice(at + 1));
    if (name === null || value === null || !NAME.test(name) || fields.has(name)) return null;
    fields.set(name, value);
    if (fields.size > MAX_FIELDS) return null;
  }
  return fields;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Base64 of 20 bytes in its one form: another way to write the same bytes is another header (H61). */
export const SIGNATURE = /^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$/;

/** @param url as Twilio was given it: from the configuration, never from what a request says of itself. */
export function isSigned(url: string, fields: Fields, header: string | null, authToken: string): boolean {
  if (header === null || authToken === '' || !SIGNATURE.test(header)) return false;
  const names = [...fields.keys()].sort();
  const signed = names.reduce((text, name) => `${text}${name}${fields.get(name)}`, url);
  const expected = createHmac('sha1', authToken).update(signed, 'utf8').digest();
  return timingSafeEqual(expected, Buffer.from(header, 'base64'));
}

const MESSAGE_SID = /^(?:SM|MM)[0-9a-f]{32}$/;
const COUNT = /^\d{1,3}$/;

/** What every message of Twilio holds, and the shape of it. Names that come between two of these in the order of the
 * signature cannot be swallowed by one without the other losing its shape. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  AccountSid: /^AC[0-9a-f]{32}$/,
  ApiVersion: /^\d{4}-\d{2}-\d{2}$/,
  From: /^[\w+:. -]{1,160}$/,
  MessageSid: MESSAGE_SID,
  NumMedia: COUNT,
  NumSegments: COUNT,
  SmsMessageSid: MESSAGE_SID,
  SmsSid: MESSAGE_SID,
  SmsStatus: /^received$/,
  To: TWILIO_TRAITS.peerIds,
};
/** Where a name is, its value has this shape. */
const OPTIONAL: Readonly<Record<string, RegExp>> = {
  Forwarded: /^(?:true|false)$/,
  FrequentlyForwarded: /^(?:true|false)$/,
  MessageType: /^[a-z_]{1,32}$/,
  WaId: /^\d{7,15}$/,
};

/** Fields that WhatsApp puts right after the words in the order of the signature, with what they say. */
const SWALLOWED = /(?:ButtonPayload|ButtonText|(?:Frequently)?Forwarded)[^\s]*$/;

/** Names that begin like the sender's and are Twilio's. */
const FROM = /^From(?:City|Country|State|Zip)?$/;
/** Words of people, in which a "From" is a word. */
const FREE = /^(?:Body|ProfileName|ChannelMetadata|ButtonText|Label|Address|(?:List|Referral)[A-Z]\w*)$/;
/** A sender with what stands behind them in the signed text, and no blank in between as in words. */
const RUN_OVER =
  /From(?:whatsapp:)?\+?\d{3,15}(?:[A-Z][A-Za-z]|$)|From[\s\S]{1,400}?MessageSid[SM]M[0-9a-f]{32}/;

/**
 * False for a form with more than one place to read a sender at. Whoever made another sender out of their own words had to
 * leave the genuine one somewhere in the same signed text: run over by another field, as its name or as its value.
 */
function hasOneSender(fields: Fields): boolean {
  return [...fields].every(([name, value]) => {
    // Together, for `F` and `rom…` are signed alike.
    const text = `${name}${value}`;
    if (text.startsWith('From') && !FROM.test(name)) return false;
    if (name === 'From') return true;
    return FREE.test(name) ? !RUN_OVER.test(text) : !text.includes('From', 1);
  });
}

/**
 * Never throws. @param fields proven by the signature.
 * @returns `other` for a message that is none of a person to that number of ours; null for a form that is no message of
 * Twilio, whatever its signature says.
 */
export function readMessage(fields: Fields, us: Us): Inbound | 'other' | null {
  if (!Object.entries(SHAPES).every(([name, shape]) => shape.test(fields.get(name) ?? ''))) return null;
  const hasShape = ([name, shape]: [string, RegExp]) => shape.test(fields.get(name) ?? '');
  if (!Object.entries(OPTIONAL).every((one) => !fields.has(one[0]) || hasShape(one))) return null;
  if (!hasOneSender(fields)) return null;
  if (fields.get('AccountSid') !== us.accountSid) return null;
  const sid = fields.get('MessageSid') ?? '';
  if (fields.get('SmsSid') !== sid || fields.get('SmsMessageSid') !== sid) return null;
  const body = fields.get('Body');
  const native = parseNative(fields.get('From') ?? '', TWILIO_TRAITS.peerIds);
  if (body === undefined) return null;
  // To another number of ours; or from a short code or a name, which are no people.
  if (fields.get('To') !== us.from || native === null || native === us.from) return 'other';
  // Of our own kind: a message to a WhatsApp number comes from one (H04).
  if (native.startsWith('whatsapp:') !== (us.way === 'whatsapp')) return null;
  if (us.way === 'whatsapp' && isOtherThan(fields.get('WaId'), native)) return null;
  const isForwarded = ['Forwarded', 'FrequentlyForwarded'].some((name) => fields.get(name) === 'true');
  const isText = body.trim() !== '' || fields.get('NumMedia') === '0';
  return {
    peer: { channel: 'twilio', account: us.account, native },
    assurance: us.way === 'sms' ? 'low' : 'medium',
    actor: 'human',
    conversation: { kind: 'direct', id: native },
    messageId: sid,
    kind: kindOf(fields, isText),
    text: isText ? body.toWellFormed() : '',
    // Twilio tells no time.
    sentAt: null,
    arrived: 'live',
    // A forward that hides behind the words, by a form that the same signature fits, is one all the same.
    forwarded: isForwarded || SWALLOWED.test(body),
    quoted: false,
    press: null,
    mentioned: true,
    displayName: label(fields.get('ProfileName')),
    username: null,
    address: null,
  };
}

/** What was pressed or reacted with are words of somebody else. */
function kindOf(fields: Fields, isText: boolean): Inbound['kind'] {
  const type = fields.get('MessageType');
  if (type === 'reaction') return 'reaction';
  if (fields.has('ButtonPayload') || fields.has('ButtonText')) return 'other';
  return isText ? 'text' : 'other';
}

function isOtherThan(waId: string | undefined, native: string): boolean {
  return waId !== undefined && `whatsapp:+${waId}` !== native;
}

/** Where we are told what became of a message: our own address and, once, the message's name. */
export function statusUrl(webhookUrl: string, id: string): string {
  return `${webhookUrl}?m=${id}`;
}

/** Our own id out of the address that Twilio called, when it is exactly one that we gave. */
export function statusId(search: string): string | null {
  return /^\?m=([A-Za-z0-9_.-]{1,64})$/.exec(search)?.[1] ?? null;
}

const FAILURES: ReadonlyMap<string, string> = new Map([
  ['63016', 'outside_window'],
  ['63024', 'not_reachable'],
  ['63003', 'not_reachable'],
  ['30003', 'not_reachable'],
  ['30005', 'not_reachable'],
  ['30006', 'not_reachable'],
  ['30007', 'held_back'],
  ['21610', 'stopped_by_person'],
]);

/** @param fields proven by the signature over `statusUrl`. @returns null for what is no end of a message. */
export function readStatus(fields: Fields, id: string, us: Us): Fate | null {
  if (fields.get('AccountSid') !== us.accountSid || fields.get('From') !== us.from) return null;
  if (!MESSAGE_SID.test(fields.get('MessageSid') ?? '')) return null;
  switch (fields.get('MessageStatus')) {
    case 'delivered':
    case 'read':
      return { id, fate: 'delivered' };
    case 'failed':
    case 'undelivered':
      return { id, fate: 'failed', reason: FAILURES.get(fields.get('ErrorCode') ?? '') ?? 'platform_failed' };
    default:
      return null;
  }
}

/** A label is kept in the clear: halves of characters and zero bytes are kept by no store. */
function label(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text.toWellFormed().replaceAll('\0', '\uFFFD');
}
