// The audit chain, pure: each event's hash covers its body, and its body holds the hash before it, so that an edit, a
// deletion or a new order is found. What names a person is outside the hash, held by a salted commitment: forgetting it
// leaves the chain whole.
import { hash } from 'node:crypto';
import { canonicalJson, type Domain } from '@countersign/protocol/canonical';
import type { EventId, WriterId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { actorText, type EventBody, type EventDraft, type StoredEvent } from './event.ts';

/** `prev` of a writer's first event. */
export const GENESIS = '';

/** Bytes of chance under a personal part: without them a guess of the number could be checked against the commitment. */
export const SALT_BYTES = 16;

/** Where an event goes on its writer's chain. */
export interface Place {
  readonly writer: WriterId;
  readonly seq: number;
  readonly prev: string;
  readonly id: EventId;
  /** Needed by drafts with a personal part. */
  readonly salt?: Uint8Array;
}

export type PersonalData = Readonly<Record<string, string>>;

/** @throws Problem `internal` for a personal part without salt; TypeError for what has no canonical form. */
export function makeEvent(draft: EventDraft, { writer, seq, prev, id, salt }: Place): StoredEvent {
  const personal = draft.personal === undefined ? null : sealedWith(salt, draft.personal);
  const body: EventBody = {
    v: 1,
    writer,
    seq,
    prev,
    id,
    type: draft.type,
    at: draft.at,
    actor: actorText(draft.actor),
    subject: draft.subject,
    outcome: draft.outcome,
    reason: draft.reason ?? null,
    personal: personal === null ? null : commitment(personal.salt, personal.data),
  };
  return { body, hash: eventHash(body), personal };
}

const DOMAIN: Domain = 'countersign.audit.v1';

/** SHA-256 of `signedBytes('countersign.audit.v1', body)`. */
export function eventHash(body: EventBody): string {
  return sha256(`${DOMAIN}\n${bodyText(body)}`);
}

/** canonicalJson(body), at a third of the price: every admitted message pays it. The members stand in RFC 8785's order.
 * The test demands the same text for any body. */
export function bodyText(body: EventBody): string {
  const { v, writer, seq, prev, id, type, at, actor, subject, outcome, reason, personal } = body;
  const numbers = Number.isSafeInteger(v) && Number.isSafeInteger(seq) && Number.isSafeInteger(at);
  if (!numbers || Object.keys(body).length !== MEMBERS) return canonicalJson({ ...body });
  return `{"actor":${quoted(actor)},"at":${at},"id":${quoted(id)},"outcome":${quoted(outcome)},"personal":${quotedOrNull(personal)},"prev":${quoted(prev)},"reason":${quotedOrNull(reason)},"seq":${seq},"subject":${subjectText(subject)},"type":${quoted(type)},"v":${v},"writer":${quoted(writer)}}`;
}

const MEMBERS = 12;

/** canonicalJson(subject), which holds hardly ever more than ids. */
export function subjectText(subject: EventBody['subject']): string {
  const members: string[] = [];
  for (const key of Object.keys(subject).sort()) {
    const value = subject[key];
    if (typeof value === 'string') members.push(`${quoted(key)}:${quoted(value)}`);
    else if (value !== undefined) members.push(`${quoted(key)}:${canonicalJson(value)}`);
  }
  return `{${members.join(',')}}`;
}

/** Printable ASCII without quote and backslash: what ids, names of events and of channels are made of. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
}

function quotedOrNull(text: string | null): string {
  return text === null ? 'null' : quoted(text);
}

export type Verified =
  | { readonly ok: true; readonly seq: number; readonly hash: string }
  | { readonly ok: false; readonly brokenAt: number; readonly why: 'hash' | 'prev' | 'gap' | 'personal' };

/**
 * Verifies one writer's events in the order they were written, after `from` (the head reached so far; the beginning of
 * the chain otherwise). A missing end is no break of the chain: compare what comes back with a head kept elsewhere.
 */
export function verifyChain(
  events: Iterable<StoredEvent>,
  from: { readonly seq: number; readonly hash: string } = { seq: 0, hash: GENESIS },
): Verified {
  let { seq, hash } = from;
  for (const event of events) {
    const { body } = event;
    if (body.seq !== seq + 1) return { ok: false, brokenAt: seq + 1, why: 'gap' };
    if (body.prev !== hash) return { ok: false, brokenAt: body.seq, why: 'prev' };
    if (hashOrNull(body) !== event.hash) return { ok: false, brokenAt: body.seq, why: 'hash' };
    if (!isPersonalWhole(event)) return { ok: false, brokenAt: body.seq, why: 'personal' };
    seq = body.seq;
    hash = event.hash;
  }
  return { ok: true, seq, hash };
}

/** A forgotten part is whole; a part that was changed, or appeared where there was none, is not. */
function isPersonalWhole({ body, personal }: StoredEvent): boolean {
  if (personal === null) return true;
  return body.personal === commitment(personal.salt, personal.data);
}

/** Damaged text may have no canonical form at all: that is a broken event, not a broken verifier. */
function hashOrNull(body: EventBody): string | null {
  try {
    return eventHash(body);
  } catch {
    return null;
  }
}

function sealedWith(salt: Uint8Array | undefined, data: PersonalData): { salt: string; data: PersonalData } {
  if (salt === undefined || salt.length < SALT_BYTES) {
    throw new Problem('internal', { detail: 'a personal part needs its salt' });
  }
  return { salt: Buffer.from(salt).toString('base64url'), data };
}

function commitment(salt: string, data: PersonalData): string {
  const bytes = Buffer.concat([Buffer.from(salt, 'base64url'), Buffer.from(canonicalJson(data), 'utf8')]);
  return sha256(bytes);
}

function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url');
}
