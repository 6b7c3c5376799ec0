// The rounds: none overlaps itself, none that fails ends the gateway, and what is past its time is gone.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openWorld } from '../testing/world.ts';
import { startSweeper } from './sweeper.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

test('a round that is still under way is not begun again, and stop waits for it', async () => {
  await using world = await openWorld();
  const { store, clock, log, services } = world;
  let rounds = 0;
  const slow = Promise.withResolvers<void>();
  const turns = {
    sweep: () => {
      rounds += 1;
      return slow.promise;
    },
  };
  const sweeper = startSweeper({
    store,
    clock,
    log,
    tidyConfig: async () => undefined,
    keepHeads: async () => undefined,
    lookAfterAskers: async () => undefined,
    tellRenewals: async () => undefined,
    denyCooldownMs: () => 0,
    granting: { lose: async () => 0 },
    services: { ...services, turns: Object.assign(Object.create(services.turns), turns) },
  });
  for (let second = 0; second < 5; second++) {
    vi.advanceTimersByTime(1_000);
    await services.dispatcher.dispatch();
    await Promise.resolve();
  }
  expect(rounds).toBe(1);
  let stopped = false;
  const stopping = sweeper.stop().then(() => {
    stopped = true;
  });
  await Promise.resolve();
  expect(stopped).toBe(false);
  slow.resolve();
  await stopping;
});

test('a round that fails is told by its code and tried again', async () => {
  await using world = await openWorld();
  const { store, clock, log, services } = world;
  let rounds = 0;
  const turns = {
    sweep: async () => {
      rounds += 1;
      throw new Error('words of a person');
    },
  };
  const sweeper = startSweeper({
    store,
    clock,
    log,
    tidyConfig: async () => undefined,
    keepHeads: async () => undefined,
    lookAfterAskers: async () => undefined,
    tellRenewals: async () => undefined,
    denyCooldownMs: () => 0,
    granting: { lose: async () => 0 },
    services: { ...services, turns: Object.assign(Object.create(services.turns), turns) },
  });
  for (let second = 0; second < 2; second++) {
    vi.advanceTimersByTime(1_000);
    await vi.waitFor(() => expect(rounds).toBe(second + 1));
    await vi.waitFor(() => expect(log.lines).toHaveLength(second + 1));
    await Promise.resolve();
  }
  await sweeper.stop();
  expect(log.lines[0]).toMatchObject({
    level: 'error',
    event: 'sweep.failed',
    fields: { name: 'ask', reason: 'internal' },
  });
  expect(JSON.stringify(log.lines)).not.toContain('words');
});
