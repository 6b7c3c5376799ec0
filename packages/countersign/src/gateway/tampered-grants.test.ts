// E-11, H50, approval 10.1: nothing but a yes makes a grant. The attacker can write to the database (PostgreSQL on another machine,
// a backup that is restored) and has none of the keys; what they write is not signed, not spent, and told to the owners.
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openSqlite } from '../store/dialects/node-sqlite.ts';
import { rowSeals } from '../store/migrations/0012-row-seals.ts';
import { type ApprovalHouse, command, LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

/** Of SQLite, as the house's store has them. */
const { types } = openSqlite(':memory:');

type Row = { readonly id: string; readonly state: string; readonly grant?: string | null };

function tampers(stage: ApprovalHouse, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(stage.house.composed.home.store);
  work(database);
  database.close();
}

const redeem = (stage: ApprovalHouse, grant: string) =>
  stage.house.call(
    'agent',
    'POST',
    '/api/v1/grants/redeem',
    { grant },
    { authorization: `Bearer ${stage.program.token}` },
  );

async function approved(stage: ApprovalHouse): Promise<{ readonly id: string; readonly grant: string }> {
  const { id } = await stage.asks(PUSH);
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
  const { grant } = await jsonOf<Row>(stage.sees(id));
  return { id, grant: grant ?? expect.fail('no grant') };
}

/** What the owner reads of it in their chat. */
async function alarms({ house }: ApprovalHouse): Promise<readonly string[]> {
  const { outbox, writer } = house.composed.store;
  const [chats, now] = [[{ channel: 'telegram', account: 'default' }], Date.now()];
  const waiting = await outbox.claim(chats, writer, now + 60_000, now, 100);
  return waiting.map(({ text }) => text).filter((text) => text.includes('something else than what happened'));
}

/** Refused with that code, nothing of it was signed or spent, it is written down and the owners hear of it. */
async function isAnAlarm(
  stage: ApprovalHouse,
  answer: Response,
  code: string,
  reason: string,
): Promise<void> {
  const said = await answer.text();
  expect([answer.status >= 400, JSON.parse(said)]).toMatchObject([true, { code, reason }]);
  expect(said).not.toMatch(/eyJ/);
  expect(await stage.events('grant.refused')).toMatchObject([{ reason }]);
  expect(await alarms(stage)).toHaveLength(1);
}

test('E-11: a request that somebody made approved in the database, with a run beside it, is neither signed nor spent', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  tampers(stage, (database) => {
    const now = Date.now();
    const made = 'update approvals set state = ?, decided_at = ?, ended_at = ?, redeem_by = ? where id = ?';
    database.prepare(made).run('approved', now, now, now + 120_000, id);
    const run = 'insert into runs (approval, grant_id, issued_at, expires_at, seal) values (?, ?, ?, ?, ?)';
    database.prepare(run).run(id, `grant_${'a'.repeat(32)}`, now, now + 120_000, 's'.repeat(43));
  });
  await isAnAlarm(stage, await stage.sees(id), 'audit_broken', 'unsealed');
  expect(await stage.events('approval.redeemed')).toEqual([]);
});

const BENT: readonly (readonly [string, string])[] = [
  ['no seal', 'update runs set seal = null'],
  ['an empty seal', `update runs set seal = ''`],
  ['a time that ends later', 'update runs set expires_at = expires_at + 1'],
  [
    'a yes of somebody else',
    `update approval_words set by_whom = 'prn_aaaaaaaaaaaaaaaaaaaaaaaa', surface = null`,
  ],
  ['a yes that was proven', `update approval_words set factors = '["passkey"]'`],
  ['a yes of another time', 'update approval_words set at = at - 1'],
  ['one yes less', 'delete from approval_words'],
  ['another person', `update approvals set requester = 'prn_aaaaaaaaaaaaaaaaaaaaaaaa'`],
  ['another agent', `update approvals set agent = 'other'`],
  ['another tier', `update approvals set tier = 'read'`],
  ['another machine', `update approvals set host = 'elsewhere'`],
  ['another action', `update approvals set action_digest = '${'ab'.repeat(32)}'`],
  ['another request', `update approvals set request_digest = '${'ab'.repeat(32)}'`],
];

test.each(BENT)('H50: an approved request with %s is signed no more', async (_name, sql) => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await approved(stage);
  tampers(stage, (database) => database.exec(sql));
  const seen = await stage.sees(id);
  expect(JSON.stringify(await seen.json())).not.toMatch(/eyJ/);
  // Nor is the grant that was fetched before spent for it.
  expect((await redeem(stage, grant)).status).toBeGreaterThanOrEqual(400);
  expect(await stage.events('approval.redeemed')).toEqual([]);
});

test('R40: a grant that was spent is spent, whatever the database was put back to', async () => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await approved(stage);
  expect((await redeem(stage, grant)).status).toBe(200);
  tampers(stage, (database) => {
    database.exec('update runs set redeemed_at = null, redeemed_by = null, seen_at = null');
    database.prepare(`update approvals set state = 'approved' where id = ?`).run(id);
  });
  await isAnAlarm(stage, await redeem(stage, grant), 'grant_redeemed', 'rolled_back');
  expect(await stage.events('approval.redeemed')).toHaveLength(1);
});

test('R41: whoever said yes and was forgotten leaves no grant, and nobody is alarmed', async () => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await approved(stage);
  // As a process leaves it that dies before it swept that up.
  await stage.house.composed.store.people.forget(stage.people.ari);
  expect((await jsonOf<Row>(stage.sees(id))).grant ?? null).toBeNull();
  const refused = await redeem(stage, grant);
  expect(await refused.json()).toMatchObject({ code: 'grant_expired', reason: 'void' });
  expect(await alarms(stage)).toEqual([]);
});

test('a grant from before there were seals ends with its request, and nobody is alarmed: what waited over an upgrade is asked anew', async () => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await approved(stage);
  const window = `insert into proof_windows (principal, agent, tier, host, session, until) values (?, 'main', 'elevated', 'h', '', ?)`;
  tampers(stage, (database) => {
    // As the version left it that knew of no seals; and what the next one makes of it.
    database.exec(
      'drop index audit_policies; alter table recovery_codes drop column seal; update runs set seal = null',
    );
    database.prepare(window).run(stage.people.ari, Date.now() + 60_000);
    for (const sql of rowSeals(types)) database.exec(sql);
    expect(database.prepare('select * from proof_windows').all()).toEqual([]);
  });
  expect((await jsonOf<Row>(stage.sees(id))).grant ?? null).toBeNull();
  expect(await (await redeem(stage, grant)).json()).toMatchObject({ code: 'grant_expired', reason: 'void' });
  expect(await stage.events('approval.superseded')).toMatchObject([{ reason: 'before_seals' }]);
  expect(await jsonOf(stage.sees(id))).toMatchObject({ state: 'superseded', endedBy: 'before_seals' });
  expect(await alarms(stage)).toEqual([]);
  // What comes without a seal from now on is what it looks like.
  const later = await approved(stage);
  tampers(stage, (database) => database.exec('update runs set seal = null'));
  expect(await (await redeem(stage, later.grant)).json()).toMatchObject({ code: 'audit_broken' });
});

test('H50: what people were shown is what their yes is for: digests that were changed below it make it count for nothing', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  tampers(stage, (database) => {
    database.prepare('update approvals set action_digest = ? where id = ?').run('ab'.repeat(32), id);
  });
  const page = await stage.browser('ari');
  const said = await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
  expect(await said.json()).toMatchObject({ code: 'audit_broken' });
  expect(await jsonOf<Row>(stage.sees(id))).toMatchObject({ state: 'pending' });
  // A no is always a no.
  const denied = await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'deny' });
  expect(denied.status).toBe(200);
});

test('H50: one yes less, an owner less, and a yes that lasts longer than the policy says count for nothing', async () => {
  await using stage = await openApprovalHouse();
  await stage.house.call('host', 'POST', '/api/v1/policy/set', { path: 'tiers.elevated.quorum', value: '2' });
  const page = await stage.browser('ari');
  for (const bent of ['"quorum":1', '"lifetimeMs":86400000', '"cooldownMs":86400000', '"who":"owners"']) {
    const { id } = await stage.asks(PUSH);
    tampers(stage, (database) => {
      const { need } = database.prepare('select need from approvals where id = ?').get(id) as {
        need: string;
      };
      const [name] = bent.split(':');
      const changed = need.replace(new RegExp(`${name}:("\\w+"|\\d+)`), bent);
      expect(changed).not.toBe(need);
      database.prepare('update approvals set need = ? where id = ?').run(changed, id);
    });
    await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
    expect([bent, (await jsonOf<Row>(stage.sees(id))).state]).toEqual([bent, 'superseded']);
  }
});

test('an elevation and a proof window that nobody proved are none', async () => {
  await using stage = await openApprovalHouse();
  const { olga, ari } = stage.people;
  const { store } = stage.house.composed;
  await store.factors.add({
    ...{ id: `fac_${'a'.repeat(24)}`, principal: olga, kind: 'totp', label: 'phone', secret: 'SEED' },
    ...{ passkey: null, state: 'active', createdAt: Date.now() },
  });
  const until = Date.now() + 900_000;
  tampers(stage, (database) => {
    const made = `insert into elevations (id, agent, by_whom, surface, created_at, until, seal) values (?, ?, ?, ?, ?, ?, ?)`;
    database
      .prepare(made)
      .run(`elev_${'a'.repeat(24)}`, 'main', olga, 'page', Date.now(), until, 's'.repeat(43));
    const window = `insert into proof_windows (principal, agent, tier, host, session, until) values (?, ?, ?, ?, '', ?)`;
    database.prepare(window).run(ari, 'main', 'elevated', PUSH.host, until);
  });
  expect((await stage.asks(PUSH)).state).toBe('pending');
  const window = { principal: ari, agent: 'main', tier: 'elevated', host: PUSH.host, session: null } as const;
  expect(await store.windows.until(window, Date.now())).toBeNull();
  // And one that lasts is not made longer.
  await store.windows.open(window, until + 1);
  expect(await store.windows.until(window, Date.now())).toBe(until + 1);
  tampers(stage, (database) => database.exec('update proof_windows set until = until + 900000'));
  expect(await store.windows.until(window, Date.now())).toBeNull();
});

test('what nobody touched is signed and spent: asked about, and allowed by the policy', async () => {
  await using stage = await openApprovalHouse();
  const { grant } = await approved(stage);
  expect((await redeem(stage, grant)).status).toBe(200);
  for (const action of [LOOK, command('git', 'log')]) {
    const { id } = await stage.asks(action);
    const { grant: allowed } = await jsonOf<Row>(stage.sees(id));
    expect((await redeem(stage, allowed ?? '')).status).toBe(200);
  }
  expect(await stage.events('grant.refused')).toEqual([]);
});
