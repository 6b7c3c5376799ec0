// Appending to the chain. A writer's head is taken by an update before it is read, so that two transactions can never
// link onto the same event: the second waits for the first. Only the ends of the tables are touched.
import { Problem } from '@countersign/protocol/problem';
import { GENESIS, makeEvent, SALT_BYTES } from '../core/audit/chain.ts';
import type { EventDraft, StoredEvent } from '../core/audit/event.ts';
import { EVENT_COLUMNS, eventValues, personalBind } from './audit-rows.ts';
import { type Context, joined, newIds } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { int, text } from './row.ts';

const PERSONAL = ['event', 'about', 'peer_key', 'salt', 'content'] as const;

/** In the transaction of `context`. */
export async function appendEvents(context: Context, drafts: readonly EventDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  const { connection: c, writer, random } = context;
  const head = await takeHead(context, drafts.length);
  const ids = newIds(context, 'event', drafts.length);
  const first = int(head, 'seq') - drafts.length + 1;
  let prev = text(head, 'hash');
  const events: Value[][] = [];
  const personal: Value[][] = [];
  for (const [index, draft] of drafts.entries()) {
    context.audited?.add(draft.type);
    const id = ids[index];
    if (id === undefined) throw new Problem('internal');
    const salt = draft.personal === undefined ? {} : { salt: random.bytes(SALT_BYTES) };
    const event = makeEvent(draft, { writer, seq: first + index, prev, id, ...salt });
    prev = event.hash;
    events.push(eventValues(event));
    if (event.personal !== null) personal.push(personalRow(event, draft, context));
  }
  await c.insert('audit_events', EVENT_COLUMNS, events);
  if (personal.length > 0) await c.insert('audit_personal', PERSONAL, personal);
  await c.run('update audit_heads set hash = ? where writer = ?', [prev, writer]);
}

async function takeHead({ connection: c, writer }: Context, count: number): Promise<Row> {
  const take = 'update audit_heads set seq = seq + ? where writer = ? returning seq, hash';
  const [head] = await c.all(take, [count, writer]);
  if (head !== undefined) return head;
  await c.insertNew('audit_heads', ['writer', 'seq', 'hash', 'indexed'], [[writer, 0, GENESIS, 0]]);
  const [fresh] = await c.all(take, [count, writer]);
  if (fresh === undefined) throw new Problem('store_unavailable', { detail: 'the audit has no head' });
  return fresh;
}

/** Found again for forgetting by the principal it is about and, while the peer was nobody's yet, by the peer itself. */
function personalRow(
  { body, personal }: StoredEvent,
  draft: EventDraft,
  { vault, hasher }: Context,
): Value[] {
  const identifier = draft.personal?.['identifier'];
  const { channel, account } = draft.subject;
  const named = typeof identifier === 'string' && typeof channel === 'string' && typeof account === 'string';
  const peer = `${channel}:${account}:${identifier}`;
  return [
    body.id,
    draft.about ?? null,
    named ? hasher.keyed('person', joined('peer', peer)) : null,
    personal?.salt ?? '',
    vault.seal(JSON.stringify(personal?.data ?? {}), personalBind(body.id)),
  ];
}
