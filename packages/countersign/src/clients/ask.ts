// Asks the gateway and waits until it is decided. Whatever goes wrong on the way ends in no: silence, a gateway that went
// away, an answer nobody knows (R42). A lost answer is asked again under the same key, and so never becomes two requests.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApprovalAsk, ApprovalRow } from '@countersign/protocol/approval';
import type { Client } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';

export interface Asking {
  readonly client: Client;
  readonly ask: ApprovalAsk;
  /** When it is given up, whatever the gateway says. */
  readonly signal: AbortSignal;
  /** Called with the request as soon as it is there, if somebody has to be asked. */
  waiting(row: ApprovalRow): void;
  /** Called once when the gateway does not answer. */
  lost?(problem: Problem): void;
}

export type Answer =
  | { readonly outcome: 'approved'; readonly row: ApprovalRow }
  | { readonly outcome: 'refused'; readonly row: ApprovalRow; readonly why: string }
  /** `signal` ended it; the request was taken back where that was possible. */
  | { readonly outcome: 'given_up'; readonly row: ApprovalRow | null };

const WAIT_S = 30;
/** How long a gateway may be away while somebody is asked: as long as a restart takes, with room. */
const AWAY_MS = 60_000;
/** Before it has heard of it, whoever asks need not wait for long. */
const NOT_THERE_MS = 5_000;
const AGAIN_MS = 1_000;

/** @throws Problem: it could not be asked at all, or the gateway stayed away. */
export async function askAndWait(asking: Asking): Promise<Answer> {
  const { client, ask, signal } = asking;
  // One key for all tries: an answer that was lost is no second request.
  const key = randomUUID();
  let row: ApprovalRow | null = null;
  try {
    row = await patiently(asking, NOT_THERE_MS, () => client.approvals.ask(ask, key));
    if (row.state === 'pending') asking.waiting(row);
    while (row.state === 'pending') {
      const { id }: ApprovalRow = row;
      row = await patiently(asking, AWAY_MS, () => client.approvals.wait(id, WAIT_S, signal, 'stays'));
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    await takeBack(client, row);
    return { outcome: 'given_up', row };
  }
  if (row.state === 'approved') return { outcome: 'approved', row };
  return { outcome: 'refused', row, why: whyNot(row) };
}

/** A call that is tried again while the gateway restarts. */
async function patiently<T>({ signal, lost }: Asking, forMs: number, call: () => Promise<T>): Promise<T> {
  let told = false;
  // Measured in tries: a machine that slept meanwhile has not waited.
  for (let away = 0; ; away += AGAIN_MS) {
    if (signal.aborted) throw signal.reason;
    try {
      return await call();
    } catch (cause) {
      const isAway = cause instanceof Problem && AWAY.has(cause.code);
      if (signal.aborted || !isAway || away >= forMs) throw cause;
      if (!told) lost?.(cause);
      told = true;
      await pause(AGAIN_MS, undefined, { signal });
    }
  }
}

const AWAY: ReadonlySet<string> = new Set(['gateway_down', 'gateway_stopping', 'gateway_timeout']);

/** Nobody waits for it any more. That it cannot be reached changes nothing: it runs out by itself. */
async function takeBack(client: Client, row: ApprovalRow | null): Promise<void> {
  if (row?.state !== 'pending') return;
  await client.approvals.cancel(row.id).catch(() => {});
}

const ENDS: Readonly<Record<string, string>> = {
  denied: 'denied',
  expired: 'nobody answered in time',
  cancelled: 'it was taken back',
  superseded: 'what it was asked under has changed: ask again',
};

/** In one line, as it is told to whoever asked. */
export function whyNot({ state, decision, because }: ApprovalRow): string {
  const end = ENDS[state] ?? state;
  if (state === 'cancelled' && because === 'asker_gone') return 'nobody waited for it any more';
  if (state !== 'denied') return end;
  const reason = decision?.decision === 'deny' ? decision.reason : undefined;
  if (reason !== undefined && reason !== '') return `denied: ${reason}`;
  return because === undefined || decision?.decision === 'deny' ? 'denied' : (POLICY[because] ?? because);
}

/** What the policy says at once, in words. */
const POLICY: Readonly<Record<string, string>> = {
  security_deny: 'the policy lets this agent run nothing',
  not_on_list: 'it is on no list, and the policy asks nobody',
  requester_not_active: 'the person it is asked for is blocked or suspended',
  no_approver: 'there is nobody who may decide it',
  only_the_requester: 'nobody may decide it but the person it is asked for',
  no_factor: 'it needs a proof, and nobody who may decide has enrolled one',
  quorum_unreachable: 'more people must say yes than there are',
  no_approver_reachable: 'nobody who may decide it could be reached',
};
