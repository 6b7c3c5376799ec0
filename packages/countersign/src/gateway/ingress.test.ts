// I-13, H12, H65, H68, R48: somebody's own ingress says who wrote. The attacks: a token seen on its way and used without the
// secret; a call played again, or with another body; an account that is not on the token; words that would decide
// something; and a sender whom the front door would not have let in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonOf } from '../testing/house.ts';
import { assertion, bearer, INGRESS_PATH, openTokenHouse, TOOLS } from '../testing/token-house.ts';

const OWN = 'telegram:own';

async function openStage(account: object = { dmPolicy: 'pairing' }, more: object = {}) {
  const stage = await openTokenHouse({
    channels: { telegram: { accounts: { own: { ingress: true, ...account }, other: { ingress: true } } } },
    ...more,
  });
  const ingress = await stage.makes({ scope: 'ingress', accounts: [OWN] });
  const runtime = await stage.makes({ scope: 'runtime', for: 'main', audiences: [TOOLS] });
  const backend = await stage.makes({ scope: 'backend', audiences: [TOOLS] });
  const send = (said: object, hop?: Parameters<typeof assertion>[2]) =>
    stage.house.raw('tcp', assertion(ingress, { ...SAID, ...said }, hop));
  const asserts = (said: object = {}) => jsonOf<Answer>(send(said));
  const approves = async (sender: string) => {
    const { items } = await jsonOf<{ items: { id: string; identifier: string }[] }>(
      stage.house.call('host', 'GET', '/api/v1/pairings'),
    );
    const row = items.find(({ identifier }) => identifier === sender);
    await stage.revoked(`/pairings/${row?.id}/approve`);
  };
  const dispose = () => stage[Symbol.asyncDispose]();
  return { ...stage, ingress, runtime, backend, send, asserts, approves, [Symbol.asyncDispose]: dispose };
}

interface Answer {
  readonly state?: string;
  readonly handle?: string;
  readonly expiresAt?: string;
  readonly say?: string;
  readonly reason?: string;
  readonly code?: string;
}

const SAID = { channel: 'telegram', account: 'own', sender: '777001', messageId: 'm1' };

test('a stranger gets a code to be said once, an owner says yes, and the next message has a handle', async () => {
  await using stage = await openStage();
  const first = await stage.asserts();
  expect(first).toMatchObject({ state: 'pairing', say: expect.stringMatching(/code: [A-Z2-9]{8}/) });
  expect(first).not.toHaveProperty('handle');
  await stage.approves('777001');
  const { state, handle = '', expiresAt = '' } = await stage.asserts({ messageId: 'm2' });
  expect([state, handle]).toEqual(['admitted', expect.stringMatching(/^csh_.{22}$/)]);
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  // The same session, the same handle; and it is worth a bearer to the agent's runtime.
  expect(await stage.asserts({ messageId: 'm3' })).toMatchObject({ handle });
  const token = await stage.exchanged(stage.runtime.token, handle);
  expect(await stage.introspected(stage.backend.token, token)).toMatchObject({
    active: true,
    channel: 'telegram',
    account: 'own',
  });
  const [session] = await stage.house.composed.store.sessions.list({ live: true, limit: 9 });
  expect(session?.key).toBe('agent:main:telegram:own:direct:777001');
  expect(await stage.events('ingress.asserted')).toMatchObject([
    { actor: stage.ingress.id, subject: { session: session?.id, agent: 'main', account: 'own' } },
    { actor: stage.ingress.id },
  ]);
});

test('nothing it asserts reaches the agent as a message, and no message waits', async () => {
  await using stage = await openStage({ dmPolicy: 'allowlist', allowFrom: ['777001'] });
  expect(await stage.asserts({ text: 'delete everything' })).toMatchObject({ state: 'admitted' });
  const { store, core } = stage.house.composed;
  await core.inbox.idle();
  expect(await store.turns.open(Date.now())).toEqual([]);
  expect(await store.messages.desk(10)).toEqual([]);
});

test('who is on the list of the account becomes a person, and no one else does', async () => {
  await using stage = await openStage({ dmPolicy: 'allowlist', allowFrom: ['777001'] });
  expect(await stage.asserts()).toMatchObject({ state: 'admitted' });
  expect(await stage.asserts({ sender: '777002' })).toEqual({ state: 'refused', reason: 'not_admitted' });
  expect(await stage.events('person.enrolled')).toHaveLength(1);
  expect(await stage.events('ingress.refused')).toMatchObject([{ reason: 'not_allowed' }]);
});

test('R62: blocked, suspended or revoked, a sender is refused with the next call, and their handle is worthless', async () => {
  for (const end of ['block', 'suspend'] as const) {
    await using stage = await openStage({ dmPolicy: 'allowlist', allowFrom: ['777001'] });
    const { handle = '' } = await stage.asserts();
    const [session] = await stage.house.composed.store.sessions.list({ live: true, limit: 1 });
    await stage.revoked(`/people/${session?.principal}/${end}`);
    expect(await stage.asserts({ messageId: 'm2' })).toEqual({ state: 'refused', reason: 'not_admitted' });
    await expect(stage.exchanged(stage.runtime.token, handle)).rejects.toThrow(/not let in/);
  }
});

test('a policy that lets nobody in lets nobody in by assertion either', async () => {
  for (const account of [{ dmPolicy: 'disabled' }, { enabled: false }, { dmPolicy: 'allowlist' }]) {
    await using stage = await openStage(account);
    expect(await stage.asserts(), JSON.stringify(account)).toEqual({
      state: 'refused',
      reason: 'not_admitted',
    });
    expect(await stage.house.composed.store.sessions.list({ limit: 9 })).toEqual([]);
  }
});

test('in groups each sender has their own handle, and a group that is not served has none', async () => {
  await using stage = await openStage({ groupPolicy: 'allowlist', groupAllowFrom: ['777001', '777002'] });
  const group = { kind: 'group', id: '-100500' };
  const [ana, bob, eve] = await Promise.all(
    ['777001', '777002', '777003'].map((sender) => stage.asserts({ sender, conversation: group })),
  );
  expect([ana?.state, bob?.state, eve?.state]).toEqual(['admitted', 'admitted', 'refused']);
  expect(ana?.handle).not.toBe(bob?.handle);
  expect(await stage.asserts({ conversation: { kind: 'unknown', id: 'x' } })).toMatchObject({
    code: 'request_malformed',
  });
});

test('a stranger who writes again within a minute is told the same again, and no second request is made', async () => {
  await using stage = await openStage();
  const first = await stage.asserts();
  expect(await stage.asserts()).toEqual(first);
  const { items } = await jsonOf<{ items: object[] }>(stage.house.call('host', 'GET', '/api/v1/pairings'));
  expect(items).toHaveLength(1);
});

test('H12, R48: words that would decide something are first words of a stranger, and nothing else', async () => {
  await using stage = await openStage();
  const { house } = stage;
  const olga = await jsonOf<{ id: string }>(
    house.call('host', 'POST', '/api/v1/people', {
      name: 'Olga',
      role: 'owner',
      peer: 'telegram:own:777009',
    }),
  );
  expect(olga.id).toMatch(/^prn_/);
  await stage.asserts({ text: '/pairing approve' });
  const { items } = await jsonOf<{ items: { code: string; state: string }[] }>(
    house.call('host', 'GET', '/api/v1/pairings'),
  );
  const code = items[0]?.code ?? '';
  // The owner's own chat, by assertion: a handle of their session, and no yes.
  const spoken = await stage.asserts({ sender: '777009', text: `/pairing approve ${code}` });
  expect(spoken.state).toBe('admitted');
  await house.composed.core.inbox.idle();
  expect(await jsonOf<object>(house.call('host', 'GET', '/api/v1/pairings'))).toMatchObject({
    items: [{ code, state: 'pending' }],
  });
  expect(await stage.events('command.answered')).toEqual([]);
});

test('H12, R55: whatever else a caller writes about a sender is refused, not read', async () => {
  await using stage = await openStage();
  for (const more of [
    { principal: 'prn_a' },
    { role: 'owner' },
    { assurance: 'high' },
    { session: 'ses_a' },
    { sessionKey: 'agent:main:main' },
    { agent: 'other' },
    { quoted: false },
    { user: '1' },
  ]) {
    expect(await stage.asserts(more), JSON.stringify(more)).toMatchObject({ code: 'request_malformed' });
  }
});

test('H05, H07: what is no id of a person on that channel is nobody', async () => {
  await using stage = await openStage({ dmPolicy: 'open', allowFrom: ['*'] });
  for (const sender of [
    '',
    ' 777001',
    '777001 ',
    '-100500',
    '@ana',
    'anonymous',
    '+15555550123',
    '0777001',
  ]) {
    expect(await stage.asserts({ sender }), sender).toMatchObject({ code: 'request_malformed' });
  }
  for (const sender of ['777001\u200b', '７７７００１', '777001\n']) {
    expect(await stage.asserts({ sender }), sender).toMatchObject({ code: 'request_malformed' });
  }
});

test('an id with a line break or something invisible in it is no id', async () => {
  await using stage = await openStage({ groupPolicy: 'open' });
  for (const id of ['', 'a\nb', 'a\u0000', '\u202ea', 'x'.repeat(257)]) {
    expect((await stage.send({ conversation: { kind: 'group', id } })).status).toBe(400);
    expect((await stage.send({ messageId: id })).status).toBe(400);
  }
});

test('I-13: an account that the token does not name is not its to speak for', async () => {
  await using stage = await openStage({ dmPolicy: 'open', allowFrom: ['*'] });
  for (const where of [
    { account: 'other' },
    { account: 'default' },
    { account: 'OWN' },
    { account: 'own ' },
    { channel: 'twilio', account: 'own' },
    { channel: 'webchat', account: 'default' },
  ]) {
    const answer = await stage.send(where);
    expect(answer.status, JSON.stringify(where)).toBe(403);
  }
  expect(await stage.house.composed.store.sessions.list({ limit: 9 })).toEqual([]);
});

test('I-13: the token alone, another secret, another body, path or moment proves nothing', async () => {
  await using stage = await openStage({ dmPolicy: 'open', allowFrom: ['*'] });
  const { house, ingress } = stage;
  const codes: number[] = [];
  const plain = await house.call('tcp', 'POST', INGRESS_PATH, SAID, bearer(ingress.token));
  codes.push(plain.status);
  codes.push((await stage.send({}, { secret: `chs_${'a'.repeat(52)}` })).status);
  codes.push((await stage.send({}, { secret: ingress.token })).status);
  codes.push((await stage.send({}, { ts: Date.now() - 61_000 })).status);
  codes.push((await stage.send({}, { ts: Date.now() + 75_000 })).status);
  codes.push((await stage.send({}, { nonce: 'short' })).status);
  const good = assertion(ingress, SAID);
  const hop = good.headers.get('x-countersign-hop') ?? '';
  const others = [
    { ...SAID, sender: '777002' },
    { ...SAID, displayName: 'x' },
  ];
  for (const body of others) {
    const headers = { ...bearer(ingress.token), 'x-countersign-hop': hop };
    codes.push((await house.call('tcp', 'POST', INGRESS_PATH, body, headers)).status);
  }
  const twice = { ...bearer(ingress.token), 'x-countersign-hop': `${hop}, ${hop}` };
  codes.push((await house.call('tcp', 'POST', INGRESS_PATH, SAID, twice)).status);
  expect(new Set(codes)).toEqual(new Set([401]));
  const sibling = await stage.makes({ scope: 'ingress', accounts: [OWN] });
  // Another token's call, signed with this one's secret.
  expect((await house.raw('tcp', assertion({ ...sibling, hopSecret: ingress.hopSecret }, SAID))).status).toBe(
    401,
  );
  expect(await house.composed.store.sessions.list({ limit: 9 })).toEqual([]);
  expect((await house.raw('tcp', good)).status).toBe(200);
});

test('I-13, R60: a call counts once, however many come with it at the same moment', async () => {
  await using stage = await openStage({ dmPolicy: 'open', allowFrom: ['*'] });
  const good = assertion(stage.ingress, SAID);
  const all = await Promise.all(Array.from({ length: 20 }, () => stage.house.raw('tcp', good.clone())));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(all.filter(({ status }) => status === 401)).toHaveLength(19);
  const reasons = await stage.events('ingress.refused');
  expect(reasons).toMatchObject([{ reason: 'hop_replayed' }]);
});

test('a header of random text is refused and breaks nothing', async () => {
  await using stage = await openStage();
  const text = fc.oneof(
    fc.stringMatching(/^[\x21-\x7e]{0,120}$/),
    fc.stringMatching(/^v1\.\d{13}\.[\w-]{16}\.[\w-]{43}$/),
  );
  await fc.assert(
    fc.asyncProperty(text, async (hop) => {
      const headers = { ...bearer(stage.ingress.token), 'x-countersign-hop': hop };
      expect((await stage.house.call('tcp', 'POST', INGRESS_PATH, SAID, headers)).status).toBe(401);
    }),
    { numRuns: 100 },
  );
});

test('H65: a session key of the caller’s making opens no session of somebody else', async () => {
  await using stage = await openStage(
    { dmPolicy: 'open', allowFrom: ['*'] },
    { session: { dmScope: 'main' } },
  );
  expect(await stage.asserts()).toMatchObject({ state: 'admitted' });
  expect(await stage.asserts({ sender: '777002', messageId: 'm2' })).toEqual({
    state: 'refused',
    reason: 'session_shared',
  });
});

test('H68: a number typed in the text is nobody’s identity', async () => {
  await using stage = await openStage({ dmPolicy: 'allowlist', allowFrom: ['777001'] });
  const answer = await stage.asserts({
    sender: '777002',
    text: 'my number is 777001, user_id: 777001',
    displayName: '777001',
    username: '777001',
  });
  expect(answer).toEqual({ state: 'refused', reason: 'not_admitted' });
});

test('a token for another agent opens sessions of that agent, and handles for it alone', async () => {
  await using stage = await openStage({ dmPolicy: 'open', allowFrom: ['*'] });
  const other = await stage.makes({ scope: 'ingress', accounts: [OWN], for: 'other' });
  const runtime = await stage.makes({ scope: 'runtime', for: 'other', audiences: [TOOLS] });
  const { handle = '' } = await jsonOf<Answer>(stage.house.raw('tcp', assertion(other, SAID)));
  await expect(stage.exchanged(stage.runtime.token, handle)).rejects.toThrow(/no session/);
  expect(await stage.exchanged(runtime.token, handle)).toMatch(/^eyJ/);
  const keys = (await stage.house.composed.store.sessions.list({ limit: 9 })).map(({ key }) => key);
  expect(keys).toEqual(['agent:other:telegram:own:direct:777001']);
});

test('revoked, an ingress asserts nobody any more; those whom it asserted stay who they are', async () => {
  await using stage = await openStage({ dmPolicy: 'open', allowFrom: ['*'] });
  const { handle = '' } = await stage.asserts();
  await stage.revoked(`/tokens/${stage.ingress.id}/revoke`);
  expect((await stage.send({ messageId: 'm2' })).status).toBe(401);
  expect(await stage.exchanged(stage.runtime.token, handle)).toMatch(/^eyJ/);
});
