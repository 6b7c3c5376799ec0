// Grants through the whole app. The attacks: a program that says itself that it may (R43), that spends twice or what is not
// its own, a machine that comes with another's grant, a person's device that runs things, a session that was ended (R62).
import { actionDigest } from '@countersign/protocol/action-digest';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { type GrantClaims, verifyGrant } from '@countersign/protocol/grant';
import { type BearerKeys, verifyBearer } from '@countersign/protocol/token';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ApprovalHouse, LOOK, openApprovalHouse, PUSH, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf, openHouse } from '../testing/house.ts';
import { pairNode } from '../testing/paired-node.ts';

const REDEEM = '/api/v1/grants/redeem';
const REPORT = '/api/v1/grants/report';

interface Stage extends ApprovalHouse {
  /** As the program that asked, unless it says otherwise. */
  posts(path: string, body: unknown, more?: { token?: string; key?: string }): Promise<Response>;
  /** Asked, approved on a page, and as the program sees it then. */
  granted(more?: { session?: string }): Promise<ApprovalRow & { grant: string }>;
}

async function open(): Promise<Stage> {
  const stage = await openApprovalHouse();
  const posts: Stage['posts'] = (path, body, { token = stage.program.token, key } = {}) =>
    stage.house.call('agent', 'POST', path, body, {
      authorization: `Bearer ${token}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    });
  return Object.assign(stage, {
    posts,
    async granted(more: { session?: string } = {}) {
      const { id } = await stage.asks(PUSH, more);
      const page = await stage.browser('ari');
      const yes = await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
      // Who decides sees that there is one, and does not hold it.
      expect(await jsonOf<ApprovalRow>(yes)).not.toHaveProperty('grant');
      const row = await jsonOf<ApprovalRow>(stage.sees(id));
      return { ...row, grant: row.grant ?? expect.fail('no grant') };
    },
  });
}

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

test('E-11: asked, approved, verified offline with the pinned key, redeemed, run, told', async () => {
  await using stage = await open();
  const row = await stage.granted();
  const { house } = stage;
  const { gatewayKey } = house.composed.services.clientPlace;
  const here = {
    keys: [gatewayKey],
    host: PUSH.host,
    actionDigest: await actionDigest(PUSH),
    requestDigest: row.requestDigest,
    now: new Date(),
  };
  const claims = await verifyGrant(row.grant, here);
  expect(claims).toMatchObject({ jti: row.run?.grant, tier: 'elevated', act: { sub: 'main' } });
  expect(claims.iss).toBe(`urn:countersign:${house.composed.store.installation}`);
  expect(claims.approvers).toMatchObject([{ sub: stage.people.ari, surface: 'page', factors: [] }]);

  const answer = await stage.posts(REDEEM, { grant: row.grant });
  expect([answer.status, await answer.json()]).toEqual([200, { redeemed: true }]);
  const seen = await jsonOf<ApprovalRow>(stage.sees(row.id));
  expect(seen).toMatchObject({ state: 'redeemed', run: { grant: claims.jti } });
  expect(seen).not.toHaveProperty('grant');
  await stage.posts(REPORT, { grant: claims.jti, what: 'started' });
  const ended = { grant: claims.jti, what: 'finished', exitCode: 0, signal: null, output: 'done' };
  expect(await (await stage.posts(REPORT, ended)).json()).toEqual({ reported: true });
  const over = await jsonOf<ApprovalRow>(stage.sees(row.id));
  expect(over).toMatchObject({ state: 'finished', run: { exitCode: 0, signal: null } });
  expect(over.run).not.toHaveProperty('output');
});

test('what the policy allows has its grant in the answer to the asking', async () => {
  await using stage = await open();
  const row = await stage.asks(LOOK);
  expect(await codeOf(stage.posts(REDEEM, { grant: row.grant }))).toBe('ok');
});

test('R65: what is destructive is proven, and proof and place stand in the grant and in the audit', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  await using stage = await open();
  const host = (at: string, body: object) => stage.house.call('host', 'POST', `/api/v1${at}`, body);
  const { id: factor, secret } = await jsonOf<{ id: string; secret: string }>(
    host('/factors/totp', { person: 'Olga' }),
  );
  await host(`/factors/${factor}/confirm`, { code: totpAt(secret, Date.now()) });
  vi.setSystemTime(Date.now() + 30_000);
  const { id } = await stage.asks(WIPE);
  const given = { kind: 'totp', value: totpAt(secret, Date.now()) } as const;
  expect(await codeOf(stage.atHost(id, { decision: 'approve', factor: given }, 'Olga'))).toBe('ok');
  const { grant = '', run } = await jsonOf<ApprovalRow>(stage.sees(id));
  const { gatewayKey } = stage.house.composed.services.clientPlace;
  const here = { keys: [gatewayKey], host: WIPE.host, actionDigest: await actionDigest(WIPE) };
  const claims = await verifyGrant(grant, { ...here, now: new Date(Date.now()) });
  const word = { sub: stage.people.olga, surface: 'host', factors: ['totp'], at: 1_795_000_030 };
  expect(claims).toMatchObject({ tier: 'destructive', approvers: [word] });
  const [approved] = await stage.events('approval.approved');
  expect(approved?.subject).toMatchObject({ grant: run?.grant, surface: 'host', factors: ['totp'] });
  expect(await codeOf(stage.posts(REDEEM, { grant }))).toBe('ok');
});

test('R40: a repeat is grant_redeemed, with the same Idempotency-Key too', async () => {
  await using stage = await open();
  const { grant, id } = await stage.granted();
  expect(await codeOf(stage.posts(REDEEM, { grant }, { key: 'one' }))).toBe('ok');
  for (const more of [{ key: 'one' }, { key: 'two' }, {}]) {
    const answer = await stage.posts(REDEEM, { grant }, more);
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'grant_redeemed']);
  }
  const events = await stage.events('approval.redeemed');
  expect(events.map(({ subject }) => subject)).toMatchObject([{ approval: id }]);
});

test('R40: a thousand programs at once with one grant: one of them runs', { timeout: 60_000 }, async () => {
  await using stage = await open();
  const { grant, id } = await stage.granted();
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => stage.posts(REDEEM, { grant }, { key: `try-${n % 7}` })),
  );
  const codes = await Promise.all(answers.map((answer) => codeOf(answer)));
  expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  expect(new Set(codes)).toEqual(new Set(['ok', 'grant_redeemed']));
  expect(await stage.events('approval.redeemed')).toHaveLength(1);
  // R65: each of the others is counted.
  await stage.house.composed.core.denials.flush(Date.now(), true);
  const [first, ...others] = await stage.events('grant.refused');
  expect([first?.reason, others]).toEqual(['spent', []]);
  const [counted] = await stage.events('denials.counted');
  expect(counted?.subject).toMatchObject({ of: 'grant.refused', approval: id, more: 998 });
});

test('R43: nothing but the grant is read: not who approved, not that it is approved, not whose it is', async () => {
  await using stage = await open();
  const { id } = await stage.asks(PUSH);
  const more: readonly object[] = [
    { approved: true },
    { state: 'approved' },
    { token: 'x' },
    { approval: id },
  ];
  for (const one of more)
    expect(await codeOf(stage.posts(REDEEM, { grant: 'a.b.c', ...one }))).toBe('request_malformed');
  for (const grant of [id, 'a.b.c', 'appr'])
    expect(await codeOf(stage.posts(REDEEM, { grant }))).toBe('grant_invalid');
  for (const none of [{}, { grant: '' }, { grant: 1 }, { grant: 'a'.repeat(20_000) }, []])
    expect(await codeOf(stage.posts(REDEEM, none))).toBe('request_malformed');
  expect(await jsonOf<ApprovalRow>(stage.sees(id))).toMatchObject({ state: 'pending' });
});

test('H54: another program of another agent spends and tells nothing; owners hear of it', async () => {
  await using stage = await open();
  const { grant, id, run } = await stage.granted();
  const { token } = stage.other;
  expect(await codeOf(stage.posts(REDEEM, { grant }, { token }))).toBe('grant_invalid');
  await stage.posts(REDEEM, { grant });
  const ended = { grant: run?.grant, what: 'finished', exitCode: 0, signal: null };
  expect(await codeOf(stage.posts(REPORT, ended, { token }))).toBe('grant_invalid');
  expect(await jsonOf<ApprovalRow>(stage.sees(id))).toMatchObject({ state: 'redeemed' });
  const refused = await stage.events('grant.refused');
  expect(refused.map(({ reason }) => reason)).toEqual(['not_theirs', 'not_theirs']);
  const told = await stage.house.composed.store.outbox.recent({ limit: 50 });
  expect(told.filter(({ kind }) => kind === 'owner-notice').length).toBeGreaterThan(0);
});

test('no other door spends a grant: no page, no host, no token of another kind, nobody without one', async () => {
  await using stage = await open();
  const { grant, id } = await stage.granted();
  const body = { grant };
  const page = await stage.browser('olga', ['approvals', 'read', 'manage', 'pairing']);
  expect(await codeOf(page.call('POST', REDEEM, body))).toBe('auth_forbidden');
  const { call } = stage.house;
  expect(await codeOf(call('host', 'POST', REDEEM, body))).toBe('auth_forbidden');
  for (const door of ['tcp', 'agent'] as const)
    expect(await codeOf(call(door, 'POST', REDEEM, body))).toBe('auth_required');
  const { token } = await jsonOf<{ token: string }>(
    call('host', 'POST', '/api/v1/tokens', { scope: 'read' }),
  );
  expect(token).toMatch(/^cst_/);
  expect(await codeOf(stage.posts(REDEEM, body, { token }))).toBe('auth_forbidden');
  expect(await jsonOf<ApprovalRow>(stage.sees(id))).toMatchObject({ state: 'approved' });
});

test('R62: a session that was ended, a token that was revoked: what was approved for them runs nothing', async () => {
  await using stage = await open();
  const session = await stage.handle('uma');
  const mine = await stage.granted({ session });
  const { store, services } = stage.house.composed;
  const row = (await store.sessions.list({ live: true, limit: 9 })).find(
    ({ principal }) => principal === stage.people.uma,
  );
  await services.revokeSession(row ?? expect.fail(), { kind: 'host' });
  expect(await codeOf(stage.posts(REDEEM, { grant: mine.grant }))).toBe('grant_expired');
  expect(await jsonOf<ApprovalRow>(stage.sees(mine.id))).toMatchObject({ state: 'superseded' });
  const other = await stage.granted();
  await stage.house.call('host', 'POST', `/api/v1/tokens/${stage.program.id}/revoke`, {});
  expect(await codeOf(stage.posts(REDEEM, { grant: other.grant }))).toBe('auth_required');
});

test('H54: a paired machine spends what names it, and neither another machine’s nor the gateway’s own', async () => {
  await using stage = await open();
  const [box, other] = [
    await pairNode(stage.house, stage.people.olga),
    await pairNode(stage.house, stage.people.olga),
  ];
  const { id } = await stage.asks({ ...PUSH, host: box.device.id });
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
  const { grant = '', run } = await jsonOf<ApprovalRow>(stage.sees(id));
  expect(await codeOf(other.post(REDEEM, { grant }))).toBe('grant_wrong_host');
  expect(await codeOf(stage.posts(REDEEM, { grant }))).toBe('grant_wrong_host');
  expect(await codeOf(box.post(REDEEM, { grant: (await stage.granted()).grant }))).toBe('grant_wrong_host');
  expect(await codeOf(box.post(REDEEM, { grant }))).toBe('ok');
  const started = { grant: run?.grant, what: 'started' };
  expect(await codeOf(other.post(REPORT, started))).toBe('grant_invalid');
  expect(await codeOf(box.post(REPORT, started))).toBe('ok');
  const [event] = await stage.events('approval.started');
  expect(event).toMatchObject({ actor: `${stage.people.olga}@device:${box.device.id}` });
});

test('the keys of grants and of the gateway are published; the key of grants outlives a restart', async () => {
  await using house = await openHouse({ running: true });
  const keys = await jsonOf<BearerKeys>(house.call('tcp', 'GET', '/.well-known/jwks.json'));
  const { clientPlace } = house.composed.services;
  // With more beside it: what it signs.
  expect(keys.keys).toContainEqual(expect.objectContaining(clientPlace.gatewayKey));
  expect(keys.keys.map(({ kid }) => kid)).toContain(house.composed.signer.thumbprint);
  expect(new Set(keys.keys.map(({ x }) => x)).size).toBe(3);
  const again = await openHouse({ home: house.home, running: true });
  expect(again.composed.services.clientPlace.gatewayKey).toEqual(clientPlace.gatewayKey);
  await again.composed.close();
});

test('a grant is no bearer', async () => {
  await using stage = await open();
  const { grant } = await stage.granted();
  const keys = await jsonOf<BearerKeys>(stage.house.call('tcp', 'GET', '/.well-known/jwks.json'));
  const { aud, iss }: GrantClaims = JSON.parse(
    Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString(),
  );
  await expect(verifyBearer(grant, { keys, audience: aud, issuer: iss })).rejects.toMatchObject({
    code: 'bearer_invalid',
  });
});
