// Who asked, what was shown, what was granted: the pairing rules as a stranger and an owner meet them, on the real store.

import type { PairingId } from '@countersign/protocol/ids';
import { Problem, type ProblemCode } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import { HOST, openWorld, PAIRING, type World } from '../../testing/world.ts';
import { verifyChain } from '../audit/chain.ts';

async function codeOf(work: Promise<unknown>): Promise<ProblemCode | 'nothing'> {
  return work.then(
    () => 'nothing' as const,
    (cause: unknown) => Problem.codeOf(cause),
  );
}

test('a stranger gets a code, the agent hears nothing; after the yes the next message is answered', async () => {
  await using world = await openWorld();
  const accepted = await world.says('ana', 'hello');
  expect(accepted.as).toBe('desk');
  expect(world.heardBy('ana')).toHaveLength(1);
  expect(world.agent.asked).toHaveLength(0);
  const row = await world.approves(world.codeOf('ana'));
  expect(row).toMatchObject({ state: 'approved', decidedBy: 'host' });
  expect(world.heardBy('ana')).toHaveLength(2);
  expect(world.agent.asked).toHaveLength(0);
  await world.says('ana', 'hello again');
  expect(world.agent.asked.map(({ text }) => text)).toEqual(['hello again']);
  expect(world.heardBy('ana').at(-1)).toBe('you said: hello again');
});

test('the code is sent once per request, however often the stranger writes', async () => {
  await using world = await openWorld();
  for (let n = 0; n < 20; n++) await world.says('ana', `hello ${n}`);
  expect(world.heardBy('ana')).toHaveLength(1);
});

test('R3 R23: twenty parallel approvals of one code make one winner and one person', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  const { pairing } = await world.services.findPairing({ what: world.codeOf('ana') });
  const approve = () => world.services.pairings.approve(pairing.id, HOST, { forMs: null, name: null });
  const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(approve())));
  expect(codes.filter((code) => code === 'nothing')).toHaveLength(1);
  expect(codes.filter((code) => code === 'already_decided')).toHaveLength(19);
  expect(await world.services.directory.list({ after: null, limit: 50 })).toHaveLength(1);
  const approved = (await world.events()).filter(({ body }) => body.type === 'pairing.approved');
  expect(approved).toHaveLength(1);
});

test('R21: a request does not change while it waits: a new name or new words make no other card', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello', { displayName: 'Ana' });
  const before = await world.services.findPairing({ what: 'ana' });
  await world.says('ana', 'I am the owner', { displayName: 'Owner' });
  const after = await world.services.findPairing({ what: 'ana' });
  expect(after.pairing).toEqual(before.pairing);
});

test('R22: there is no way to approve without naming exactly one', async () => {
  await using world = await openWorld();
  await world.says('anabel', 'hello');
  await world.says('anatol', 'hello');
  expect(await codeOf(world.approves('ana'))).toBe('ambiguous');
  expect(await codeOf(world.approves(''))).toBe('not_found');
  expect(await codeOf(world.approves('latest'))).toBe('not_found');
});

test('H01: a user name is found in any case, among those who wait', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello', { username: 'Ana_K' });
  const { pairing, by } = await world.services.findPairing({ what: '@ana_k' });
  expect([pairing.peer.native, by]).toEqual(['ana', 'username']);
});

test('P-10: wrong, expired, used, wrong channel and wrong account are told apart', async () => {
  await using world = await openWorld({ accounts: ['default', 'support'] });
  await world.says('ana', 'hello', { account: 'support' });
  const code = world.codeOf('ana', 'support');
  const find = (search: { what: string; channel?: string; account?: string }) =>
    codeOf(world.services.findPairing(search));
  expect(await find({ what: 'ZZZZ9999' })).toBe('not_found');
  expect(await find({ what: code, account: 'default' })).toBe('wrong_account');
  expect(await find({ what: code, channel: 'nowhere' })).toBe('unknown_channel');
  expect(await find({ what: code, channel: 'loopback', account: 'support' })).toBe('nothing');
  await world.approves(code);
  expect(await codeOf(world.approves(code))).toBe('already_decided');
  await world.says('bo', 'hello', { account: 'support' });
  const late = world.codeOf('bo', 'support');
  world.clock.advance('61m');
  expect(await codeOf(world.approves(late))).toBe('expired');
});

test('P-11: a code counts in lower case, with dashes, spaces and brackets', async () => {
  await using world = await openWorld({ pairing: { codeFormat: 'XXX-XXX-XXX' } });
  await world.says('ana', 'hello');
  const typed = `<${world.codeOf('ana').toLowerCase().replaceAll('-', ' - ')}>`;
  expect(await world.approves(typed)).toMatchObject({ state: 'approved' });
});

test('H04 H13 H15: a yes on one account is no yes on another, nor in a group', async () => {
  await using world = await openWorld({ accounts: ['default', 'support'] });
  await world.says('ana', 'hello');
  await world.approves(world.codeOf('ana'));
  expect((await world.says('ana', 'hello', { account: 'support' })).as).toBe('desk');
  const group = { conversation: { kind: 'group', id: 'room-1' } } as const;
  expect(await world.says('ana', 'hello', group)).toMatchObject({
    as: 'nobody',
    reason: 'group_not_allowed',
  });
});

test('H16: strangers who fill one account leave the other one free', async () => {
  await using world = await openWorld({ accounts: ['default', 'support'] });
  for (const name of ['s1', 's2', 's3', 's4', 's5']) await world.says(name, 'hello');
  expect(world.heardBy('s3')).toHaveLength(1);
  expect(world.heardBy('s4')).toHaveLength(0);
  await world.says('ana', 'hello', { account: 'support' });
  expect(world.heardBy('ana', 'support')).toHaveLength(1);
});

test('H16: the oldest stranger makes room after a while and stays approvable by identifier', async () => {
  await using world = await openWorld();
  for (const name of ['s-1', 's-2', 's-3']) await world.says(name, 'hello');
  const old = world.codeOf('s-1');
  world.clock.advance('10m');
  await world.says('s-4', 'hello');
  expect(world.heardBy('s-4')).toHaveLength(1);
  expect(await codeOf(world.approves(old))).toBe('expired');
  expect(await world.approves('s-1')).toMatchObject({ state: 'approved' });
});

test('H16: one address holds two of the slots, the machine itself is exempt', async () => {
  await using world = await openWorld();
  for (const name of ['a-1', 'a-2', 'a-3']) await world.says(name, 'hello', { address: '203.0.113.7' });
  expect(world.heardBy('a-3')).toHaveLength(0);
  await world.says('b-1', 'hello', { address: '::ffff:203.0.113.7' });
  expect(world.heardBy('b-1')).toHaveLength(0);
  await world.says('c-1', 'hello', { address: '127.0.0.1' });
  expect(world.heardBy('c-1')).toHaveLength(1);
});

test('H20: the applicant cannot approve by writing the words or the code', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  const code = world.codeOf('ana');
  for (const text of [
    `/pairing approve ${code}`,
    code,
    'approve',
    '/approve',
    `pairing approve loopback ${code}`,
  ]) {
    expect((await world.says('ana', text)).as).toBe('desk');
  }
  expect((await world.services.findPairing({ what: code })).pairing.state).toBe('pending');
  expect(world.heardBy('ana')).toHaveLength(1);
  expect(world.agent.asked).toHaveLength(0);
});

test('a clock that jumps back or far ahead opens no door: codes end, slots hold, access that ran out stays out', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  const code = world.codeOf('ana');
  world.clock.advance(-86_400_000);
  await world.says('bob', 'hello');
  await world.says('cleo', 'hello');
  await world.says('dan', 'hello');
  expect(world.heardBy('dan')).toHaveLength(0);
  expect(await codeOf(world.services.findPairing({ what: code }))).toBe('nothing');
  world.clock.advance('400d');
  expect(await codeOf(world.approves(code))).toBe('expired');
  await world.says('eve', 'hello');
  expect(world.heardBy('eve')).toHaveLength(1);
});

test('a denial is told once and then silence for the cool-down', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  const { pairing } = await world.services.findPairing({ what: 'ana' });
  await world.services.pairings.deny(pairing.id, HOST);
  await world.settle();
  expect(world.heardBy('ana')).toHaveLength(2);
  await world.says('ana', 'please');
  expect(world.heardBy('ana')).toHaveLength(2);
  expect(await codeOf(world.approves('ana'))).toBe('already_decided');
  world.clock.advance('61m');
  await world.says('ana', 'please');
  expect(world.heardBy('ana')).toHaveLength(3);
});

test('a block is silence, for ever, until it is lifted', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  const { pairing } = await world.services.findPairing({ what: 'ana' });
  await world.services.pairings.block(pairing.id, HOST);
  world.clock.advance('30d');
  expect(await world.says('ana', 'hello')).toMatchObject({ as: 'nobody', reason: 'blocked' });
  expect(world.heardBy('ana')).toHaveLength(1);
  await world.services.pairings.unblock(pairing.id, HOST);
  expect((await world.says('ana', 'hello')).as).toBe('desk');
  expect(world.heardBy('ana')).toHaveLength(2);
});

test('revoking ends the access at once; access for a while ends by itself', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  await world.approves(world.codeOf('ana'));
  await world.services.pairings.revoke(world.peer('ana'), HOST);
  expect((await world.says('ana', 'hello')).as).toBe('desk');
  await world.says('bo', 'hello');
  const { pairing } = await world.services.findPairing({ what: 'bo' });
  await world.services.pairings.approve(pairing.id, HOST, { forMs: 86_400_000, name: 'Bo' });
  expect((await world.says('bo', 'hi')).as).toBe('agent');
  world.clock.advance('24h');
  expect((await world.says('bo', 'hi')).as).toBe('desk');
});

test('R4 R5: wrong codes are counted, and a new request does not start the count anew', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  const tries = Array.from({ length: 40 }, (_, n) => `AAAA${String(n + 20)}AA`.replace(/[01]/g, 'Z'));
  const codes: string[] = [];
  for (const what of tries) codes.push(await codeOf(world.services.findPairing({ what })));
  expect(codes.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'not_found'));
  expect(codes.slice(31)).toEqual(Array.from({ length: 9 }, () => 'rate_limited'));
  await world.says('bob', 'hello');
  expect(await codeOf(world.services.findPairing({ what: 'ZZZZ9999' }))).toBe('rate_limited');
});

test('the owner is told of a request and of a yes given on the host, with the undo', async () => {
  await using world = await openWorld();
  await world.knows('olga', 'owner');
  await world.says('ana', 'hello');
  expect(world.heardBy('olga').at(-1)).toContain(world.codeOf('ana'));
  await world.approves(world.codeOf('ana'));
  expect(world.heardBy('olga').at(-1)).toContain('countersign pairing revoke loopback ana');
});

test('R65: every step leaves its event, and the chain verifies', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  await world.approves(world.codeOf('ana'));
  await world.says('ana', 'hello');
  await world.services.pairings.revoke(world.peer('ana'), HOST);
  const events = await world.events();
  expect(events.map(({ body }) => body.type)).toEqual([
    'pairing.requested',
    'pairing.approved',
    'message.admitted',
    'turn.answered',
    'pairing.revoked',
  ]);
  expect(verifyChain(events)).toMatchObject({ ok: true });
  expect(JSON.stringify(events.map(({ body }) => body))).not.toContain('ana');
});

describe('an access for a time', () => {
  const DAY = 86_400_000;
  const approve = (world: World, id: PairingId, forMs: number | null) =>
    world.services.pairings.approve(id, HOST, { forMs, name: null });

  test('is prolonged by another approval with an end, and by nothing else', async () => {
    await using world = await openWorld();
    await world.says('ana', 'hello');
    const { pairing } = await world.services.findPairing({ what: world.codeOf('ana') });
    await approve(world, pairing.id, 2 * DAY);
    await world.settle();
    const heard = world.heardBy('ana').length;
    world.clock.advance('1d');
    const later = await approve(world, pairing.id, 5 * DAY);
    await world.settle();
    expect(later.accessUntil).toBe(world.clock.now() + 5 * DAY);
    expect(world.heardBy('ana')).toHaveLength(heard);
    world.clock.advance('4d');
    expect((await world.says('ana', 'still here')).as).toBe('agent');
    await expect(approve(world, pairing.id, null)).rejects.toMatchObject({ code: 'already_decided' });
    world.clock.advance('2d');
    await expect(approve(world, pairing.id, DAY)).rejects.toMatchObject({ code: 'expired' });
    expect((await world.says('ana', 'and now?')).as).toBe('desk');
  });

  test('R62: one that was revoked cannot be prolonged back', async () => {
    await using world = await openWorld();
    await world.says('ana', 'hello');
    const { pairing } = await world.services.findPairing({ what: world.codeOf('ana') });
    await approve(world, pairing.id, DAY);
    await world.services.pairings.revoke(world.peer('ana'), HOST);
    await expect(approve(world, pairing.id, 9 * DAY)).rejects.toMatchObject({ code: 'already_decided' });
    expect((await world.says('ana', 'hello?')).as).toBe('desk');
  });
});

describe('what lay at the desk while things changed', () => {
  /** Ana has written; the desk serves it only when `serve` is called. */
  async function delayed(options: Parameters<typeof openWorld>[0] = {}) {
    const world = await openWorld(options);
    const { desk } = world.services;
    const serve = desk.serve.bind(desk);
    desk.serve = async () => undefined;
    await world.says('ana', 'hello');
    desk.serve = serve;
    const recover = async () => {
      await desk.recover();
      await world.settle();
    };
    return { world, recover };
  }

  const requests = (world: World) => world.store.pairings.list({ states: ['pending', 'waiting'], limit: 10 });

  test('P-05: an old message begins no pairing at the next start', async () => {
    const { world, recover } = await delayed();
    await using _ = world;
    world.clock.advance('3h');
    await recover();
    expect(world.heardBy('ana')).toEqual([]);
    expect(await requests(world)).toEqual([]);
    expect(await world.store.messages.desk(10)).toEqual([]);
  });

  test('somebody let in meanwhile does not ask again', async () => {
    const { world, recover } = await delayed();
    await using _ = world;
    await world.knows('ana');
    await recover();
    expect(await requests(world)).toEqual([]);
  });

  test('somebody blocked meanwhile is not shown to the owner', async () => {
    const { world, recover } = await delayed();
    await using _ = world;
    await world.knows('olga', 'owner');
    await world.store.people.setBlocked(world.peer('ana'), true, world.clock.now());
    await recover();
    expect(await requests(world)).toEqual([]);
    expect(world.heardBy('olga').join()).not.toContain('New pairing request');
  });

  test('nobody is answered under a policy that answers nobody', async () => {
    const { world, recover } = await delayed();
    await using _ = world;
    world.configure('default', { dmPolicy: 'allowlist' });
    await recover();
    expect(await requests(world)).toEqual([]);
  });

  test('one message that cannot be served keeps neither the others nor the start waiting', async () => {
    await using world = await openWorld({ pairing: { slots: { ...PAIRING.slots, max: 5 } } });
    const { desk, control } = world.services;
    await world.knows('olga', 'owner');
    const serve = desk.serve.bind(desk);
    desk.serve = async () => undefined;
    await world.says('olga', '/pairing');
    await world.says('ana', 'hello');
    desk.serve = serve;
    control.obey = () => Promise.reject(new Error('a row from another planet'));
    await desk.recover();
    await world.settle();
    expect(world.heardBy('ana')).toHaveLength(1);
    expect(world.log.lines.map(({ event }) => event)).toContain('desk.failed');
  });
});

test('H13: a yes at the door gives back no more than talking: an owner’s chat whose time is over is a user’s', async () => {
  await using world = await openWorld();
  await world.knows('olga', 'owner');
  await world.says('phone', 'it is me');
  const { pairing } = await world.services.findPairing({ what: world.codeOf('phone') });
  const { directory, pairings } = world.services;
  const DAY = 86_400_000;
  const approved = await pairings.approve(pairing.id, HOST, { forMs: DAY, name: 'Otto' });
  await directory.setRole(approved.principal ?? '', 'owner', HOST);
  await world.store.people.setCeiling(world.peer('phone'), 'owner', approved.principal ?? 'prn_');
  await world.says('phone', '/pairing');
  expect(world.heardBy('phone').at(-1)).toBe('Nobody is waiting.');
  world.clock.advance(2 * DAY);
  await world.says('phone', 'hello?');
  await world.approves(world.codeOf('phone'));
  expect((await world.says('phone', '/pairing')).as).toBe('agent');
});
