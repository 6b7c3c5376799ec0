// What the benchmarks share: a folder on the real disk, a store with real keys, messages from people it knows, a clock
// for processor and wall. Invariant: nothing is faked that costs time in a gateway.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admit } from '../packages/countersign/src/core/admission.ts';
import { type Peer, storedNative } from '../packages/countersign/src/core/identity/peer.ts';
import type { Inbound } from '../packages/countersign/src/core/message.ts';
import type { Store } from '../packages/countersign/src/core/store-port.ts';
import { systemClock } from '../packages/countersign/src/runtime/clock.ts';
import { createHasher } from '../packages/countersign/src/runtime/crypto/hasher.ts';
import { createVault } from '../packages/countersign/src/runtime/crypto/vault.ts';
import { StorageKey } from '../packages/countersign/src/runtime/keys.ts';
import { systemRandom } from '../packages/countersign/src/runtime/random.ts';
import { openStore } from '../packages/countersign/src/store/open.ts';
import { inboundFrom } from '../packages/countersign/src/testing/inbound.ts';

/** One line of RESULTS.md. */
export interface Row {
  readonly what: string;
  readonly baseline: string;
  readonly budget: string;
  readonly measured: string;
  /** Null: not measured here. */
  readonly met: boolean | null;
}

export const POLICY = {
  enabled: true,
  dmPolicy: 'pairing',
  allowFrom: [],
  groupPolicy: 'disabled',
  groupAllowFrom: [],
  requireMention: true,
  personalNumber: false,
} as const;
export const RULES = {
  agent: 'main',
  dmScope: 'per-account-channel-peer',
  allowShared: false,
  pairingMaxAgeMs: 600_000,
} as const;

const key = new StorageKey(systemRandom.bytes(32));
export const ports = {
  clock: systemClock,
  random: systemRandom,
  hasher: createHasher(key),
  vault: createVault(key, systemRandom),
};

export function open(url: string, home: string): Promise<Store> {
  return openStore(url, { ...ports, home });
}

export function temporary(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function peer(n: number): Peer {
  return { channel: 'bench', account: 'default', native: storedNative(`p${n}`) };
}

/** Coprime to the counts of people: every message is from somebody else, far away in every index. */
const STRIDE = 611_953;
let said = 0;

export function message(people: number): Inbound {
  said += 1;
  const from = peer((said * STRIDE) % people);
  return inboundFrom(from, {
    messageId: `m-${said}`,
    text: 'what is the weather like in the mountains tomorrow?',
    sentAt: systemClock.now(),
  });
}

/** One transaction. @throws Error when a message did not go to the agent: the figure would be that of something else. */
export async function accept(store: Store, count: number, people: number): Promise<void> {
  const now = systemClock.now();
  const batch = Array.from({ length: count }, () => message(people));
  const answers = await store.messages.accept(
    batch,
    (inbound, standing) => admit(inbound, standing, POLICY, RULES, now),
    now,
  );
  for (const answer of answers) {
    if (!('as' in answer) || answer.as !== 'agent') throw new Error('a message did not reach the agent');
  }
}

export interface Cost {
  /** Milliseconds of user and system time of this process. */
  readonly cpu: number;
  readonly wall: number;
}

export async function cost(work: () => Promise<unknown> | unknown): Promise<Cost> {
  const before = process.cpuUsage();
  const from = performance.now();
  await work();
  const wall = performance.now() - from;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1_000, wall };
}
