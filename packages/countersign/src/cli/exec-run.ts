// The second half of `countersign exec`: what was approved is run, with our own terminal or what we were given. Whatever goes
// wrong before it starts is a refusal, in one sentence: away is deny.
import type { ApprovalCancel, ApprovalRow } from '@countersign/protocol/approval';
import type { Client } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { wrongAnswer } from '../exec/answer.ts';
import type { Field } from '../exec/changed.ts';
import type { Derived, Plan } from '../exec/derive.ts';
import { type Ran, type RunIo, runGranted } from '../exec/run.ts';
import type { Cli } from './cli.ts';
import { fdSink } from './fd-sink.ts';
import { forwardSignals } from './forward-signals.ts';

export interface Approved {
  readonly client: Client;
  readonly gatewayKey: object;
  readonly plan: Plan;
  readonly asked: Derived;
  /** What was read of standard input before it was asked. */
  readonly input: Buffer | null;
  /** As it was when people were asked; null where nobody was. */
  readonly before: ApprovalRow | null;
  readonly row: ApprovalRow;
  readonly signal: AbortSignal;
}

/** Ends as the command ended. @throws Problem `policy_denied`: nothing ran. */
export async function runApproved(cli: Cli, approved: Approved): Promise<void> {
  const { client, row } = approved;
  if (approved.before !== null) cli.terminal.talk(`approved: ${row.short}`);
  const ran = await tried(cli, approved);
  if (ran.outcome === 'refused') {
    // Nobody is left with a yes for what will not run.
    if (!ran.isRedeemed) await client.approvals.cancel(row.id, whyOf(ran)).catch(() => {});
    throw refusal(ran, row);
  }
  if (ran.changed !== null)
    cli.terminal.talk(
      `countersign: ended: changed: ${ran.changed}, right after the start; it may have done something`,
    );
  if (!ran.isTold) cli.terminal.talk('countersign: the gateway could not be told how it ended');
  cli.endAs(ran);
}

/** Whoever said yes hears why it did not run. */
function whyOf({ changed }: Extract<Ran, { outcome: 'refused' }>): ApprovalCancel {
  return changed === null ? {} : { changed };
}

async function tried(cli: Cli, approved: Approved): Promise<Ran> {
  const { client, gatewayKey, plan, asked, row, signal } = approved;
  const wrong = await wrongAnswer({ ...approved, action: asked.action });
  if (wrong !== null) return { outcome: 'refused', isRedeemed: false, ...wrong };
  let unforward = () => {};
  const io: RunIo = {
    ...ends(cli, approved),
    started: (kill) => {
      unforward = forwardSignals(kill, isTerminal(cli));
    },
  };
  try {
    return await runGranted({
      ...{ plan, asked, signal, io, clock: cli.clock, keys: [gatewayKey] },
      grant: row.grant ?? '',
      requestDigest: row.requestDigest,
      redeem: (grant) => redeemed(client, grant, row),
      report: (report) => client.grants.report(report),
    });
  } finally {
    unforward();
  }
}

/** Once it is answered, it is spent. An answer that was lost means *not run*. */
async function redeemed(client: Client, grant: string, { id }: ApprovalRow): Promise<void> {
  try {
    await client.grants.redeem(grant);
  } catch (cause) {
    const field = await whatEnded(client, id);
    if (field !== null) throw new Problem('policy_denied', { cause, members: { field } });
    throw cause;
  }
}

async function whatEnded(client: Client, id: string): Promise<Field | null> {
  try {
    return endedBy(await client.approvals.get(id));
  } catch {
    return null;
  }
}

/** What a request was asked under, and is so no more. */
export function endedBy({ state, endedBy: why }: ApprovalRow): Field | null {
  if (state !== 'superseded') return null;
  if (why === 'session_ended') return 'session';
  return why === 'policy_changed' ? 'policy' : null;
}

function ends({ streams: { stdout, stderr } }: Cli, { asked, input }: Approved): RunIo {
  const { kind } = asked.action.stdin;
  return {
    input: kind === 'terminal' ? 'terminal' : input,
    stdout: stdout.isTTY === true ? 'terminal' : fdSink(1),
    stderr: stderr.isTTY === true ? 'terminal' : fdSink(2),
  };
}

function isTerminal({ streams: { stdin, stdout, stderr } }: Cli): boolean {
  return [stdin, stdout, stderr].some(({ isTTY }) => isTTY === true);
}

function refusal({ why, hint, changed }: Extract<Ran, { outcome: 'refused' }>, row: ApprovalRow): Problem {
  return new Problem('policy_denied', {
    detail: why,
    ...(hint === undefined ? {} : { hint }),
    members: {
      ...{ refused: true, approval: row.id, state: row.state },
      ...(changed === null ? {} : { changed }),
    },
  });
}

/** Away is deny: whatever keeps it from being asked is a refusal. How it was typed, and how this client is set up, is not. */
export function asRefusal(cause: unknown): unknown {
  if (!(cause instanceof Problem) || cause.members['refused'] === true) return cause;
  if (['usage', 'config_invalid', 'request_malformed', 'internal'].includes(cause.code)) return cause;
  const { message, hint, code, members } = cause;
  return new Problem('policy_denied', {
    detail: message,
    ...(hint === undefined ? {} : { hint }),
    members: { ...members, refused: true, problem: code },
    cause,
  });
}
