// A store with the real vault and hasher under a fixed key, on a clock and chance of the test's own.
import type { WriterId } from '@countersign/protocol/ids';
import type { Clock, Random } from '../../core/ports.ts';
import type { Store } from '../../core/store-port.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { createVault } from '../../runtime/crypto/vault.ts';
import { StorageKey } from '../../runtime/keys.ts';
import { systemRandom } from '../../runtime/random.ts';
import type { Committed } from '../../store/context.ts';
import type { Database } from '../../store/dialects/database.ts';
import { type OpenOptions, openStore, overDatabase } from '../../store/open.ts';
import { FakeClock } from '../fakes.ts';

export interface TestStoreOptions {
  readonly home?: string;
  readonly maxPageCount?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly writer?: WriterId;
  readonly committed?: Committed;
}

export function testPorts({ clock, random, ...more }: TestStoreOptions = {}): OpenOptions {
  const key = new StorageKey(new Uint8Array(32).fill(1));
  const chance = random ?? systemRandom;
  const ports = { random: chance, vault: createVault(key, chance), hasher: createHasher(key) };
  return { clock: clock ?? new FakeClock(), ...ports, ...more };
}

export function openTestStore(url: string, options: TestStoreOptions = {}): Promise<Store> {
  return openStore(url, testPorts(options));
}

export function testStoreOver(database: Database, options: TestStoreOptions = {}): Promise<Store> {
  return overDatabase(database, testPorts(options));
}
