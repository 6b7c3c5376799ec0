// The SQLite store: the whole suite, and what only a file can do.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { approvalRow, execAction, word } from '../testing/approval-rows.ts';
import { FakeClock } from '../testing/fakes.ts';
import { NOW, StoreBench, toAgent, toDesk } from '../testing/store/bench.ts';
import { openTestStore, testStoreOver } from '../testing/store/open.ts';
import { storeConformance } from '../testing/store-conformance.ts';
import { openSqlite } from './dialects/node-sqlite.ts';

const homes: string[] = [];
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  homes.push(home);
  return home;
}

storeConformance('sqlite in memory', async () => {
  const database = openSqlite(':memory:');
  const store = await testStoreOver(database);
  return {
    store,
    asWriter: (writer) => testStoreOver(database, { writer }),
    close: () => store.close(),
  };
});

storeConformance('sqlite file, two handles', async () => {
  const home = newHome();
  const stores = [await openTestStore('sqlite:countersign.db', { home })];
  const [store = expect.fail()] = stores;
  return {
    store,
    reopen: () => openTestStore('sqlite:countersign.db', { home }),
    async asWriter(writer) {
      const other = await openTestStore('sqlite:countersign.db', { home, writer });
      stores.push(other);
      return other;
    },
    async close() {
      for (const one of stores) await one.close();
    },
  };
});

async function benchOn(home: string, more: { maxPageCount?: number } = {}) {
  const store = await openTestStore('sqlite:data/countersign.db', { home, ...more });
  const bench = new StoreBench();
  bench.begin(store, undefined);
  return { store, bench };
}

describe('a SQLite file', () => {
  test('is opened again with all that was in it, and the same ids', async () => {
    const home = newHome();
    const { store, bench } = await benchOn(home);
    const { peer, person } = await bench.known();
    await store.close();
    const again = await openTestStore('sqlite:data/countersign.db', { home });
    expect((await again.people.standing(peer)).principal?.id).toBe(person.id);
    expect([again.installation, again.writer]).toEqual([store.installation, store.writer]);
    await again.close();
  });

  test('belongs to its owner alone, log and index too', async () => {
    const home = newHome();
    const { store, bench } = await benchOn(home);
    await bench.person();
    for (const name of ['countersign.db', 'countersign.db-wal', 'countersign.db-shm']) {
      expect(statSync(join(home, 'data', name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(home, 'data')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  test('holds no name, code or text that a reader of the file could see', async () => {
    const home = newHome();
    const { store, bench } = await benchOn(home);
    const { peer, person } = await bench.known();
    const request = bench.request(bench.peer(), {
      firstWords: 'FIRSTWORDS',
      displayName: 'DISPLAYNAME',
      username: 'USERNAME',
    });
    await store.pairings.open(
      { ...request, code: 'PAIRINGCODE' },
      { max: 3, maxPerAddress: 2, evictAfterMs: 1, maxWaiting: 1 },
    );
    const { session } = await bench.admit(peer, person.id, 'MESSAGETEXT');
    const turn = await store.turns.claim(session, store.writer, NOW + 9, NOW);
    await store.turns.answer(turn?.id ?? 'turn_', store.writer, 'ANSWERTEXT', NOW);
    await store.messages.accept([bench.says(bench.peer(), 'DESKTEXT')], toDesk, NOW);
    const conversation = { kind: 'direct', id: peer.native } as const;
    await store.outbox.put([{ peer, conversation, kind: 'notice', text: 'OUTBOXTEXT', deadline: NOW }], NOW);
    await store.transcripts.append(peer, { id: '1', from: 'you', text: 'TRANSCRIPTTEXT', at: NOW });
    await store.people.rename(person.id, 'PERSONNAME');
    await store.audit.append([
      {
        type: 'person.added',
        at: NOW,
        actor: { kind: 'host' },
        subject: {},
        outcome: 'ok',
        personal: { name: 'AUDITNAME' },
      },
    ]);
    const card = bench.id('card');
    const about = { peer, conversation, text: 'CARDTEXT', createdAt: NOW, expiresAt: NOW };
    await store.cards.open({ id: card, ...about, about: request.id, buttons: [] });
    const buttons = [{ label: 'BUTTONTEXT', value: 'BUTTONVALUETEXT' }];
    const shown = { peer, conversation, kind: 'card', text: 'SHOWNTEXT', deadline: NOW + 9 } as const;
    await store.outbox.put([{ ...shown, card, buttons }], NOW);
    await store.acceptedConfig.accept('channels.telegram.apiRoot', '"ACCEPTEDTEXT"', NOW);
    const asked = approvalRow(bench.id('approval'), NOW, {
      action: execAction('git', 'ACTIONTEXT'),
      commands: [{ text: 'LISTEDTEXT', tier: 'read', via: [] }],
      requesterPeer: 'loopback:default:PEERTEXT',
    });
    await store.approvals.open(asked, null);
    const no = word(person.id, NOW, { surface: 'SURFACETEXT', reason: 'REASONTEXT', decision: 'deny' });
    await store.approvals.say(asked.id, no, 'deny', null);
    await store.policies.replace(0, { version: 1, json: '"POLICYTEXT"', at: NOW });
    const secrets = /FIRSTWORDS|DISPLAYNAME|USERNAME|PAIRINGCODE|[A-Z]+TEXT|PERSONNAME|AUDITNAME/;
    for (const name of ['countersign.db', 'countersign.db-wal']) {
      expect(readFileSync(join(home, 'data', name), 'latin1')).not.toMatch(secrets);
    }
    await store.close();
  });

  test('a sealed value moved to another row does not open there', async () => {
    const home = newHome();
    const { store, bench } = await benchOn(home);
    const [one, two] = [await bench.person(), await bench.person()];
    await store.close();
    const file = join(home, 'data', 'countersign.db');
    const db = new DatabaseSync(file);
    db.prepare('update principals set name = (select name from principals where id = ?) where id = ?').run(
      one.id,
      two.id,
    );
    db.close();
    const again = await openTestStore('sqlite:data/countersign.db', { home });
    await expect(again.people.get(two.id)).rejects.toMatchObject({ code: 'store_unavailable' });
    await again.close();
  });

  test('an accepted value moved to another key, or another gateway, does not open there', async () => {
    for (const move of ["path = 'agent.url'", "writer = 'wri_aaaaaaaaaaaaaaaaaaaaaaaa'"]) {
      const home = newHome();
      const { store } = await benchOn(home);
      await store.acceptedConfig.accept('agent.kind', '"echo"', NOW);
      await store.close();
      const db = new DatabaseSync(join(home, 'data', 'countersign.db'));
      db.exec(`update accepted_config set ${move}`);
      db.close();
      const writer = move.startsWith('writer') ? ({ writer: 'wri_aaaaaaaaaaaaaaaaaaaaaaaa' } as const) : {};
      const again = await openTestStore('sqlite:data/countersign.db', { home, ...writer });
      await expect(again.acceptedConfig.read()).rejects.toMatchObject({ code: 'store_unavailable' });
      await again.close();
    }
  });

  test('written by a newer version is refused and left as it is', async () => {
    const home = newHome();
    const { store } = await benchOn(home);
    await store.close();
    const file = join(home, 'data', 'countersign.db');
    const db = new DatabaseSync(file);
    db.exec(`update meta set value = '99' where key = 'schema'`);
    db.close();
    await expect(openTestStore('sqlite:data/countersign.db', { home })).rejects.toMatchObject({
      code: 'store_schema_newer',
    });
  });

  test('that is damaged or no database at all is refused', async () => {
    const home = newHome();
    writeFileSync(join(home, 'bad.db'), 'this is no database, whatever its name says. '.repeat(200));
    await expect(openTestStore('sqlite:bad.db', { home })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    const other = new DatabaseSync(join(home, 'other.db'));
    other.exec('create table meta (key text, value text)');
    other.close();
    await expect(openTestStore('sqlite:other.db', { home })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await expect(openTestStore('sqlite:.', { home })).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a full disk writes nothing by half, and the store goes on when there is room', async () => {
    const home = newHome();
    const { store, bench } = await benchOn(home, { maxPageCount: 200 });
    const { peer, person } = await bench.known();
    const batch = () => Array.from({ length: 8 }, () => bench.says(peer, 'x'.repeat(4_000)));
    let accepted = 0;
    let full: unknown;
    while (full === undefined && accepted < 10_000) {
      await store.messages
        .accept(batch(), toAgent(person.id), NOW)
        .then((answers) => {
          accepted += answers.length;
        })
        .catch((cause: unknown) => {
          full = cause;
        });
    }
    expect(full).toMatchObject({ code: 'store_full' });
    expect(await bench.chain()).toHaveLength(accepted);
    expect(await store.people.get(person.id)).toEqual(person);
    const [session] = await store.sessions.list({ principal: person.id, limit: 1 });
    await store.turns.overflow(session?.id ?? 'ses_', 0);
    expect(await store.messages.accept(batch(), toAgent(person.id), NOW)).toHaveLength(8);
    await bench.chain();
    await store.close();
  });

  test('a closed store says so', async () => {
    const { store } = await benchOn(newHome());
    await store.close();
    await expect(store.ping()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.atomically(async () => 1)).rejects.toMatchObject({ code: 'store_unavailable' });
    await store.close();
  });

  test('a URL of no known form is refused without being repeated', async () => {
    for (const url of ['mysql://user:secret@host/x', 'sqlite:', 'countersign.db']) {
      const refused = openTestStore(url, { home: newHome() });
      await expect(refused).rejects.toMatchObject({ code: 'config_invalid' });
      await expect(refused).rejects.not.toThrow('secret');
    }
  });

  test('with nothing to migrate no migration is loaded or run', async () => {
    const home = newHome();
    const { store } = await benchOn(home);
    await store.close();
    const before = readFileSync(join(home, 'data', 'countersign.db'));
    const again = await openTestStore('sqlite:data/countersign.db', { home, clock: new FakeClock() });
    await again.ping();
    await again.close();
    expect(existsSync(join(home, 'data', 'countersign.db-wal'))).toBe(false);
    expect(readFileSync(join(home, 'data', 'countersign.db')).equals(before)).toBe(true);
  });
});
