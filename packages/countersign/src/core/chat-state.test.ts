// What a page is told of itself agrees with what the front door does, under every policy.
import { expect, test } from 'vitest';
import { openWorld } from '../testing/world.ts';
import type { AccountPolicy } from './admission.ts';
import { chatStanding } from './chat-state.ts';

const POLICY: AccountPolicy = {
  enabled: true,
  dmPolicy: 'pairing',
  allowFrom: [],
  groupPolicy: 'disabled',
  groupAllowFrom: [],
  requireMention: true,
  personalNumber: false,
};

test.each([
  [{ dmPolicy: 'pairing' }, 'unknown'],
  [{ dmPolicy: 'allowlist' }, 'silent'],
  [{ dmPolicy: 'allowlist', allowFrom: ['ana'] }, 'paired'],
  [{ dmPolicy: 'open', allowFrom: ['*'] }, 'paired'],
  // Open without the wildcard lets nobody new in, and the page must not say otherwise.
  [{ dmPolicy: 'open', allowFrom: [] }, 'silent'],
  [{ dmPolicy: 'disabled' }, 'silent'],
  [{ enabled: false }, 'silent'],
] as const)('a stranger under %o is told %s', async (part, state) => {
  await using world = await openWorld();
  const policy = { ...POLICY, ...part };
  expect(await chatStanding(world.store, world.peer('ana'), policy, world.clock.now())).toMatchObject({
    state,
  });
});

test('a blocked stranger and an unlisted one are told the same', async () => {
  await using world = await openWorld();
  const peer = world.peer('ana');
  const now = world.clock.now();
  const unlisted = await chatStanding(world.store, peer, { ...POLICY, dmPolicy: 'allowlist' }, now);
  await world.store.people.setBlocked(peer, true, now);
  expect(await chatStanding(world.store, peer, POLICY, now)).toEqual(unlisted);
});
