// I-13, R60, R63: what an ingress proves and is told, by the clock.
import { makeId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { HOST, openWorld, type World } from '../../testing/world.ts';
import type { Holder } from './holder.ts';
import { signHop } from './hop.ts';
import { Ingress } from './ingress.ts';

const WEEK = 604_800_000;

function ingressOf(world: World): Ingress {
  const { store, clock, random, roster, services } = world;
  return new Ingress({ ...services, store, clock, random, roster, idleMs: () => WEEK });
}

async function holderOf({ store, clock }: World, which: number): Promise<Holder> {
  const holder: Holder = {
    token: makeId('token', new Uint8Array(15).fill(which)),
    scope: 'ingress',
    agent: null,
    accounts: ['loopback:default'],
    audiences: [],
    name: 'ingress',
  };
  await store.tokens.add({
    ...holder,
    hash: holder.token,
    hopSecret: `chs_${holder.token}`,
    maker: 'host',
    createdAt: clock.now(),
    expiresAt: null,
  });
  return holder;
}

test('I-13: a hop of a clock that is ahead is still a replay a minute later, tidied or not; a nonce is its token’s own', async () => {
  await using world = await openWorld();
  const { store, clock } = world;
  const ingress = ingressOf(world);
  const [one, two] = [await holderOf(world, 1), await holderOf(world, 2)];
  const of = { method: 'POST', path: '/p', body: new Uint8Array(3) };
  const hop = { ts: clock.now() + 59_000, nonce: 'a'.repeat(16) };
  const header = (holder: Holder) => signHop({ ...of, token: holder.token }, hop, `chs_${holder.token}`);
  const prove = (holder: Holder) => ingress.proveHop(holder, header(holder), of);
  const refused = expect.objectContaining({ code: 'auth_proof_invalid' });
  await prove(one);
  await prove(two);
  for (const later of [0, 60_000, 58_000]) {
    clock.advance(later);
    await store.nonces.prune(clock.now());
    await expect(prove(one)).rejects.toEqual(refused);
  }
});

test('R63: a handle is said to be good for no longer than the person is let in', async () => {
  await using world = await openWorld();
  const { clock, services } = world;
  const ingress = ingressOf(world);
  const holder = await holderOf(world, 1);
  await world.knows('ana');
  await world.says('zoe', 'let me in');
  const { pairing } = await services.findPairing({ what: world.codeOf('zoe') });
  await services.pairings.approve(pairing.id, HOST, { forMs: 3_600_000, name: null });
  const asserts = (sender: string) =>
    ingress.assert(holder, {
      channel: 'loopback',
      account: 'default',
      sender,
      conversation: null,
      messageId: 'm1',
      sentAt: null,
      displayName: null,
      username: null,
      text: 'hi',
    });
  const now = clock.now();
  expect(await asserts('ana')).toMatchObject({ state: 'admitted', expiresAt: now + WEEK });
  expect(await asserts('zoe')).toMatchObject({ state: 'admitted', expiresAt: now + 3_600_000 });
  clock.advance(3_600_000);
  expect(await asserts('zoe')).not.toMatchObject({ state: 'admitted' });
});
