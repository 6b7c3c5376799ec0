// What the store benchmarks share: a store on the real disk, messages, medians.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeId } from '@countersign/protocol/ids';
import { type AccountPolicy, admit } from '../packages/countersign/src/core/admission.ts';
import { storedNative } from '../packages/countersign/src/core/identity/peer.ts';
import type { Standing } from '../packages/countersign/src/core/identity/people-port.ts';
import type { Inbound } from '../packages/countersign/src/core/message.ts';
import type { Store } from '../packages/countersign/src/core/store-port.ts';
import { systemClock } from '../packages/countersign/src/runtime/clock.ts';
import { createHasher } from '../packages/countersign/src/runtime/crypto/hasher.ts';
import { createVault } from '../packages/countersign/src/runtime/crypto/vault.ts';
import { StorageKey } from '../packages/countersign/src/runtime/keys.ts';
import { systemRandom } from '../packages/countersign/src/runtime/random.ts';
import { openStore } from '../packages/countersign/src/store/open.ts';

const POLICY: AccountPolicy = {
  enabled: true,
  dmPolicy: 'pairing',
  allowFrom: [],
  groupPolicy: 'disabled',
  groupAllowFrom: [],
  requireMention: true,
};
const RULES = {
  agent: 'main',
  dmScope: 'per-account-channel-peer',
  allowShared: false,
  pairingMaxAgeMs: 600_000,
} as const;

export function temporary(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function open(url: string, home: string): Promise<Store> {
  const key = new StorageKey(systemRandom.bytes(32));
  const ports = { clock: systemClock, random: systemRandom, hasher: createHasher(key) };
  return openStore(url, { ...ports, vault: createVault(key, systemRandom), home });
}

/** People who may talk, `count` of them, named p0, p1 … */
export async function know(store: Store, count: number): Promise<void> {
  const at = systemClock.now();
  for (let from = 0; from < count; from += 2_000) {
    await store.atomically(async (tx) => {
      for (let n = from; n < Math.min(from + 2_000, count); n++) {
        const principal = makeId('principal', systemRandom.bytes(15));
        await tx.people.add({ id: principal, name: `p${n}`, role: 'user', state: 'active', createdAt: at });
        const link = {
          principal,
          ceiling: 'user',
          assurance: 'medium',
          direct: true,
          accessUntil: null,
        } as const;
        await tx.people.link(peer(n), { ...link, displayName: null, username: null, at });
      }
    });
  }
}

const peer = (n: number) => ({ channel: 'bench', account: 'default', native: storedNative(`p${n}`) });

let counter = 0;

export function message(people: number): Inbound {
  counter += 1;
  const from = peer(counter % people);
  return {
    peer: from,
    assurance: 'medium',
    actor: 'human',
    conversation: { kind: 'direct', id: from.native },
    messageId: `m-${counter}`,
    kind: 'text',
    text: 'what is the weather like in the mountains tomorrow?',
    sentAt: systemClock.now(),
    live: true,
    forwarded: false,
    mentioned: true,
    displayName: null,
    username: null,
    address: null,
  };
}

export function accept(store: Store, batch: readonly Inbound[]) {
  const now = systemClock.now();
  return store.messages.accept(
    batch,
    (inbound: Inbound, standing: Standing) => admit(inbound, standing, POLICY, RULES, now),
    now,
  );
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Microseconds of processor and of wall time for one run of `work`. */
export async function timed(
  work: () => Promise<unknown> | unknown,
): Promise<{ readonly cpu: number; readonly wall: number }> {
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: user + system, wall: Number(process.hrtime.bigint() - wall) / 1_000 };
}

export interface Row {
  readonly what: string;
  readonly baseline: string;
  readonly budget: string;
  readonly measured: string;
  /** Null: not measured here. */
  readonly met: boolean | null;
}
