// R58, R59, R62: bearers that are out. What one said when it was made has to be so at the moment somebody asks.
import { makeId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { house, read } from '../../testing/identity-world.ts';
import type { World } from '../../testing/world.ts';
import type { BearerSettings } from '../session/bearer-port.ts';
import type { User } from '../session/binding.ts';
import { isDenied } from '../session/identity.ts';
import { BearersOut } from './bearers-out.ts';
import type { Holder } from './holder.ts';

const BACKEND: Holder = {
  token: makeId('token', new Uint8Array(15).fill(1)),
  scope: 'backend',
  agent: null,
  accounts: [],
  audiences: ['tools'],
  name: 'backend',
};
const RUNTIME: Holder = {
  ...BACKEND,
  token: makeId('token', new Uint8Array(15).fill(2)),
  scope: 'runtime',
  agent: 'main',
};

interface Stage {
  readonly world: World;
  readonly out: BearersOut;
  readonly handle: string;
  is(found: User | 'unmapped' | 'unavailable'): void;
  active(token: string): Promise<boolean>;
}

async function stage(bearer: Partial<BearerSettings> = {}): Promise<Stage> {
  let found: User | 'unmapped' | 'unavailable' = 'unmapped';
  const users = { find: async () => found };
  const world = await house({ users, bearer });
  await world.knows('ana');
  await world.says('ana', 'hi');
  const { store, clock, services } = world;
  const out = new BearersOut({
    ...services,
    store,
    clock,
    users,
    verifier: { verify: (token) => read(world, token).catch(() => null) },
    mappedOnly: () => world.bearer.mappedOnly,
  });
  return {
    world,
    out,
    handle: world.agent.asked.at(-1)?.carried?.handle ?? '',
    is: (one) => {
      found = one;
    },
    active: async (token) => (await out.introspect(BACKEND, token)) !== null,
  };
}

async function exchanged({ out, handle }: Stage): Promise<string> {
  const answer = await out.exchange(RUNTIME, { handle, audience: 'tools', scope: null });
  if (isDenied(answer) || !('token' in answer)) throw new Error('no bearer');
  return answer.token;
}

async function add({ world }: Stage, holder: Holder, expiresAt: number | null) {
  await world.store.tokens.add({
    ...holder,
    hash: holder.token,
    hopSecret: holder.scope === 'ingress' ? `chs_${holder.token}` : null,
    maker: 'host',
    createdAt: world.clock.now(),
    expiresAt,
  });
}

test('of another user or tenant by now, it is over; of the same one again, it is good again', async () => {
  const on = await stage();
  await using _ = on.world;
  await add(on, RUNTIME, null);
  const unmapped = await exchanged(on);
  expect(await on.active(unmapped)).toBe(true);
  const ana: User = { user: 'u-1', tenant: 'acme', attributes: {} };
  on.is(ana);
  expect(await on.active(unmapped)).toBe(false);
  const mapped = await exchanged(on);
  expect(await on.active(mapped)).toBe(true);
  for (const other of [
    { ...ana, user: 'u-2' },
    { ...ana, tenant: 'other' },
    'unmapped',
    'unavailable',
  ] as const) {
    on.is(other);
    expect(await on.active(mapped)).toBe(false);
  }
  on.is(ana);
  expect(await on.active(mapped)).toBe(true);
});

test('made while people needed no user, it is over when they do', async () => {
  const on = await stage();
  await using _ = on.world;
  await add(on, RUNTIME, null);
  const token = await exchanged(on);
  on.world.bearer = { ...on.world.bearer, mappedOnly: true };
  expect(await on.active(token)).toBe(false);
});

test('R63: of a token that has run out, it is over with that token', async () => {
  const on = await stage();
  await using _ = on.world;
  await add(on, RUNTIME, on.world.clock.now() + 60_000);
  const token = await exchanged(on);
  on.world.clock.advance('59s');
  expect(await on.active(token)).toBe(true);
  on.world.clock.advance('1s');
  expect(await on.active(token)).toBe(false);
});
