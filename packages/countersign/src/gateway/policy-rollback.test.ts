// H51, approval 6.7: what forbade something is not made undone below us. The attacker can write to the database and has no key: they
// take the newest policy away, and hope that the one before it, which allowed more, holds again.
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApprovalHouse, command, LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

let stage: ApprovalHouse;
beforeEach(async () => {
  stage = await openApprovalHouse();
  // Once everything ran; today nothing does.
  for (const [path, value] of [
    ['defaults.security', 'full'],
    ['defaults.ask', 'off'],
    ['defaults.security', 'deny'],
  ])
    await policy('/set', { path, value });
});
afterEach(() => stage[Symbol.asyncDispose]());

function policy(path: string, body?: object): Promise<Response> {
  return stage.house.call('host', body === undefined ? 'GET' : 'POST', `/api/v1/policy${path}`, body);
}

function tampers(...statements: readonly string[]): void {
  const database = new DatabaseSync(stage.house.composed.home.store);
  for (const sql of statements) database.exec(sql);
  database.close();
}

const ROLLED: readonly (readonly [string, readonly string[]])[] = [
  ['the newest version', ['delete from policies where version = 3']],
  ['every version', ['delete from policies']],
  [
    'the newest version, and the index of the audit with it',
    ['delete from policies where version = 3', 'delete from audit_subjects'],
  ],
  [
    'the newest version, and the end of the chain is a change that never was',
    [
      'delete from policies where version = 3',
      // As if somebody had gone back to version 2 by a change of theirs.
      `insert into audit_events (writer, seq, prev, id, type, at, actor, subject, outcome, v, hash)
         select writer, seq + 1, hash, id || 'x', 'policy.changed', at, actor, '{"changes":[],"version":2}', 'ok', v, hash
         from audit_events order by seq desc limit 1`,
      'update audit_heads set seq = seq + 1',
    ],
  ],
];

test.each(ROLLED)('H51: where somebody takes away %s, nothing is allowed', async (_name, statements) => {
  expect((await stage.asks(PUSH)).state).toBe('denied');
  tampers(...statements);
  for (const action of [PUSH, LOOK]) {
    const said = await stage.asking({ action });
    expect([said.status, await said.json()]).toMatchObject([500, { code: 'audit_broken' }]);
  }
  expect(await stage.events('approval.allowed')).toEqual([]);
  // Nor is the older one shown as what holds, or changed by a value.
  expect((await policy('')).status).toBe(500);
  expect((await policy('/set', { path: 'defaults.ask', value: 'always' })).status).toBe(500);
  const { items } = await jsonOf<{ items: readonly { name: string }[] }>(
    stage.house.call('host', 'GET', '/api/v1/doctor'),
  );
  expect(items.filter(({ name }) => name === 'policy')).toMatchObject([
    {
      level: 'error',
      message: expect.stringContaining('version 3'),
      hint: expect.stringContaining('policy import'),
    },
  ]);
});

test('H51: a version that holds another policy than it was written with is none', async () => {
  tampers(
    'update policies set document = (select document from policies where version = 2) where version = 3',
  );
  const said = await stage.asking({ action: PUSH });
  expect([said.status, await said.json()]).toMatchObject([503, { code: 'store_unavailable' }]);
});

test('H51: a grant from before is not spent under a policy that was taken back', async () => {
  await policy('/set', { path: 'defaults.security', value: 'full' });
  const { grant } = await stage.asks(PUSH);
  tampers('delete from policies where version = 4');
  const by = { authorization: `Bearer ${stage.program.token}` };
  const said = await stage.house.call('agent', 'POST', '/api/v1/grants/redeem', { grant }, by);
  expect(await said.json()).toMatchObject({ code: 'audit_broken' });
  expect(await stage.events('approval.redeemed')).toEqual([]);
});

test('the owner puts a whole policy in its place, under the next number, and what it does not say is denied', async () => {
  tampers('delete from policies');
  const document = JSON.stringify({
    version: 1,
    agents: { main: { security: 'full', ask: 'off' } },
  });
  const tried = await jsonOf<{ version: number }>(policy('/import', { document, dryRun: true }));
  expect(tried.version).toBe(3);
  expect(await jsonOf(policy('/import', { document }))).toMatchObject({ version: 4 });
  expect((await stage.asks(PUSH)).state).toBe('approved');
  const doctor = await stage.house.call('host', 'GET', '/api/v1/doctor');
  expect(await doctor.text()).not.toContain('"policy"');
  expect((await stage.asks(command('git', 'log'), { by: stage.other })).state).toBe('denied');
});
