// A request that names no session is asked for somebody all the same: an agent that is talked to may leave the session out, and so
// hide for whom it acts (H52). Whoever speaks with that agent may be the one; what such a request may do is as if they were.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { Candidate } from './judge.ts';

/** A conversation counts for so long after its last message. */
export const LIVELY_MS = 24 * 3_600_000;

type Tables = Pick<Store, 'bindings'>;

interface AskedFor {
  readonly agent: string;
  readonly requester: PrincipalId | null;
}

/** An elevation of an owner is their own: it ends where others may be the ones who ask (decision 28). */
export async function othersMayAsk(
  tx: Tables,
  { agent, by }: { readonly agent: string; readonly by: PrincipalId },
  now: Millis,
): Promise<boolean> {
  return tx.bindings.othersSpeak(agent, by, now - LIVELY_MS);
}

/**
 * Those who may decide, with a mark at those who may be the ones who asked. An owner needs none: what their agent does, it does
 * for them, and no other could say a better yes.
 */
export async function markedCandidates(
  tx: Tables,
  candidates: readonly Candidate[],
  { agent, requester }: AskedFor,
  now: Millis,
): Promise<readonly Candidate[]> {
  if (requester !== null) return candidates;
  const marked: Candidate[] = [];
  for (const one of candidates)
    marked.push(
      (await mayHaveAsked(tx, one, { agent, requester }, now)) ? { ...one, mayHaveAsked: true } : one,
    );
  return marked;
}

/** The same of one who decides now: they may have begun to speak after it was asked. */
export async function mayHaveAsked(
  tx: Tables,
  { role, principal }: Candidate,
  { agent, requester }: AskedFor,
  now: Millis,
): Promise<boolean> {
  return (
    requester === null && role === 'approver' && (await tx.bindings.speaks(agent, principal, now - LIVELY_MS))
  );
}
