// What is asked all the time is answered from an index, however long the house has been lived in. The statements are those
// that the verbs really send.
import { expect, test } from 'vitest';
import { approvalRow, needOf, word } from '../testing/approval-rows.ts';
import { HOUR, NOW, StoreBench } from '../testing/store/bench.ts';
import { testStoreOver } from '../testing/store/open.ts';
import type { Connection, Database, Value } from './dialects/database.ts';
import { openSqlite } from './dialects/node-sqlite.ts';

interface Sent {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Notes every statement that reads before it answers or writes. */
function listening(connection: Connection, sent: Sent[]): Connection {
  return {
    all: (sql, values = []) => {
      sent.push({ sql, values });
      return connection.all(sql, values);
    },
    run: (sql, values = []) => {
      sent.push({ sql, values });
      return connection.run(sql, values);
    },
    insert: (...args) => connection.insert(...args),
    insertNew: (...args) => connection.insertNew(...args),
    findEach: (select, columns, keys) => {
      const where = columns.map((column) => `${column} = ?`).join(' and ');
      sent.push({ sql: `${select} where ${where}`, values: keys[0] ?? [] });
      return connection.findEach(select, columns, keys);
    },
    findMany: (...args) => connection.findMany(...args),
  };
}

test('every second and with every message: no statement reads a whole table', async () => {
  const database = openSqlite(':memory:');
  const sent: Sent[] = [];
  const heard: Database = {
    dialect: database.dialect,
    types: database.types,
    connection: listening(database.connection, sent),
    transaction: (work) => database.transaction((connection) => work(listening(connection, sent))),
    hasTable: (connection, name) => database.hasTable(connection, name),
    lockSchema: (connection) => database.lockSchema(connection),
    takeTurn: (connection, what) => database.takeTurn(connection, what),
    close: () => database.close(),
  };
  const store = await testStoreOver(heard);
  const bench = new StoreBench();
  bench.begin(store, undefined);
  const { peer, person } = await bench.known();
  const conversation = { kind: 'direct', id: peer.native } as const;
  const card = bench.id('card');

  sent.length = 0;
  await store.people.standing(peer);
  await store.people.peersOf(person.id);
  await store.people.owners();
  const { session } = await bench.admit(peer, person.id, 'hello');
  const turn = await store.turns.claim(session, store.writer, NOW + 9, NOW);
  await store.turns.answer(turn?.id ?? 'turn_', store.writer, 'answer', NOW);
  await store.turns.history(session, { messages: 9, bytes: 99 });
  const draft = { peer, conversation, text: 'x', deadline: NOW + HOUR } as const;
  await store.outbox.put(
    [
      { ...draft, kind: 'notice' },
      { ...draft, kind: 'card', card },
    ],
    NOW,
  );
  const here = ['default', 'work', peer.account].map((account) => ({ channel: 'loopback', account }));
  const [item] = await store.outbox.claim(here, store.writer, NOW + 9, NOW, 1);
  await store.outbox.settle(item?.id ?? 'out_', 'sent', NOW);
  await store.outbox.withdraw(card, NOW);
  await store.outbox.expire(NOW, 50);
  await store.cards.open({
    id: card,
    peer,
    conversation,
    about: 'x',
    text: 'x',
    buttons: [{ verb: 'deny', hash: 'h' }],
    createdAt: NOW,
    expiresAt: NOW + 1,
  });
  await store.cards.byButton('h', peer);
  await store.cards.expire(NOW, 50);
  await store.cards.close('x');
  await store.pairings.latest(peer);
  await store.pairings.byCode('h');
  await store.pairings.ending(NOW, NOW + 1, 10);
  await store.linkOffers.tryOnce(person.id, peer, NOW, 5);
  await store.linkOffers.take(bench.id('linkOffer'));
  await store.allowLists.wanted();
  await store.audit.index();
  await store.audit.tally(NOW);
  const [page, id] = [{ limit: 9 }, person.id];
  await store.audit.list(page);
  await store.audit.list({ ...page, about: [id] });
  await store.audit.list({ ...page, about: [id, peer.native], types: ['turn.answered'], since: NOW });
  await store.audit.list({ ...page, types: ['pairing.approved', 'pairing.denied'] });
  await store.audit.list({ ...page, outcome: 'failed', before: { at: NOW, id: 'evt_a' } });
  await store.audit.list({ ...page, since: NOW, until: NOW + 1 });
  await store.audit.told('appr_a', ['approval.redeemed', 'approval.superseded'], NOW);
  await store.sessions.list({ live: true, limit: 9 });
  await store.sessions.list({ live: true, principal: id, limit: 9 });
  await store.sessions.revoke(session, NOW);
  await store.approvals.past('main', session, NOW, NOW);
  const asked = approvalRow(bench.id('approval'), NOW, { session, need: needOf([id]) });
  await store.approvals.open(asked, 'key');
  await store.approvals.repeated(asked.token, 'key');
  await store.approvals.get(asked.id);
  await store.approvals.beginning({ id: 'abc', short: null }, 9);
  await store.approvals.beginning({ id: 'abc', short: 'ABC' }, 9);
  await store.approvals.list({ states: ['pending'], limit: 9 });
  await store.approvals.list({ agent: 'main', limit: 9 });
  await store.approvals.briefs({ states: ['pending', 'approved'], asked: 'people', limit: 9 });
  await store.approvals.briefs({ asked: 'people', endedSince: NOW, limit: 9 });
  await store.approvals.briefs({ ids: [asked.id], asked: 'people', limit: 9 });
  await store.approvals.supersedeShutOut('requester_changed', NOW);
  await store.approvals.told([asked.id]);
  await store.approvals.say(asked.id, word(id, NOW), 'approve', NOW + 9);
  await store.approvals.end(asked.id, 'cancel', 'requester', NOW);
  await store.approvals.expire(NOW, 50);
  await store.approvals.supersedeAll('policy_changed', NOW);
  const grant = bench.id('grant');
  await store.runs.issue({ approval: asked.id, grant, issuedAt: NOW, expiresAt: NOW + 9, seal: 's' });
  await store.runs.of([asked.id]);
  await store.runs.byGrant(grant);
  await store.runs.redeem(grant, 'token:tok_a', NOW);
  await store.runs.started(grant, 'token:tok_a', NOW);
  await store.runs.seen(grant, 'token:tok_a', NOW);
  await store.runs.lose(NOW, NOW, 50);
  await store.runs.finish(grant, 'token:tok_a', { failure: 'x' }, NOW);
  const window = { principal: id, agent: 'main', tier: 'elevated', host: 'h', session } as const;
  await store.windows.until(window, NOW);
  await store.windows.close(id);
  await store.windows.prune(NOW);
  await store.elevations.live(NOW);
  await store.elevations.end(bench.id('elevation'), 'person', NOW);
  await store.approvals.prune(NOW);
  await store.policies.current();
  await store.policies.told();
  await store.limits.take('k', { burst: 1, refillMs: 1 }, NOW);

  const whole: string[] = [];
  for (const { sql, values } of sent) {
    const plan = await database.connection.all(`explain query plan ${sql}`, values);
    for (const row of plan) {
      const step = String(row['detail']);
      // An index that holds only what is open, or owners, is as short as what it is read for.
      if (
        /^SCAN (?!CONSTANT)/.test(step) &&
        !/USING (COVERING )?INDEX (messages_open|principals_owners|audit_policies)/.test(step) &&
        // One row a gateway; and a page that is read in the order of an index, no further than its limit.
        !/^SCAN audit_heads/.test(step) &&
        !(/USING INDEX (audit_events_at|sessions_live)$/.test(step) && /limit \?$/.test(sql))
      )
        whole.push(`${step} <- ${sql}`);
      if (/SEARCH outbox USING INDEX outbox_peer/.test(step)) whole.push(`${step} <- ${sql}`);
    }
  }
  expect(sent.length).toBeGreaterThan(25);
  expect(whole).toEqual([]);
  await store.close();
});
