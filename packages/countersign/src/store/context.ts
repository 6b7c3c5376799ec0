// What every aggregate is built from: a connection (alone, or a transaction's), and the ports that make and seal values.

import type { InstallationId, WriterId } from '@countersign/protocol/ids';
import { ID_KINDS, type IdKind, makeId } from '@countersign/protocol/ids';
import type { EventType } from '../core/audit/event.ts';
import type { Clock, Hasher, Random, Vault } from '../core/ports.ts';
import type { Connection, Database } from './dialects/database.ts';

/** Told which types of audit events each commit wrote, after it. */
export type Committed = (types: ReadonlySet<EventType>) => void;

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly hasher: Hasher;
}

export interface Context extends Ports {
  readonly installation: InstallationId;
  readonly writer: WriterId;
  readonly database: Database;
  readonly connection: Connection;
  /** Keys the hashes by which repeated messages are known. */
  readonly dedupeSecret: string;
  /** True while `connection` is a transaction. */
  readonly inside: boolean;
  readonly committed?: Committed | undefined;
  /** What this transaction has written to the audit so far. */
  readonly audited?: Set<EventType>;
}

/** Runs `work` in the transaction under way, or in one of its own. */
export function together<T>(context: Context, work: (context: Context) => Promise<T>): Promise<T> {
  if (context.inside) return work(context);
  return transact(context, work);
}

/** A transaction of its own. Who listens is told once it is true, and never of what was rolled back. */
export async function transact<T>(context: Context, work: (context: Context) => Promise<T>): Promise<T> {
  let audited = new Set<EventType>();
  const done = await context.database.transaction((connection) => {
    // The database may run it again: only the last time counts.
    audited = new Set();
    return work({ ...context, connection, inside: true, audited });
  });
  if (audited.size > 0) context.committed?.(audited);
  return done;
}

export function newId<K extends IdKind>(context: Ports, kind: K): ReturnType<typeof makeId<K>> {
  return makeId(kind, context.random.bytes(ID_KINDS[kind].bytes));
}

/** Many ids from one draw of chance. */
export function newIds<K extends IdKind>(
  context: Ports,
  kind: K,
  count: number,
): ReturnType<typeof makeId<K>>[] {
  const size = ID_KINDS[kind].bytes;
  const chance = context.random.bytes(size * count);
  return Array.from({ length: count }, (_, n) => makeId(kind, chance.subarray(n * size, (n + 1) * size)));
}

export function sealOrNull(context: Ports, plain: string | null, bind: string): Uint8Array | null {
  return plain === null ? null : context.vault.seal(plain, bind);
}

export function openOrNull(
  context: Pick<Ports, 'vault'>,
  sealed: Uint8Array | null,
  bind: string,
): string | null {
  return sealed === null ? null : context.vault.open(sealed, bind);
}

/** One string for several parts, injective. */
export function joined(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** The least text greater than every text that begins with `text`, in byte order, for what is found in practice. */
export function after(text: string): string {
  return `${text}\u{10ffff}`;
}
