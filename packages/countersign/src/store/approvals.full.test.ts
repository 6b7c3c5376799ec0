// kill -9 between any two writes while programs ask and people decide, again and again in the same home: no decision that was
// acknowledged is lost, none is there that nobody gave, and cards, words, audit and policy never contradict each other.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { StoreBench } from '../testing/store/bench.ts';
import { openTestStore } from '../testing/store/open.ts';

const CHILD = fileURLToPath(new URL('../testing/store/approvals-child.ts', import.meta.url));
const ROUNDS = process.env['CI'] === undefined ? 200 : 60;
/** Deaths in one home: looking at all that is in it stays quick. */
const DEATHS = 20;

/** The same program two hundred times: read once. */
const CACHE = mkdtempSync(join(tmpdir(), 'countersign-cache-'));
const homes: string[] = [CACHE];
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** What a state may have become by what came after it, in the same life or a later one. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  pending: ['pending', 'approved', 'denied', 'cancelled', 'expired', 'superseded'],
  said: ['pending', 'approved', 'expired', 'superseded'],
  approved: ['approved', 'expired', 'superseded'],
  denied: ['denied'],
  cancelled: ['cancelled'],
  expired: ['expired'],
  superseded: ['superseded'],
};

const eventsOf = (...types: readonly string[]) =>
  `(select count(*) from audit_events as e where e.type in (${types.map((one) => `'${one}'`).join(', ')})
     and e.subject like '%' || approvals.id || '%')`;
const wordsOf = (decision: string) =>
  `(select count(*) from approval_words as w where w.approval = approvals.id and w.decision = '${decision}')`;

/** Each finds the rows that break its sentence. */
const NEVER: Readonly<Record<string, string>> = {
  'a request that does not stand in the audit once': `
    select id from approvals where ${eventsOf('approval.requested', 'approval.allowed')} <> 1`,
  'a yes that nobody gave, or too few': `
    select id from approvals where need is not null and redeem_by is not null
      and ${wordsOf('approve')} < json_extract(need, '$.quorum')`,
  'enough yeses and no yes': `
    select id from approvals where state = 'pending' and ${wordsOf('approve')} >= json_extract(need, '$.quorum')`,
  'a yes without its event, or an event without its yes': `
    select id from approvals where need is not null
      and ${eventsOf('approval.approved', 'approval.endorsed')} <> ${wordsOf('approve')}`,
  'a no that nobody gave': `
    select id from approvals where state = 'denied' and ended_by is null and ${wordsOf('deny')} <> 1`,
  'a no without its event': `
    select id from approvals where ${eventsOf('approval.denied')} <> ${wordsOf('deny')}`,
  'an end without its event, or with two': `
    select id from approvals where need is not null and
      (state = 'cancelled') <> ${eventsOf('approval.cancelled')} or need is not null and
      (state = 'superseded') <> ${eventsOf('approval.superseded')} or need is not null and
      (state = 'expired') <> ${eventsOf('approval.expired')} or
      (coalesce(ended_by, '') = 'no_approver_reachable') <> ${eventsOf('approval.undelivered')}`,
  'a word on no request':
    'select approval from approval_words where approval not in (select id from approvals)',
  'a request that waits without a card for each who may decide, or a card of one that does not wait': `
    select id from approvals where need is not null and
      (select count(*) from cards where about = approvals.id and cards.state = 'open')
        <> (case when state = 'pending' then json_array_length(need, '$.people') else 0 end)`,
  'a card without its message': `
    select id from cards where (select count(*) from outbox where card = cards.id and kind = 'card') <> 1`,
  'something that waits, or could be used, under an older policy': `
    select id from approvals where state in ('pending', 'approved')
      and policy < (select coalesce(max(version), 0) from policies)`,
  'a version of the policy without its event': `
    select version from policies where (select count(*) from audit_events where type = 'policy.changed'
      and subject like '%"version":' || policies.version || '}%') <> 1`,
};

class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'countersign-approvals-'));
  readonly file = join(this.folder, 'countersign.db');

  constructor() {
    homes.push(this.folder);
  }

  run(life: string, dieAt: number) {
    const env = { ...process.env, NODE_COMPILE_CACHE: CACHE };
    const args = [CHILD, this.file, life, String(dieAt)];
    const { signal, status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    return { signal, status, stderr, lines: stdout.trimEnd().split('\n') };
  }

  /** Sentences that are broken, and promises that were. */
  broken(promises: readonly string[]): string[] {
    const db = new DatabaseSync(this.file, { readOnly: true });
    try {
      const sentences = Object.entries(NEVER).flatMap(([sentence, sql]) =>
        db.prepare(sql).all().length > 0 ? [sentence] : [],
      );
      const state = db.prepare('select state from approvals where id = ?');
      const kept = promises.filter((promise) => {
        const [what = '', id = ''] = promise.split(' ');
        return !LATER[what]?.includes(String(state.get(id)?.['state']));
      });
      return [...sentences, ...kept];
    } finally {
      db.close();
    }
  }
}

/** How many writes there are when nobody dies; and the sentences have something to be about. */
function unharmed(): number {
  const home = new Home();
  const { status, stderr, lines } = home.run('whole', 0);
  expect(status, stderr).toBe(0);
  const writes = lines.pop() ?? '';
  expect(home.broken(lines)).toEqual([]);
  expect(lines.map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['pending', 'said', 'approved', 'denied', 'cancelled', 'expired', 'superseded']),
  );
  return Number(writes.split(' ')[1]);
}

test(`${ROUNDS} times kill -9, before every single write: no decision lost, none invented`, {
  timeout: 900_000,
}, async () => {
  const count = unharmed();
  expect(count).toBeGreaterThan(60);
  const rounds = Math.max(ROUNDS, ROUNDS < 100 ? ROUNDS : count);
  // Every write at least once where there are rounds for it, else every few of them.
  const stride = Math.max(1, Math.floor(count / rounds));
  for (let first = 0; first < rounds; first += DEATHS) {
    const home = new Home();
    const promises: string[] = [];
    for (let round = first; round < Math.min(rounds, first + DEATHS); round += 1) {
      const dieAt = ((round * stride) % count) + 1;
      const { signal, stderr, lines } = home.run(`life${round}`, dieAt);
      // A life under another policy may have a few writes less, and be over before it dies.
      const whole = lines.find((line) => line.startsWith('writes '))?.slice('writes '.length);
      expect(signal === 'SIGKILL' || Number(whole) < dieAt, `write ${dieAt}: ${stderr}`).toBe(true);
      promises.push(...lines.filter((line) => line !== '' && !line.startsWith('writes ')));
      expect(home.broken(promises), `killed before write ${dieAt}`).toEqual([]);
    }
    const { status, stderr, lines } = home.run('last', 0);
    expect(status, stderr).toBe(0);
    expect(home.broken([...promises, ...lines.slice(0, -1)])).toEqual([]);
    const store = await openTestStore('sqlite:countersign.db', { home: home.folder });
    const bench = new StoreBench();
    bench.begin(store, undefined);
    await bench.chain();
    await store.close();
  }
});
