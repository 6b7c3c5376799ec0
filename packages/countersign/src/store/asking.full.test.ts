// kill -9 between any two writes while people ask, owners decide and the file's list is written: a card has its message, an
// approval its link, its event and its debt, a debt its grant. Not some moments of chance: before every single write once.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { StoreBench } from '../testing/store/bench.ts';
import { openTestStore } from '../testing/store/open.ts';

const CHILD = fileURLToPath(new URL('../testing/store/asking-child.ts', import.meta.url));
/** Every how many writes one is died before. */
const STRIDE = process.env['CI'] === undefined ? 1 : 5;
/** Deaths in one home: looking at all that is in it stays quick. */
const DEATHS = 20;

const homes: string[] = [];
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'countersign-asking-'));
  readonly #file = join(this.folder, 'countersign.db');

  constructor() {
    homes.push(this.folder);
  }

  run(account: string, dieAt: number) {
    const args = [CHILD, this.#file, account, String(dieAt)];
    const { signal, status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { signal, status, stdout, stderr };
  }

  read<T>(look: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(this.#file, { readOnly: true });
    try {
      return look(db);
    } finally {
      db.close();
    }
  }

  broken(): string[] {
    return this.read((db) =>
      Object.entries(NEVER)
        .filter(([, sql]) => db.prepare(sql).all().length > 0)
        .map(([sentence]) => sentence),
    );
  }
}

/** Each finds the rows that break its sentence. */
const NEVER: Readonly<Record<string, string>> = {
  'a card without its message, or with two': `
    select id from cards where (select count(*) from outbox where card = cards.id and kind = 'card') <> 1`,
  'a message with buttons of no card': `
    select id from outbox where card is not null and card not in (select id from cards)`,
  'a card that has not its three buttons': `
    select id from cards where (select count(*) from card_buttons where card = cards.id) <> 3`,
  'a button of no card': 'select hash from card_buttons where card not in (select id from cards)',
  'a closed card that somebody may have seen and that does not say how it ended, or one nobody saw that does': `
    select id from cards where state = 'closed' and 1 <> (
      select count(*) from outbox where card = cards.id and (kind = 'card-update' or reason = 'superseded' and attempts = 0))`,
  'an open card that was withdrawn or says how it ended': `
    select id from cards where state = 'open'
      and exists (select 1 from outbox where card = cards.id and (reason = 'superseded' or kind = 'card-update'))`,
  'a decided request with an open card': `
    select cards.id from cards join pairings on pairings.id = cards.about
      where cards.state = 'open' and pairings.state not in ('pending', 'waiting')`,
  'cards about one thing of which some are open and some are closed': `
    select about from cards group by about having count(distinct state) > 1`,
  'a request that did not ask both owners, tell its sender and stand in the audit': `
    select id from pairings where
      (select count(*) from cards where about = pairings.id) <> 2
      or (select count(*) from outbox where once_key = 'code:' || pairings.id) <> 1
      or (select count(*) from audit_events where type = 'pairing.requested' and subject like '%' || pairings.id || '%') <> 1`,
  'an approval without its link, its event or its word to the sender': `
    select id from pairings where state = 'approved' and (
      not exists (select 1 from peers where peers.native = pairings.native and peers.account = pairings.account
        and peers.principal = pairings.principal and direct = 1 and access_until = pairings.access_until)
      or not exists (select 1 from principals where id = pairings.principal)
      or (select count(*) from outbox where once_key = 'decided:' || pairings.id) <> 1
      or (select count(*) from audit_events where type = 'pairing.approved' and subject like '%' || pairings.id || '%') <> 1)`,
  'an approval that the file neither shows nor owes': `
    select id from pairings where state = 'approved'
      and native not in (select native from allow_entries) and native not in (
        select native from allow_wanted where edit = 'add')`,
  'a person let in without an approval': `
    select native from peers where account <> 'owners' and principal is not null and not exists (
      select 1 from pairings where pairings.native = peers.native and state = 'approved')`,
  'an edit owed for nothing': `
    select native from allow_wanted where
      edit = 'add' and native not in (select native from peers where principal is not null and direct = 1)
      or edit = 'remove' and native in (select native from peers where principal is not null)`,
  'an entry of ours that no grant stands behind, and that is not owed to go': `
    select native from allow_entries where origin = 'store'
      and native not in (select native from peers where principal is not null and direct = 1)
      and native not in (select native from allow_wanted where edit = 'remove')`,
  'a blocked request whose peer is not shut out': `
    select id from pairings where state = 'blocked'
      and not exists (select 1 from peers where peers.native = pairings.native and blocked = 1 and principal is null)`,
};

/** How many writes there are when nobody dies; and the sentences have something to be about. */
function unharmed(): number {
  const home = new Home();
  const { status, stdout, stderr } = home.run('whole', 0);
  expect(status, stderr).toBe(0);
  expect(home.broken()).toEqual([]);
  home.read((db) => {
    const states = db.prepare('select state from pairings order by n').all();
    expect(states.map((row) => row['state'])).toEqual(['revoked', 'denied', 'blocked', 'pending']);
    expect(db.prepare('select count(*) as n from cards').get()).toMatchObject({ n: 8 });
  });
  return Number(stdout);
}

/** What the dead left owed the next one carried out, and the chain is whole after all that. */
async function lastOf(home: Home): Promise<void> {
  const { status, stderr } = home.run('last', 0);
  expect(status, stderr).toBe(0);
  expect(home.broken()).toEqual([]);
  const store = await openTestStore('sqlite:countersign.db', { home: home.folder });
  const bench = new StoreBench();
  bench.begin(store, undefined);
  expect(await store.allowLists.wanted()).toEqual([]);
  await bench.chain();
  await store.close();
}

test('kill -9 before every single write: nothing is ever there by half', { timeout: 900_000 }, async () => {
  const count = unharmed();
  expect(count).toBeGreaterThan(60);
  for (let first = 1; first <= count; first += STRIDE * DEATHS) {
    const home = new Home();
    for (let dieAt = first; dieAt <= Math.min(count, first + STRIDE * (DEATHS - 1)); dieAt += STRIDE) {
      const { signal, stderr } = home.run(`a${dieAt}`, dieAt);
      expect(signal, `write ${dieAt}: ${stderr}`).toBe('SIGKILL');
      expect(home.broken(), `killed before write ${dieAt}`).toEqual([]);
    }
    await lastOf(home);
  }
});
