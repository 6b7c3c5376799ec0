// Forgetting a person: everything of theirs goes in one transaction. What stays is what names nobody: the hashed bodies
// of the audit, and the keyed hashes by which a repeated message is known.
import type { PrincipalId } from '@countersign/protocol/ids';
import { peerKey } from '../core/identity/peer.ts';
import { indexEvents } from './audit-index.ts';
import { type Context, joined } from './context.ts';
import type { Connection, Value } from './dialects/database.ts';
import { forgetFactors } from './factors.ts';
import { anyOf, IS_PEER, parts, peerValues, readPeer } from './peers.ts';
import { text } from './row.ts';

export async function forget(context: Context, id: PrincipalId): Promise<boolean> {
  const { connection: c, clock, hasher } = context;
  if ((await c.run('delete from principals where id = ?', [id])) === 0) return false;
  const peers = (await c.all('select channel, account, native from peers where principal = ?', [id])).map(
    readPeer,
  );

  // Requests of peers that are theirs no longer, too.
  const asked: string[] = (await c.all('delete from pairings where principal = ? returning id', [id])).map(
    (row) => text(row, 'id'),
  );
  for (const peer of peers) {
    const rows = await c.all(`delete from pairings where ${IS_PEER} returning id`, peerValues(peer));
    asked.push(...rows.map((row) => text(row, 'id')));
    await c.run(`delete from transcripts where ${IS_PEER}`, peerValues(peer));
    await c.run(`delete from outbox where ${IS_PEER}`, peerValues(peer));
    await forgetCards(c, IS_PEER, peerValues(peer));
    await c.run(`delete from link_offers where ${IS_PEER}`, peerValues(peer));
    const isAlias = 'channel = ? and account = ? and (native = ? or holder = ?)';
    await c.run(`delete from aliases where ${isAlias}`, [...peerValues(peer), peer.native]);
    // A message still at the desk belongs to no session yet.
    await c.run(`${BLANK_MESSAGES} where session is null and settled_at is null and ${IS_PEER}`, [
      clock.now(),
      ...peerValues(peer),
    ]);
    const key = hasher.keyed('person', joined('peer', peerKey(peer)));
    await c.run('delete from audit_personal where peer_key = ?', [key]);
  }
  for (const pairing of asked) await forgetCards(c, 'about = ?', [pairing]);
  await c.run('delete from outbox where principal = ?', [id]);
  await c.run('delete from link_offers where principal = ?', [id]);
  asked.push(...(await forgetDevices(c, id)));
  await c.run('delete from peers where principal = ?', [id]);
  await forgetFactors(c, id);

  const sessions = await c.all('select id from sessions where principal = ?', [id]);
  for (const session of parts(sessions.map((row) => text(row, 'id')))) {
    // Two statements, for each can use an index: open messages and past ones.
    for (const which of ['is null', 'is not null']) {
      const where = `${anyOf('session', session)} and settled_at ${which} and session is not null`;
      await c.run(`${BLANK_MESSAGES} where ${where}`, [clock.now(), ...session]);
    }
  }
  await c.run('delete from handles where session in (select id from sessions where principal = ?)', [id]);
  await c.run('delete from sessions where principal = ?', [id]);
  await c.run('delete from bearers where principal = ?', [id]);
  await c.run('delete from user_map where principal = ?', [id]);
  asked.push(...(await forgetApprovals(c, id)));

  await indexEvents(context);
  await c.run('delete from audit_personal where about = ?', [id]);
  for (const subjects of parts([id, ...asked])) {
    const events = `select event from audit_subjects where ${anyOf('subject', subjects)}`;
    await c.run(`delete from audit_personal where event in (${events})`, subjects);
  }
  return true;
}

/** Their devices with tokens and setup codes, and the requests these came from. @returns ids that events may name. */
async function forgetDevices(c: Connection, id: PrincipalId): Promise<string[]> {
  const theirs = 'select id from devices where principal = ?';
  await c.run(`delete from device_tokens where device in (${theirs})`, [id]);
  await c.run(`delete from push_subscriptions where device in (${theirs})`, [id]);
  const requests = await c.all(
    `delete from device_requests where device in (${theirs})
       or setup in (select id from setups where maker = ?) returning id`,
    [id, id],
  );
  for (const row of requests) await forgetCards(c, 'about = ?', [text(row, 'id')]);
  await c.run('delete from setups where maker = ?', [id]);
  const devices = await c.all('delete from devices where principal = ? returning id', [id]);
  return [...requests, ...devices].map((row) => text(row, 'id'));
}

/** What was asked for them, with every word on it; of what they said on other requests the id and the word stay. */
async function forgetApprovals(c: Connection, id: PrincipalId): Promise<string[]> {
  const theirs = (await c.all('delete from approvals where requester = ? returning id', [id])).map((row) =>
    text(row, 'id'),
  );
  for (const approval of theirs) await forgetCards(c, 'about = ?', [approval]);
  for (const ids of parts(theirs)) {
    await c.run(`delete from approval_words where ${anyOf('approval', ids)}`, ids);
    await c.run(`delete from runs where ${anyOf('approval', ids)}`, ids);
  }
  await c.run('update approval_words set surface = null, reason = null where by_whom = ?', [id]);
  await c.run('delete from proof_windows where principal = ?', [id]);
  await c.run('delete from elevations where by_whom = ?', [id]);
  return theirs;
}

/** A card shown to an owner holds the words of whoever asked. */
async function forgetCards(c: Connection, which: string, values: readonly Value[]): Promise<void> {
  const found = `select id from cards where ${which}`;
  await c.run(`delete from outbox where card in (${found})`, values);
  await c.run(`delete from card_buttons where card in (${found})`, values);
  await c.run(`delete from cards where ${which}`, values);
}

const BLANK_MESSAGES = `update messages set channel = null, account = null, native = null, conversation_kind = null,
  conversation = null, principal = null, content = null, answer = null, claimed_by = null, claimed_until = null,
  session = null, settled_at = coalesce(settled_at, ?)`;
