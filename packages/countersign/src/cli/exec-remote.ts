// `countersign exec --host`: a command on another machine, as if it ran here: its output is ours, its exit code is ours, and
// Ctrl-C reaches it. What would run is derived there, asked about as everything is, and run there for a grant of its own.

import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApprovalRow } from '@countersign/protocol/approval';
import type { Client } from '@countersign/protocol/client';
import { visible } from '@countersign/protocol/display';
import type { ExecAsk, ExecJob, RemoteSignal } from '@countersign/protocol/exec';
import { Problem } from '@countersign/protocol/problem';
import { whyNot } from '../clients/ask.ts';

const WAIT_S = 30;
const AGAIN_MS = 1_000;
const LOOK_AGAIN_MS = 2_000;
/** As long as a restart takes, with room. */
const AWAY_MS = 60_000;

interface Remote {
  readonly client: Client;
  readonly ask: ExecAsk;
  /** The same for every try of this asking. */
  readonly key: string;
  waiting(row: ApprovalRow): void;
  talk(line: string): void;
  /** Resolves when there is room for more; false: nobody reads there any more. */
  write(stream: 'out' | 'err', bytes: Buffer): Promise<boolean>;
  /** @returns what stops listening. */
  onSignal(hear: (signal: RemoteSignal) => void): () => void;
}

/** @returns the exit code. @throws Problem `policy_denied` where it did not run, with `members` as for a command here. */
export async function execRemotely(remote: Remote): Promise<number> {
  const { client, ask, key, waiting, talk } = remote;
  let job = await patiently(() => client.exec.ask(ask, key), talk);
  const signals = listen(remote, job.id);
  let taken = 0;
  let isUnread = false;
  try {
    if (job.approval.state === 'pending') waiting(job.approval);
    for (;;) {
      for (const { seq, stream, data } of job.output) {
        const isRead = seq <= taken || (await remote.write(stream, Buffer.from(data, 'base64')));
        // `… | head -1`: what writes without end would never end.
        if (!isRead && stream === 'out' && !isUnread) {
          isUnread = true;
          signals.send('SIGPIPE');
        }
        taken = Math.max(taken, seq);
      }
      // What is left of the output comes with the same answer as the end.
      if (job.state === 'ended' || job.state === 'refused' || job.state === 'lost') break;
      const seen = { after: taken, seen: job.version, wait: WAIT_S };
      job = await patiently(() => client.exec.get(job.id, seen), talk);
    }
  } catch (cause) {
    return await withoutJob(remote, job, cause);
  } finally {
    signals.stop();
  }
  if (job.dropped > 0) talk(`${job.dropped} bytes of output were not taken in time, and are lost`);
  const changed = job.end?.changed;
  if (changed !== undefined)
    talk(`ended there: changed: ${changed}, right after the start; it may have done something`);
  return codeOf(job);
}

/** Signals come one after the other, and are not waited for. */
function listen(
  { client, onSignal, talk }: Remote,
  id: string,
): { stop(): void; send(signal: RemoteSignal): void } {
  let work: Promise<unknown> = Promise.resolve();
  const send = (signal: RemoteSignal) => {
    work = work
      .then(() => client.exec.signal(id, signal))
      .catch(() => talk(`${signal} could not be passed on: the gateway does not answer`));
  };
  return { stop: onSignal(send), send };
}

function codeOf({ state, end, approval, why, hint, field }: ExecJob): number {
  if (state === 'ended' && end !== undefined) return numberOfEnd(end.exitCode, end.signal);
  throw notRun(approval, { why, hint, field });
}

function notRun(
  row: ApprovalRow,
  { why, hint = row.hint, field }: { [Name in 'why' | 'hint' | 'field']?: string | undefined },
): Problem {
  const lost = 'that machine was not heard of since it took the grant: it may have run, and may not';
  return new Problem('policy_denied', {
    detail: row.state === 'lost' ? lost : visible(why ?? whyNot(row)),
    ...(hint === undefined ? {} : { hint: visible(hint) }),
    members: {
      ...{ refused: true, approval: row.id, state: row.state },
      ...(field === undefined ? {} : { changed: field }),
    },
  });
}

/** As a shell counts: a signal is 128 and its number. */
function numberOfEnd(exitCode: number | null, signal: string | null): number {
  if (signal === null) return exitCode ?? 1;
  return 128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0);
}

/**
 * The gateway began anew, or stays away: what it knew of the job is gone. What has not begun never begins; of what runs, the
 * machine tells the end.
 */
async function withoutJob(remote: Remote, { approval, state }: ExecJob, cause: unknown): Promise<number> {
  const { client, talk } = remote;
  if (!(cause instanceof Problem) || (cause.code !== 'not_found' && !AWAY.has(cause.code))) throw cause;
  const members = { refused: true, approval: approval.id, state: approval.state };
  if (state !== 'running' && state !== 'granted') {
    await client.approvals.cancel(approval.id).catch(() => undefined);
    const detail = cause.code === 'not_found' ? 'the gateway began anew while it waited' : cause.message;
    throw new Problem('policy_denied', { detail, hint: 'ask again', cause, members });
  }
  if (cause.code !== 'not_found')
    throw new Problem('policy_denied', {
      detail: 'the gateway is away, and cannot say how it went: it may have run, and may not',
      hint: `countersign approvals show ${approval.id}`,
      ...{ cause, members },
    });
  talk('the gateway began anew: what is printed there is lost, its end is not');
  for (;;) {
    const row = await patiently(() => client.approvals.get(approval.id), talk);
    const { exitCode = null, signal = null, failure } = row.run ?? {};
    if (row.state === 'finished' && failure === undefined) return numberOfEnd(exitCode, signal);
    if (row.state !== 'redeemed' && row.state !== 'approved') throw notRun(row, { why: failure });
    await pause(LOOK_AGAIN_MS);
  }
}

async function patiently<T>(call: () => Promise<T>, talk: (line: string) => void): Promise<T> {
  for (let away = 0; ; away += AGAIN_MS) {
    try {
      return await call();
    } catch (cause) {
      if (!(cause instanceof Problem) || !AWAY.has(cause.code) || away >= AWAY_MS) throw cause;
      if (away === 0) talk('the gateway does not answer; waiting for it …');
      await pause(AGAIN_MS);
    }
  }
}

const AWAY: ReadonlySet<string> = new Set(['gateway_down', 'gateway_stopping', 'gateway_timeout']);
