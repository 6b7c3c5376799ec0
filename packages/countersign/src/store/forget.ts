// Forgetting a person: everything of theirs goes in one transaction. What stays is what names nobody: the hashed bodies
// of the audit, and the keyed hashes by which a repeated message is known.
import type { PrincipalId } from '@countersign/protocol/ids';
import { peerKey } from '../core/identity/peer.ts';
import { indexEvents } from './audit-index.ts';
import { type Context, joined } from './context.ts';
import type { Value } from './dialects/database.ts';
import { anyOf, IS_PEER, peerValues, readPeer } from './peers.ts';
import { text } from './row.ts';

/** Values of one statement; a person of ten thousand sessions is forgotten in a few. */
const PART = 500;

export async function forget(context: Context, id: PrincipalId): Promise<boolean> {
  const { connection: c, clock, hasher } = context;
  if ((await c.run('delete from principals where id = ?', [id])) === 0) return false;
  const peers = (await c.all('select channel, account, native from peers where principal = ?', [id])).map(
    readPeer,
  );

  const personal: Value[] = [];
  for (const peer of peers) {
    const rows = await c.all(`select id from pairings where ${IS_PEER}`, peerValues(peer));
    personal.push(...rows.map((row) => text(row, 'id')));
    await c.run(`delete from pairings where ${IS_PEER}`, peerValues(peer));
    await c.run(`delete from transcripts where ${IS_PEER}`, peerValues(peer));
    await c.run(`delete from outbox where ${IS_PEER}`, peerValues(peer));
    // A message still at the desk belongs to no session yet.
    await c.run(`${BLANK_MESSAGES} where session is null and settled_at is null and ${IS_PEER}`, [
      clock.now(),
      ...peerValues(peer),
    ]);
    const key = hasher.keyed('person', joined('peer', peerKey(peer)));
    await c.run('delete from audit_personal where peer_key = ?', [key]);
  }
  await c.run('delete from pairings where principal = ?', [id]);
  await c.run('delete from outbox where principal = ?', [id]);
  await c.run('delete from peers where principal = ?', [id]);

  const sessions = await c.all('select id from sessions where principal = ?', [id]);
  for (const session of parts(sessions.map((row) => text(row, 'id')))) {
    // Two statements, for each can use an index: open messages and past ones.
    for (const which of ['is null', 'is not null']) {
      const where = `${anyOf('session', session)} and settled_at ${which} and session is not null`;
      await c.run(`${BLANK_MESSAGES} where ${where}`, [clock.now(), ...session]);
    }
  }
  await c.run('delete from sessions where principal = ?', [id]);

  await indexEvents(context);
  await c.run('delete from audit_personal where about = ?', [id]);
  for (const subjects of parts([id, ...personal])) {
    const events = `select event from audit_subjects where ${anyOf('subject', subjects)}`;
    await c.run(`delete from audit_personal where event in (${events})`, subjects);
  }
  return true;
}

const BLANK_MESSAGES = `update messages set channel = null, account = null, native = null, conversation_kind = null,
  conversation = null, principal = null, content = null, answer = null, claimed_by = null, claimed_until = null,
  session = null, settled_at = coalesce(settled_at, ?)`;

function parts(values: readonly Value[]): Value[][] {
  return Array.from({ length: Math.ceil(values.length / PART) }, (_, n) =>
    values.slice(n * PART, (n + 1) * PART),
  );
}
