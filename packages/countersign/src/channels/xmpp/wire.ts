// One stanza → a message, or nothing. The sender is the bare address that our own server stamped: never the resource, a
// nick in a room, or an address inside the stanza, which are all the sender's to choose. We are in no room, so nothing
// that comes from a room is anybody's word.
import { createHash } from 'node:crypto';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import type { Millis } from '../../core/ports.ts';

/** Names without prefix; `attrs.xmlns` is the namespace, wherever it was declared. */
export interface Stanza {
  readonly name: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly children: readonly (Stanza | string)[];
}

export interface Us {
  readonly account: string;
  /** Our bare address, as a sender's would be written. */
  readonly own: string;
  readonly now: Millis;
}

/** RFC 7622: no colon in the local part, so that the id of a conversation never fits a person (H07). */
export const XMPP_PEER = /^[^\s@/A-Z"&':<>]+@[^\s@/A-Z]+$/;

const MAX_TEXT = 64 * 1024;
const NS = {
  client: 'jabber:client',
  delay: 'urn:xmpp:delay',
  oldDelay: 'jabber:x:delay',
  mam: 'urn:xmpp:mam:2',
  muc: 'http://jabber.org/protocol/muc#user',
  invite: 'jabber:x:conference',
  carbons: 'urn:xmpp:carbons:2',
  forward: 'urn:xmpp:forward:0',
  replace: 'urn:xmpp:message-correct:0',
  stanzaId: 'urn:xmpp:sid:0',
  reactions: 'urn:xmpp:reactions:0',
  fallback: 'urn:xmpp:fallback:0',
  reply: 'urn:xmpp:reply:0',
  link: 'jabber:x:oob',
  encryption: 'urn:xmpp:eme:0',
  receipts: 'urn:xmpp:receipts',
  addresses: 'http://jabber.org/protocol/address',
} as const;

/** Never throws. @returns null for what is no words of anybody: errors, receipts, chat states, copies, the past. */
export function readMessage(stanza: Stanza, us: Us): Inbound | null {
  if (stanza.name !== 'message') return null;
  // RFC 6120 8.1.2.1: without `from` it is of our own account. Nothing of our own account is somebody's message.
  const native = senderOf(stanza);
  if (native === null || native === us.own) return null;
  const type = textAttr(stanza, 'type') ?? 'normal';
  if (type !== 'chat' && type !== 'normal') return null;
  // Carbons and archives come from our own account alone; from anybody else they are forged (CVE-2017-5589).
  if (['sent', 'received'].some((name) => has(stanza, name, NS.carbons))) return null;
  if (has(stanza, 'result', NS.mam) || has(stanza, 'forwarded', NS.forward)) return null;
  // An invitation, or a private message out of a room: its address is the room's, which is no person.
  if (has(stanza, 'x', NS.muc) || has(stanza, 'x', NS.invite)) return null;
  const text = wordsOf(stanza);
  if (text === null || text.length > MAX_TEXT) return null;
  const sentAt = delayOf(stanza, us.now);
  return {
    peer: { channel: 'xmpp', account: us.account, native },
    assurance: 'medium',
    actor: 'human',
    conversation: { kind: 'direct', id: native },
    messageId: nameOf(stanza, us, text, sentAt ?? us.now),
    kind: kindOf(stanza, text),
    text,
    sentAt: sentAt ?? us.now,
    // Senders can write a stamp themselves: it can only make a message worth less.
    arrived: isDelayed(stanza) ? 'backlog' : 'live',
    // XEP-0033: words for many, handed on by somebody's service.
    forwarded: has(stanza, 'addresses', NS.addresses),
    quoted: /^\s*>/.test(text),
    press: null,
    mentioned: true,
    displayName: null,
    username: null,
    address: null,
  };
}

/** What the other side says of a message of ours. The caller asks whether it was theirs to say. */
export interface Told {
  readonly from: Native;
  /** The id that we gave the message. */
  readonly id: string;
  /** Null: it has arrived. Otherwise the condition of RFC 6120 8.3.3, or a made-up word of the sender. */
  readonly error: { readonly condition: string; readonly type: string } | null;
}

export function readTold(stanza: Stanza): Told | null {
  const from = senderOf(stanza);
  if (stanza.name !== 'message' || from === null) return null;
  if (textAttr(stanza, 'type') === 'error') {
    const id = textAttr(stanza, 'id');
    return id === null ? null : { from, id, error: errorOf(stanza) };
  }
  const [receipt, ...more] = childrenOf(stanza, 'received', NS.receipts);
  const id = receipt === undefined || more.length > 0 ? null : textAttr(receipt, 'id');
  return id === null ? null : { from, id, error: null };
}

export function errorOf(stanza: Stanza): { readonly condition: string; readonly type: string } {
  const error = stanza.children.filter(isStanza).find(({ name }) => name === 'error');
  const conditions = error?.children.filter(isStanza) ?? [];
  const condition = conditions.find(
    (one) => textAttr(one, 'xmlns') === 'urn:ietf:params:xml:ns:xmpp-stanzas' && one.name !== 'text',
  );
  return {
    condition: condition?.name ?? 'undefined-condition',
    type: error === undefined ? 'cancel' : (textAttr(error, 'type') ?? 'cancel'),
  };
}

function senderOf(stanza: Stanza): Native | null {
  const from = textAttr(stanza, 'from');
  return from === null ? null : bareOf(from);
}

/**
 * The bare address, in the one form in which we keep it: ASCII in lower case, the domain as it is asked for in DNS (so
 * that a letter which only looks like another is seen). Servers fold what they stamp; whatever is left that folds to
 * something else is nobody, and never somebody else.
 */
export function bareOf(address: string): Native | null {
  const slash = address.indexOf('/');
  const bare = slash < 0 ? address : address.slice(0, slash);
  const [written = '', host = '', ...more] = bare.split('@');
  if (more.length > 0 || bare.length > 2_048) return null;
  const local = lower(written);
  if (local.normalize('NFKC').toLowerCase() !== local) return null;
  const domain = domainOf(host);
  return domain === null ? null : parseNative(`${local}@${domain}`, XMPP_PEER);
}

/** @returns null for what is no name of a server. */
export function domainOf(host: string): string | null {
  const labels = host.replace(/\.$/, '').split('.').map(asciiLabel);
  const domain = labels.includes(null) ? '' : labels.join('.');
  return domain === '' || domain.length > 253 ? null : domain;
}

/** The domain as certificates spell it. What is no domain stays as it is, and matches none. */
export function asciiOf(domain: string): string {
  return domainOf(domain) ?? domain;
}

function asciiLabel(label: string): string | null {
  const folded = lower(label);
  // A server without a name: an address of IPv4, or of IPv6 in brackets.
  if (/^[a-z0-9_:[\]-]+$/.test(folded)) return folded;
  if (!/^[\p{L}\p{M}\p{N}-]+$/u.test(folded)) return null;
  const url = `http://${folded}.x/`;
  const [made] = URL.canParse(url) ? new URL(url).hostname.split('.') : [];
  // What maps to plain ASCII is a disguise of another name.
  return made?.startsWith('xn--') === true ? made : null;
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What was typed: one body, without the words that stand in it for clients which do not know better. */
function wordsOf(stanza: Stanza): string | null {
  const bodies = stanza.children
    .filter(isStanza)
    .filter((one) => one.name === 'body' && (textAttr(one, 'xmlns') ?? NS.client) === NS.client);
  const [body] = bodies;
  // Two are two languages, and nobody knows which of them was read to us.
  if (body === undefined || bodies.length > 1) return null;
  const whole = body.children.filter((one) => typeof one === 'string').join('');
  const text = whole.toWellFormed();
  const fallbacks = childrenOf(stanza, 'fallback', NS.fallback);
  // Said for something that is not words (a reaction, a retraction): nothing was typed.
  if (fallbacks.some((one) => textAttr(one, 'for') !== NS.reply)) return null;
  const [fallback, ...more] = fallbacks;
  if (fallback === undefined) return text;
  return more.length > 0 ? null : withoutQuotation(text, fallback);
}

/** XEP-0461: the words of the other one stand at the beginning, counted in characters of Unicode. */
function withoutQuotation(text: string, fallback: Stanza): string | null {
  const [range, ...more] = childrenOf(fallback, 'body', NS.fallback);
  if (range === undefined || more.length > 0) return null;
  const [start, end] = ['start', 'end'].map((name) => textAttr(range, name) ?? '');
  const letters = [...text];
  if (start !== '0' || !/^\d{1,6}$/.test(end ?? '') || Number(end) > letters.length) return null;
  return letters.slice(Number(end)).join('');
}

function kindOf(stanza: Stanza, text: string): Inbound['kind'] {
  if (has(stanza, 'replace', NS.replace)) return 'edit';
  if (has(stanza, 'reactions', NS.reactions)) return 'reaction';
  // Sealed for others, with a note beside it that nobody typed.
  if (has(stanza, 'encryption', NS.encryption)) return 'other';
  if (stanza.children.some((one) => isStanza(one) && one.name === 'encrypted')) return 'other';
  // XEP-0066: a file, whose address stands as the words.
  const links = childrenOf(stanza, 'x', NS.link).flatMap(({ children }) => children.filter(isStanza));
  return links.some(({ name, children }) => name === 'url' && children.join('').trim() === text.trim())
    ? 'other'
    : 'text';
}

/**
 * The name that our server gave it (XEP-0359), or the sender's with a mark of the words: programs count their messages
 * anew after each start, and an old name with new words is a new message. Always within what this sender says.
 */
function nameOf(stanza: Stanza, us: Us, text: string, at: Millis): string {
  const made = childrenOf(stanza, 'stanza-id', NS.stanzaId).filter(
    (one) => bareOf(textAttr(one, 'by') ?? '') === us.own,
  );
  const [first] = made;
  const ours = made.length === 1 && first !== undefined ? textAttr(first, 'id') : null;
  if (ours !== null && ours !== '' && ours.length <= 256) return `s:${ours}`;
  const id = textAttr(stanza, 'id') ?? '';
  const mark = createHash('sha256').update(JSON.stringify([id, text, id === '' ? at : 0]));
  return `c:${mark.digest('base64url')}`;
}

function isDelayed(stanza: Stanza): boolean {
  return has(stanza, 'delay', NS.delay) || has(stanza, 'x', NS.oldDelay);
}

/** When it was said, at the earliest that is claimed; null where nobody says so. */
function delayOf(stanza: Stanza, now: Millis): Millis | null {
  const stamps = childrenOf(stanza, 'delay', NS.delay).map((one) => Date.parse(textAttr(one, 'stamp') ?? ''));
  const known = stamps.filter(Number.isFinite);
  return known.length === 0 ? null : Math.max(0, Math.min(now, ...known));
}

function isStanza(one: Stanza | string): one is Stanza {
  return typeof one !== 'string';
}

function childrenOf(stanza: Stanza, name: string, ns: string): Stanza[] {
  return stanza.children.filter(
    (one): one is Stanza => isStanza(one) && one.name === name && textAttr(one, 'xmlns') === ns,
  );
}

function has(stanza: Stanza, name: string, ns: string): boolean {
  return childrenOf(stanza, name, ns).length > 0;
}

function textAttr(stanza: Stanza, name: string): string | null {
  const value = Object.hasOwn(stanza.attrs, name) ? stanza.attrs[name] : null;
  return typeof value === 'string' ? value : null;
}
