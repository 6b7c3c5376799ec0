// Group commit, the hot path: a batch of messages is judged and written in one transaction and a handful of statements,
// whatever its size. A message is counted once, by a unique key over who said what where; its text is kept only where it
// may still be needed.
import { hash } from 'node:crypto';
import type { MessageId, PrincipalId, SessionId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { EventDraft } from '../core/audit/event.ts';
import type { Peer } from '../core/identity/peer.ts';
import type { Standing } from '../core/identity/people-port.ts';
import type { Accepted, Inbound, Verdict } from '../core/message.ts';
import type { Millis } from '../core/ports.ts';
import { appendEvents } from './audit-append.ts';
import { type Context, joined, newIds } from './context.ts';
import type { Value } from './dialects/database.ts';
import { PEER_KEY, peerValues, readStanding, SELECT_STANDING } from './peers.ts';
import { text, word } from './row.ts';
import { SessionBook } from './sessions.ts';

export type Decide = (inbound: Inbound, standing: Standing) => Verdict;
export type Outcome = Extract<Accepted, { as: 'repeated' }>['first'];

/** Where a message's text, or at the desk the whole message, is bound to. */
export function contentBind(id: MessageId): string {
  return `messages/content/${id}`;
}

/** Over (channel, account, conversation, sender, platform id): some channels let senders choose the last. Keyed, so that
 * neither can two be made to meet, nor a guess be checked by whoever reads the file. */
function dedupeKey({ peer, conversation, messageId, sentAt }: Inbound, secret: string): string {
  const said = joined(secret, peer.channel, peer.account, peer.native, conversation.id, messageId);
  const key = hash('sha256', said, 'base64url').slice(0, DEDUPE_LENGTH);
  return sentAt === null ? `${TIMELESS}${key}` : key;
}

/** Begins the key of a message that tells no time. Its age can be seen by nothing else, so it is known for longer (H60).
 * Sorts behind whatever base64url begins with. */
export const TIMELESS = '~';

/** 132 bits: too many to meet by chance. */
const DEDUPE_LENGTH = 22;

type NewlyAccepted = Exclude<Accepted, { as: 'repeated' }>;

/** A message with all that was decided about it. One object from first to last: a batch makes many. */
interface Judged {
  readonly id: MessageId;
  readonly dedupe: string;
  readonly inbound: Inbound;
  readonly standing: Standing;
  readonly verdict: Verdict;
  accepted: NewlyAccepted;
}

/** Everything in the transaction of `context`. Answers in the order of the batch. */
export async function acceptAll(
  context: Context,
  batch: readonly Inbound[],
  decide: Decide,
  at: Millis,
): Promise<Accepted[]> {
  const keys = batch.map((inbound) => dedupeKey(inbound, context.dedupeSecret));
  const firsts = new Map<string, Inbound>();
  for (const [index, inbound] of batch.entries()) {
    const key = keys[index] ?? '';
    if (!firsts.has(key)) firsts.set(key, inbound);
  }
  const book = new SessionBook(context);
  const judged = await judge(context, firsts, book, decide, at);
  const rows = judged.map((message) => rowOf(message, context, at));
  const written = await context.connection.insertNew('messages', COLUMNS, rows);
  const fresh = written.size === judged.length ? judged : judged.filter(({ id }) => written.has(id));
  await settleSessions(context, book, fresh, at);
  await appendEvents(
    context,
    fresh.flatMap((message) => admitted(message, at)),
  );

  const answers = new Map<string, Accepted>(fresh.map(({ dedupe, accepted }) => [dedupe, accepted]));
  const before = await whatBecame(
    context,
    [...firsts.keys()].filter((key) => !answers.has(key)),
  );
  return keys.map((key, index) => {
    const first = before.get(key);
    if (first !== undefined) return { as: 'repeated', first };
    const answer = answers.get(key);
    if (answer === undefined || answer.as === 'repeated')
      throw new Problem('internal', { detail: 'a message was lost' });
    return firsts.get(key) === batch[index] ? answer : { as: 'repeated', first: answer.as };
  });
}

async function judge(
  context: Context,
  messages: ReadonlyMap<string, Inbound>,
  book: SessionBook,
  decide: Decide,
  at: Millis,
): Promise<Judged[]> {
  const batch = [...messages];
  const keys = batch.map(([, { peer }]) => peerValues(peer));
  const rows = await context.connection.findEach(SELECT_STANDING, PEER_KEY, keys);
  const ids = newIds(context, 'message', batch.length);
  const judged: Judged[] = [];
  const sessionKeys: string[] = [];
  for (const [index, [dedupe, inbound]] of batch.entries()) {
    const id = ids[index];
    if (id === undefined) throw new Problem('internal');
    const standing = readStanding(rows[index], inbound.peer);
    const verdict = decide(inbound, standing);
    if (verdict.to === 'agent') sessionKeys.push(verdict.sessionKey);
    judged.push({ id, dedupe, inbound, standing, verdict, accepted: { as: 'shared', message: id } });
  }
  await book.read(sessionKeys);
  for (const message of judged) message.accepted = outcomeOf(message, book, at);
  return judged;
}

function outcomeOf(
  { id, inbound, standing, verdict }: Omit<Judged, 'accepted'>,
  book: SessionBook,
  at: Millis,
): NewlyAccepted {
  switch (verdict.to) {
    case 'nobody':
      return { as: 'nobody', message: id, reason: verdict.reason };
    case 'desk':
      return { as: 'desk', message: id, because: verdict.because, standing };
    case 'agent': {
      const session = book.choose(verdict, inbound, at);
      return session === null ? { as: 'shared', message: id } : { as: 'agent', message: id, session };
    }
    default:
      return verdict satisfies never;
  }
}

/** Writes the new sessions. Where a parallel writer was faster, theirs is taken, or the key is found to be shared. */
async function settleSessions(
  context: Context,
  book: SessionBook,
  fresh: readonly Judged[],
  at: Millis,
): Promise<void> {
  const used = fresh.flatMap(({ accepted }) => (accepted.as === 'agent' ? [accepted.session] : []));
  const lost = await book.write(new Set(used));
  if (lost.size === 0) return;
  for (const message of fresh) {
    const { accepted, verdict, inbound, id, dedupe } = message;
    if (accepted.as !== 'agent' || verdict.to !== 'agent' || !lost.has(accepted.session)) continue;
    await book.read([verdict.sessionKey]);
    const session = book.choose(verdict, inbound, at);
    if (session === null) await context.connection.run(`${MAKE_SHARED} where dedupe = ?`, [at, dedupe]);
    else await context.connection.run('update messages set session = ? where dedupe = ?', [session, dedupe]);
    message.accepted =
      session === null ? { as: 'shared', message: id } : { as: 'agent', message: id, session };
  }
}

const MAKE_SHARED = `update messages set outcome = 'shared', state = null, channel = null, account = null, native = null,
  conversation_kind = null, conversation = null, principal = null, session = null, content = null, settled_at = ?`;

const DEDUPE = ['dedupe'] as const;

async function whatBecame(context: Context, keys: readonly string[]): Promise<Map<string, Outcome>> {
  if (keys.length === 0) return new Map();
  const rows = await context.connection.findMany(
    'select dedupe, outcome from messages',
    DEDUPE,
    keys.map((key) => [key]),
  );
  return new Map(rows.map((row) => [text(row, 'dedupe'), word<Outcome>(row, 'outcome')]));
}

const COLUMNS = [
  'id',
  'dedupe',
  'outcome',
  'because',
  'state',
  'channel',
  'account',
  'native',
  'conversation_kind',
  'conversation',
  'principal',
  'session',
  'content',
  'attempt',
  'received_at',
  'settled_at',
] as const;

/** Of a message that goes nowhere only its key and its end are kept. */
function rowOf({ id, dedupe, inbound, verdict, accepted }: Judged, { vault }: Context, at: Millis): Value[] {
  const { peer, conversation } = inbound;
  const where = [...peerValues(peer), conversation.kind, conversation.id];
  switch (accepted.as) {
    case 'agent': {
      const content = vault.seal(inbound.text, contentBind(id));
      const principal = verdict.to === 'agent' ? verdict.principal : null;
      return [
        id,
        dedupe,
        'agent',
        null,
        'waiting',
        ...where,
        principal,
        accepted.session,
        content,
        0,
        at,
        null,
      ];
    }
    case 'desk': {
      const content = vault.seal(JSON.stringify(inbound), contentBind(id));
      return [id, dedupe, 'desk', accepted.because, 'desk', ...where, null, null, content, 0, at, null];
    }
    case 'nobody':
    case 'shared':
      return [id, dedupe, accepted.as, null, null, null, null, null, null, null, null, null, null, 0, at, at];
    default:
      return accepted satisfies never;
  }
}

function admitted({ inbound, accepted, verdict }: Judged, at: Millis): EventDraft[] {
  if (accepted.as !== 'agent' || verdict.to !== 'agent') return [];
  const { message, session } = accepted;
  return [admittedEvent({ message, session, principal: verdict.principal, peer: inbound.peer, at })];
}

interface Admitted {
  readonly message: MessageId;
  readonly session: SessionId;
  readonly principal: PrincipalId;
  readonly peer: Peer;
  readonly at: Millis;
}

export function admittedEvent({
  message,
  session,
  principal,
  peer: { channel, account },
  at,
}: Admitted): EventDraft {
  const subject = { message, session, principal, channel, account };
  return { type: 'message.admitted', at, actor: { kind: 'sender' }, subject, outcome: 'ok' };
}
