// R40, R41, R62, approval 10.7: a grant that was spent or ended stays so. The attacker can write to the database, has none of the keys,
// and leaves the chain of the audit whole: what stands in no chain (rows, and the index of the audit) they set as they like.
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { type ApprovalHouse, LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

type Row = { readonly id: string; readonly state: string; readonly grant?: string | null };
interface Granted {
  readonly id: string;
  readonly grant: string;
}

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

async function asked(stage: ApprovalHouse, session?: string): Promise<Granted> {
  const { id } = await stage.asks(PUSH, session === undefined ? {} : { session });
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
  const { grant } = await jsonOf<Row>(stage.sees(id));
  return { id, grant: grant ?? expect.fail('no grant') };
}

async function unasked(stage: ApprovalHouse): Promise<Granted> {
  const { id, grant } = await stage.asks(LOOK);
  return { id, grant: grant ?? expect.fail('no grant') };
}

const denies = (stage: ApprovalHouse) =>
  stage.house.call('host', 'POST', '/api/v1/policy/set', { path: 'defaults.security', value: 'deny' });

async function isRefused(stage: ApprovalHouse, grant: string, code: string, reason: string): Promise<void> {
  const answer = await redeem(stage, grant);
  expect([answer.status >= 400, await answer.json()]).toMatchObject([true, { code, reason }]);
  const refused = await stage.events('grant.refused');
  expect(refused.map((event) => event.reason)).toContain(reason);
  // And nothing of it shows in the chain.
  const verified = await stage.house.call('host', 'GET', '/api/v1/audit/verify');
  expect(await verified.json()).toMatchObject({ ok: true });
}

test('R40: a spent grant is not spent again where row and index were put back and the chain is whole', async () => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await asked(stage);
  expect((await redeem(stage, grant)).status).toBe(200);
  await stage.house.composed.store.audit.index();
  tampers(stage, (database) => {
    database.exec('update runs set redeemed_at = null, redeemed_by = null, seen_at = null');
    database.prepare(`update approvals set state = 'approved' where id = ?`).run(id);
    const taken = database.prepare('delete from audit_subjects where subject = ?').run(id);
    expect(Number(taken.changes)).toBeGreaterThan(1);
  });
  await isRefused(stage, grant, 'grant_redeemed', 'rolled_back');
  expect(await stage.events('approval.redeemed')).toHaveLength(1);
});

test.each([
  ['asked about', asked],
  ['allowed by the policy', unasked],
] as const)(
  'R41: what was %s and ended by a change of the policy is not put back',
  async (_name, granted) => {
    await using stage = await openApprovalHouse();
    const { id, grant } = await granted(stage);
    expect((await denies(stage)).status).toBe(200);
    expect(await jsonOf<Row>(stage.sees(id))).toMatchObject({ state: 'superseded' });
    tampers(stage, (database) => {
      database.prepare(`update approvals set state = 'approved', ended_by = null where id = ?`).run(id);
      database.prepare('delete from audit_subjects where subject = ?').run(id);
    });
    await isRefused(stage, grant, 'audit_broken', 'put_back');
    expect(await stage.events('approval.redeemed')).toEqual([]);
  },
);

test('R41: what was asked under another version of the policy is void, whatever the rows say', async () => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await unasked(stage);
  // As a store that lost the end of it: the policy changed, and that request was not there.
  tampers(stage, (database) => database.exec(`update approvals set state = 'denied' where id = '${id}'`));
  expect((await denies(stage)).status).toBe(200);
  tampers(stage, (database) => database.exec(`update approvals set state = 'approved' where id = '${id}'`));
  await isRefused(stage, grant, 'grant_expired', 'void');
});

test.each([
  ['taken back by its program', 'cancel'],
  ['of a session that was revoked', 'revoke'],
] as const)('R62: a grant %s is not put back', async (_name, how) => {
  await using stage = await openApprovalHouse();
  const { house, people, program } = stage;
  const { id, grant } = await asked(stage, await stage.handle('rita'));
  if (how === 'cancel')
    await house.call(
      'agent',
      'POST',
      `/api/v1/approvals/${id}/cancel`,
      {},
      { authorization: `Bearer ${program.token}` },
    );
  else {
    const rows = await house.composed.store.sessions.list({ live: true, limit: 100 });
    const session = rows.find(({ principal }) => principal === people.rita)?.id;
    expect((await house.call('host', 'POST', `/api/v1/sessions/${session}/revoke`, {})).status).toBe(200);
  }
  tampers(stage, (database) => {
    const back = `update approvals set state = 'approved', ended_by = null, session = null where id = ?`;
    database.prepare(back).run(id);
  });
  await isRefused(stage, grant, 'audit_broken', how === 'cancel' ? 'put_back' : 'unsealed');
});

const MORE_BENT: readonly (readonly [string, string])[] = [
  ['another session', 'update approvals set session = null'],
  ['another why', `update approvals set because = 'rule'`],
  ['nobody to ask', 'update approvals set need = null'],
  ['another version of the policy', 'update approvals set policy = policy + 1'],
  ['another end', 'update approvals set expires_at = expires_at + 86400000'],
  ['another nonce', `update approvals set nonce = 'AAAA'`],
];

test.each(MORE_BENT)('H50: a request with %s is signed and spent no more', async (_name, sql) => {
  await using stage = await openApprovalHouse();
  const { id, grant } = await asked(stage, await stage.handle('rita'));
  tampers(stage, (database) => database.exec(sql));
  expect(await (await stage.sees(id)).text()).not.toMatch(/eyJ/);
  expect((await redeem(stage, grant)).status).toBeGreaterThanOrEqual(400);
  expect(await stage.events('approval.redeemed')).toEqual([]);
});

test('R65: what was tried with one request is not written down as tried with another', async () => {
  await using stage = await openApprovalHouse();
  const [one, two] = [await asked(stage), await unasked(stage)];
  const steals = ({ grant }: Granted) =>
    stage.house.call(
      'agent',
      'POST',
      '/api/v1/grants/redeem',
      { grant },
      { authorization: `Bearer ${stage.other.token}` },
    );
  for (const granted of [one, two, two]) expect((await steals(granted)).status).toBeGreaterThanOrEqual(400);
  await stage.house.composed.core.denials.flush(Date.now(), true);
  expect(await stage.events('grant.refused')).toMatchObject([
    { reason: 'not_theirs', subject: { approval: one.id } },
    { reason: 'not_theirs', subject: { approval: two.id } },
  ]);
  expect(await stage.events('denials.counted')).toMatchObject([{ subject: { approval: two.id, more: 1 } }]);
});
