// H57: three denials in a row are an answer. Until when the session of a request asks nothing because of them; whoever said
// the last no reads it too, and so does whoever asked.
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import { PAST_MS } from './asking.ts';
import { conductOf } from './conduct.ts';

/** Of an agent's session, that was told no too often; null: of what it asks without one. */
export interface Pause {
  readonly agent: string;
  readonly session: ApprovalRecord['session'];
  readonly until: Millis;
}

type Asker = Pick<ApprovalRecord, 'agent' | 'session'>;

/** @returns null: it may ask. */
export async function pausedUntil(
  { approvals }: Pick<Store, 'approvals'>,
  { agent, session }: Asker,
  now: Millis,
): Promise<Millis | null> {
  const past = await approvals.past(agent, session, now - PAST_MS, now);
  const conduct = conductOf('', past, now);
  return conduct.outcome === 'deny' && conduct.reason === 'paused' ? conduct.until : null;
}

/** Each session once. */
export async function pausesOf(
  store: Pick<Store, 'approvals'>,
  askers: readonly Asker[],
  now: Millis,
): Promise<readonly Pause[]> {
  const once = new Map(
    askers.map(({ agent, session }) => [JSON.stringify([agent, session]), { agent, session }]),
  );
  const pauses: Pause[] = [];
  for (const asker of once.values()) {
    const until = await pausedUntil(store, asker, now);
    if (until !== null) pauses.push({ ...asker, until });
  }
  return pauses;
}
