// E-11, H50, H54, R40, R42: no grant, no run. A grant is given with the yes, says what was approved and by whom, and is spent
// once, by who may spend it, while what it rests on is as it was.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionDigest } from '@countersign/protocol/action-digest';
import { type GrantClaims, verifyGrant } from '@countersign/protocol/grant';
import type { ApprovalId, DeviceId, TokenId } from '@countersign/protocol/ids';
import { expect, onTestFinished, test } from 'vitest';
import { createGrantSigner } from '../../runtime/crypto/grant-signer.ts';
import { ApprovalBench, LOOK, PUSH } from '../../testing/approval-bench.ts';
import { addMachine, addToken } from '../../testing/grant-holders.ts';
import { grantHouse } from '../../testing/grant-house.ts';
import { ISSUER, testGrants, testSigner } from '../../testing/grants.ts';
import { StoreBench } from '../../testing/store/bench.ts';
import { openTestStore } from '../../testing/store/open.ts';
import type { Redeemer } from './grants-port.ts';

const parts = (grant: string) => grant.split('.').map((part) => Buffer.from(part, 'base64url').toString());
const claimsOf = (grant: string): GrantClaims => JSON.parse(parts(grant)[1] ?? '');

test('says what was approved, for whom, by whom and how proven, for which machine, for two minutes', async () => {
  await using on = await grantHouse();
  const { bench, grants, signer } = on;
  const uma = await bench.person('Uma', 'user');
  const olga = await bench.person('Olga', 'owner');
  const asked = await bench.ask(PUSH, { session: bench.session(uma) });
  expect(await grants.grantOf(asked)).toBeNull();
  const view = await bench.approvals.decide(
    asked.request.id,
    { ...DECIDER, principal: olga, connection: 'chat:a', surface: 'chat' },
    { decision: 'approve', reason: null },
    { kind: 'principal', id: olga, surface: 'chat:telegram' },
  );
  const grant = (await grants.grantOf(view)) ?? '';
  const { actionDigest: action, requestDigest: request } = view.request;
  const iat = Math.floor(bench.clock.now() / 1_000);
  expect(claimsOf(grant)).toEqual({
    iss: ISSUER,
    aud: 'host-1',
    sub: uma,
    act: { sub: 'main' },
    actionDigest: await actionDigest(PUSH),
    requestDigest: request,
    tier: 'elevated',
    // E-15: in which chat it was said is no business of a program.
    approvers: [{ sub: olga, surface: 'chat', factors: [], at: iat }],
    iat,
    exp: iat + 120,
    jti: view.run?.grant,
  });
  // Fetched again it is the same: nothing of it is stored but what it says.
  expect(await on.grantOf(view)).toBe(grant);
  const now = new Date(bench.clock.now());
  const here = {
    keys: [signer.publicJwk],
    host: 'host-1',
    actionDigest: action,
    requestDigest: request,
    now,
  };
  expect(await verifyGrant(grant, here)).toEqual(claimsOf(grant));
});

test('what the policy allowed by itself has a grant without approvers, and sub names the agent', async () => {
  await using on = await grantHouse();
  const view = await on.bench.ask(LOOK);
  expect(claimsOf(await on.grantOf(view))).toMatchObject({ sub: 'agent:main', approvers: [] });
  await on.grants.redeem(await on.grantOf(view), on.me);
  expect(await on.state(view)).toBe('redeemed');
});

test('E-02: who comes late to what runs already reads who approved it, or that the policy did, and not that they ran it', async () => {
  await using on = await grantHouse();
  const { bench, grants } = on;
  const olga = await bench.person('Olga', 'owner');
  const late = async (id: ApprovalId) =>
    String(await bench.says(olga, 'approve', await bench.approvals.get(id)).catch((cause: unknown) => cause));
  const yes = await bench.says(olga, 'approve', await bench.ask(PUSH));
  await grants.redeem(await on.grantOf(yes), on.me);
  expect(await late(yes.request.id)).toMatch(/that request was approved already by Olga at 20/);
  const free = await bench.ask(LOOK);
  await grants.redeem(await on.grantOf(free), on.me);
  expect(await late(free.request.id)).toMatch(/that request was allowed already by the policy/);
});

test('R40: a thousand redemptions at once, one run; each of the others hears why, and the chain verifies', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  const answers = await Promise.allSettled(
    Array.from({ length: 1_000 }, () => on.grants.redeem(grant, on.me)),
  );
  const [won, ...more] = answers.filter(({ status }) => status === 'fulfilled');
  expect([won?.status, more.length]).toEqual(['fulfilled', 0]);
  for (const answer of answers)
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'grant_redeemed' });
  expect(await on.bench.events('approval.redeemed')).toHaveLength(1);
  expect(await on.grants.grantOf(await on.bench.approvals.get(view.request.id))).toBeNull();
  const store = new StoreBench();
  store.begin(on.bench.store, undefined);
  await store.chain();
}, 60_000);

test('H50, E-11: what is not approved, or not any more, has no grant and redeems none', async () => {
  await using on = await grantHouse();
  const { bench, grants, me } = on;
  const ari = await bench.person('Another', 'approver');
  const denied = await bench.says(ari, 'deny', await bench.ask(PUSH));
  expect([denied.run, await grants.grantOf(denied)]).toEqual([null, null]);
  const taken = await on.approved();
  await bench.approvals.cancel(taken.view.request.id, bench.token);
  await expect(grants.redeem(taken.grant, me)).rejects.toMatchObject({
    code: 'grant_expired',
    members: { reason: 'taken_back' },
  });
  const late = await on.approved();
  bench.clock.advance('2m');
  expect(await grants.grantOf(await bench.approvals.get(late.view.request.id))).toBeNull();
  await expect(grants.redeem(late.grant, me)).rejects.toMatchObject({
    code: 'grant_expired',
    members: { reason: 'run_out' },
  });
  const replaced = await on.approved();
  await bench.policies.set('tiers.write.timeout', '5m', { kind: 'host' });
  await expect(grants.redeem(replaced.grant, me)).rejects.toMatchObject({
    code: 'grant_expired',
    members: { reason: 'void' },
  });
  expect(await bench.events('approval.redeemed')).toEqual([]);
});

test('R41: a change of people that nobody has swept up yet voids it at the last moment', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  const person = view.request.words[0]?.by ?? view.request.need?.people[0] ?? expect.fail();
  // As a process leaves it that dies between the change and the sweep.
  await on.bench.store.people.setState(person, ['active'], 'suspended');
  await expect(on.grants.redeem(grant, on.me)).rejects.toMatchObject({ members: { reason: 'void' } });
  expect(await on.state(view)).toBe('superseded');
  expect(await on.bench.events('approval.superseded')).toHaveLength(1);
});

test('R62: an elevation that was ended carries nothing that was not used by then', async () => {
  await using on = await grantHouse();
  const { bench, grants, me } = on;
  const olga = await bench.person('Olga', 'owner');
  await bench.enrols(olga);
  const elevation = {
    id: `elev_${'a'.repeat(24)}`,
    agent: 'main',
    session: null,
    by: olga,
    surface: 'page',
    createdAt: bench.clock.now(),
    until: bench.clock.now() + 900_000,
  } as const;
  await bench.store.elevations.begin(elevation);
  const [used, late] = [await bench.ask(PUSH), await bench.ask(PUSH)];
  expect([used.state, used.request.because]).toEqual(['approved', 'elevated']);
  const [one, two] = [await on.grantOf(used), await on.grantOf(late)];
  await grants.redeem(one, me);
  await bench.store.elevations.end(elevation.id, 'person', bench.clock.now());
  await expect(grants.redeem(two, me)).rejects.toMatchObject({ members: { reason: 'void' } });
  expect([await on.state(used), await on.state(late)]).toEqual(['redeemed', 'superseded']);
});

test('H54: a grant of another program, of another key, of another kind, or bent by one letter is refused, told and counted', async () => {
  await using on = await grantHouse();
  const { bench, grants, signer, me } = on;
  const { view, grant } = await on.approved();
  const other: TokenId = bench.id('token');
  const stranger = createGrantSigner(generateKeyPairSync('ed25519').privateKey);
  const [head = '', payload = '', signature = ''] = grant.split('.');
  const bearer = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt' })).toString('base64url');
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const bad: readonly [string, Redeemer, string][] = [
    [grant, { kind: 'token', token: other }, 'not_theirs'],
    [stranger.sign(claimsOf(grant)), me, 'forged'],
    [signer.sign({ ...claimsOf(grant), jti: 'grant_x' }), me, 'unknown'],
    [signer.sign({ ...claimsOf(grant), aud: 'host-2' }), me, 'digest_mismatch'],
    [signer.sign({ ...claimsOf(grant), actionDigest: 'ab'.repeat(32) }), me, 'digest_mismatch'],
    [signer.sign({ ...claimsOf(grant), requestDigest: 'ab'.repeat(32) }), me, 'digest_mismatch'],
    [`${bearer}.${payload}.${signature}`, me, 'forged'],
    [`${unsigned}.${payload}.`, me, 'forged'],
    [`${head}.${payload}.${signature.slice(1)}`, me, 'forged'],
    [`${head}.${payload}.${signature}=`, me, 'forged'],
    [` ${grant}`, me, 'forged'],
    [`${grant}.${payload}`, me, 'forged'],
    ['', me, 'forged'],
    ['a'.repeat(20_000), me, 'forged'],
  ];
  for (const [presented, by, reason] of bad)
    await expect(grants.redeem(presented, by), reason).rejects.toMatchObject({ members: { reason } });
  expect(await on.state(view)).toBe('approved');
  const refused = await bench.events('grant.refused');
  expect(new Set(refused.map(({ reason }) => reason))).toEqual(
    new Set(['not_theirs', 'forged', 'unknown', 'digest_mismatch']),
  );
  // R65: none of them holds the grant itself.
  expect(JSON.stringify(refused)).not.toContain(payload);
  expect(bench.told.filter((line) => line.startsWith('owners ') && line.includes('refused'))).not.toEqual([]);
  // And the right one is as good as before.
  await grants.redeem(grant, me);
});

test('H54: what names a paired machine is spent by that machine and by nobody else', async () => {
  await using on = await grantHouse();
  const { bench, grants, me } = on;
  const ari = await bench.person('Another', 'approver');
  const [here, there]: DeviceId[] = [`dev_${'a'.repeat(24)}`, `dev_${'b'.repeat(24)}`];
  if (here === undefined || there === undefined) throw new Error('no machines');
  for (const id of [here, there]) await addMachine(bench.store, id, ari, bench.clock.now());
  const view = await bench.says(ari, 'approve', await bench.ask({ ...PUSH, host: here }));
  const grant = await on.grantOf(view);
  for (const by of [me, { kind: 'device', device: there } as const])
    await expect(grants.redeem(grant, by)).rejects.toMatchObject({ code: 'grant_wrong_host' });
  const machine = { kind: 'device', device: here } as const;
  await grants.redeem(grant, machine);
  const id = view.run?.grant ?? '';
  // The program that asked cannot tell of a run that is not its own either.
  for (const what of ['started', 'running'] as const)
    await expect(grants.report({ grant: id, what }, me)).rejects.toMatchObject({
      code: 'grant_invalid',
      members: { reason: 'not_theirs' },
    });
  await grants.report({ grant: id, what: 'started' }, machine);
  await grants.report({ grant: id, what: 'finished', exitCode: 0, signal: null }, machine);
  expect(await on.state(view)).toBe('finished');
});

test('R62: a machine and a program that were revoked after the door looked spend nothing any more', async () => {
  await using on = await grantHouse();
  const { bench, grants, me } = on;
  const { store, clock, token } = bench;
  const ari = await bench.person('Another', 'approver');
  const host: DeviceId = `dev_${'a'.repeat(24)}`;
  await addMachine(store, host, ari, clock.now());
  const there = await bench.says(ari, 'approve', await bench.ask({ ...PUSH, host }));
  const machine = { kind: 'device', device: host } as const;
  await store.devices.end(host, 'revoked', 'revoked', clock.now());
  const here = await on.approved();
  await store.tokens.revoke(token, clock.now());
  for (const [grant, by] of [
    [await on.grantOf(there), machine],
    [here.grant, me],
  ] as const)
    await expect(grants.redeem(grant, by)).rejects.toMatchObject({
      code: 'auth_forbidden',
      members: { reason: 'ended' },
    });
  expect([await on.state(there), await on.state(here.view)]).toEqual(['approved', 'approved']);
});

test('R62: a program whose token the store does not know is gone, not known to be fine', async () => {
  await using on = await grantHouse();
  const token: TokenId = on.bench.id('token');
  const view = await on.bench.ask(LOOK, { token });
  await expect(on.grants.redeem(await on.grantOf(view), { kind: 'token', token })).rejects.toMatchObject({
    code: 'auth_forbidden',
    members: { reason: 'ended' },
  });
  expect(await on.state(view)).toBe('approved');
});

test('R42: a store that is full or away spends nothing, and says what is the matter', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-full-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const signer = testSigner();
  const opened = async (more: { readonly maxPageCount?: number } = {}) => {
    const store = await openTestStore('sqlite:countersign.db', { home, ...more });
    const bench = ApprovalBench.over(store, `life${more.maxPageCount}`, (one) => one.recorded);
    const { clock, bus, approvals, recorded: telling } = bench;
    return { bench, ...testGrants({ store, clock, bus, approvals, telling, signer }) };
  };
  const first = await opened();
  await addToken(first.bench.store, first.bench.token, first.bench.clock.now());
  const view = await first.bench.ask(LOOK);
  const grant = (await first.grants.grantOf(view)) ?? '';
  const me = { kind: 'token', token: first.bench.token } as const;
  await first.bench.store.close();

  const full = await opened({ maxPageCount: 1 });
  const event = {
    type: 'gateway.started',
    at: 0,
    actor: { kind: 'host' },
    subject: {},
    outcome: 'ok',
  } as const;
  const fill = async (): Promise<never> => {
    for (;;) await full.bench.store.audit.append([event]);
  };
  await expect(fill()).rejects.toMatchObject({ code: 'store_full' });
  await expect(full.grants.redeem(grant, me)).rejects.toMatchObject({ code: 'store_full' });
  await full.bench.store.close();
  await expect(full.grants.redeem(grant, me)).rejects.toMatchObject({ code: 'store_unavailable' });

  const after = await opened();
  expect((await after.bench.approvals.get(view.request.id)).state).toBe('approved');
  await after.grants.redeem(grant, me);
  await after.bench.store.close();
});

const DECIDER = {
  assurance: 'high',
  factor: null,
  provenUntil: null,
  enrolled: [],
  deliveredAt: null,
  again: false,
} as const;
