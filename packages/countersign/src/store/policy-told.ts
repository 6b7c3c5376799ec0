// Which version of the policy the chain tells of. A row that was taken away, or put back to what it was before, is found by that:
// the newest version that was ever told is the least that may hold. The index of the audit is not asked: nothing holds it.
import type { EventType } from '../core/audit/event.ts';
import type { Context } from './context.ts';
import type { Database } from './dialects/database.ts';
import { int, text } from './row.ts';

/** Literals, as in the index of migration 12: with other words it is not used. */
export const TELLS_OF_POLICY = "type in ('policy.changed', 'policy.allowed', 'policy.revoked')";
const TYPES: readonly EventType[] = ['policy.changed', 'policy.allowed', 'policy.revoked'];
const PART = 100;

interface Known {
  /** The last event of each writer that was read for it. */
  readonly upTo: ReadonlyMap<string, number>;
  readonly version: number;
}

/** By database: what was committed once is not read again, and is not forgotten where somebody takes it out of the chain. */
const KNOWN = new WeakMap<Database, Known>();

/** 0 before anybody changed it. The highest, not the last: an event that was appended with a lower number hides nothing. */
export async function versionTold(context: Context): Promise<number> {
  const { connection: c, database, audited } = context;
  const known = KNOWN.get(database) ?? { upTo: new Map(), version: 0 };
  const ends = await c.all(
    `select writer, max(seq) as seq from audit_events where ${TELLS_OF_POLICY} group by writer`,
  );
  const upTo = new Map(known.upTo);
  let { version } = known;
  for (const row of ends) {
    const [writer, end] = [text(row, 'writer'), int(row, 'seq')];
    let from = upTo.get(writer) ?? 0;
    while (from < end) {
      const part = await c.all(
        `select seq, subject from audit_events where ${TELLS_OF_POLICY} and writer = ? and seq > ? order by seq limit ${PART}`,
        [writer, from],
      );
      version = Math.max(version, ...part.map((event) => versionIn(text(event, 'subject'))));
      from = int(part.at(-1) ?? row, 'seq');
    }
    upTo.set(writer, from);
  }
  // What this transaction wrote itself may still be rolled back.
  if (!TYPES.some((type) => audited?.has(type) === true)) KNOWN.set(database, { upTo, version });
  return version;
}

function versionIn(subject: string): number {
  try {
    const { version } = JSON.parse(subject) as { readonly version?: unknown };
    return typeof version === 'number' && Number.isSafeInteger(version) ? version : 0;
  } catch {
    // Somebody edited it: the chain says so.
    return 0;
  }
}
