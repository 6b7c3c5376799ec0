// What was approved runs, once, and nothing else does. In this order, and each of it ends in nothing running: derived again from
// what is there now, compared with what was asked, the grant verified against the pinned key, spent at the gateway, looked at
// once more, started from what was looked at (R40, R42, R44).
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { actionDigest } from '@countersign/protocol/action-digest';
import { type GrantClaims, type GrantReport, verifyGrant } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import { changedField, type Field, isField } from './changed.ts';
import { type Derived, derive, type Plan } from './derive.ts';
import { Flow, Recorder } from './output.ts';
import { changedAfter, changedBefore, type Ends, start } from './start.ts';
import { refuseReplaceable, replaceable } from './writable.ts';

export interface Granted {
  readonly plan: Plan;
  /** What was derived from it when it was asked; closed by now. */
  readonly asked: Pick<Derived, 'action' | 'setId' | 'program' | 'interpreter'>;
  readonly grant: string;
  /** Public JWKs of the gateway, pinned. */
  readonly keys: readonly object[];
  readonly requestDigest?: string;
  /** Spends it. Whatever it throws, nothing starts. */
  redeem(grant: string): Promise<unknown>;
  /** Tells of it. Tried again at the end, never waited for in between. */
  report(report: GrantReport): Promise<unknown>;
  readonly io: RunIo;
  readonly clock: { now(): number };
  /** Aborted: it is not wanted any more. Does not end what runs. */
  readonly signal?: AbortSignal;
}

export interface RunIo extends Ends {
  /** It runs. Signals for it go through `kill`. */
  started?(kill: (signal: NodeJS.Signals) => void): void;
}

export type Ran =
  | {
      readonly outcome: 'refused';
      /** One sentence, without a full stop. */
      readonly why: string;
      readonly hint?: string | undefined;
      readonly changed: Field | null;
      /** The grant is gone with it. */
      readonly isRedeemed: boolean;
    }
  | {
      readonly outcome: 'ended';
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
      /** Where it went through us, and not to a terminal. */
      readonly outputDigest?: string;
      readonly outputSize?: number;
      /** False: the gateway could not be told, and takes it for lost. */
      readonly isTold: boolean;
    };

const BEAT_MS = 30_000;
const TELL_TIMES = 5;
const TELL_AGAIN_MS = 1_000;

/** Never throws for what the world does: a refusal is a value. */
export async function runGranted(granted: Granted): Promise<Ran> {
  let claims: GrantClaims | null = null;
  try {
    await using derived = await deriveAgain(granted);
    claims = await verified(granted, derived);
    const weak = claims.tier === 'destructive' ? await replaceable(derived) : null;
    if (weak !== null) throw refuseReplaceable(weak);
    granted.signal?.throwIfAborted();
    await granted.redeem(granted.grant);
    try {
      return await ran(granted, derived, claims);
    } catch (cause) {
      const refusal = refusalOf(cause, true);
      await told(granted, { grant: claims.jti, what: 'failed', why: refusal.why.slice(0, 1_000) });
      return refusal;
    }
  } catch (cause) {
    return refusalOf(cause, false);
  }
}

async function deriveAgain({ plan, asked, io }: Granted): Promise<Derived> {
  const derived = await derive(plan, asked);
  const other = derived.setId === asked.setId ? changedField(asked.action, derived.action) : 'program';
  const field = other ?? (isInput(derived, io) ? null : 'stdin');
  if (field === null) return derived;
  await derived[Symbol.asyncDispose]();
  throw changed(field);
}

/** Whether what it would read is what the action says. */
function isInput({ action: { stdin } }: Derived, { input }: RunIo): boolean {
  if (stdin.kind !== 'bytes') return input === (stdin.kind === 'terminal' ? 'terminal' : null);
  return Buffer.isBuffer(input) && createHash('sha256').update(input).digest('hex') === stdin.sha256;
}

async function verified(
  { grant, keys, requestDigest, clock }: Granted,
  { action }: Derived,
): Promise<GrantClaims> {
  return verifyGrant(grant, {
    keys,
    host: action.host,
    actionDigest: await actionDigest(action),
    ...(requestDigest === undefined ? {} : { requestDigest }),
    now: new Date(clock.now()),
  });
}

async function ran(granted: Granted, derived: Derived, { jti }: GrantClaims): Promise<Ran> {
  const { io } = granted;
  const before = await changedBefore(derived);
  if (before !== null) throw changed(before);
  const child = await start(derived, io);
  const ended = once(child, 'exit');
  const after = changedAfter(derived).then((field) => {
    if (field !== null) child.kill('SIGKILL');
    return field;
  });
  // Looked at below; an answer that comes sooner than that is no failure of the process.
  after.catch(() => child.kill('SIGKILL'));
  io.started?.((signal) => passOn(child, signal, io.ownGroup === true));
  void granted.report({ grant: jti, what: 'started' }).catch(() => {});
  const beat = setInterval(
    () => void granted.report({ grant: jti, what: 'running' }).catch(() => {}),
    BEAT_MS,
  );
  try {
    const recorder = new Recorder();
    const flow = flowing(child, io, recorder);
    await ended;
    await flow.drained();
    const field = await after;
    if (field !== null) throw changed(field);
    const { exitCode, signalCode: signal } = child;
    const recorded = io.stdout === 'terminal' || io.stderr === 'terminal' ? {} : recorder.recorded();
    const isTold = await told(granted, { grant: jti, what: 'finished', exitCode, signal, ...recorded });
    const { output: _, ...shown } = { output: '', ...recorded };
    return { outcome: 'ended', exitCode, signal, ...shown, isTold };
  } finally {
    clearInterval(beat);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** To it alone, or to all that it started. */
function passOn(child: ChildProcess, signal: NodeJS.Signals, toGroup: boolean): void {
  if (!toGroup || child.pid === undefined) return void child.kill(signal);
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left.
  }
}

function flowing({ stdout, stderr }: ChildProcess, io: RunIo, recorder: Recorder): Flow {
  const flow = new Flow();
  if (stdout !== null && io.stdout !== 'terminal')
    flow.pass(stdout, io.stdout, (bytes) => recorder.add('stdout', bytes));
  if (stderr !== null && io.stderr !== 'terminal')
    flow.pass(stderr, io.stderr, (bytes) => recorder.add('stderr', bytes));
  return flow;
}

/** What became of it, until the gateway has heard it. */
async function told({ report }: Granted, what: GrantReport): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await report(what);
      return true;
    } catch (cause) {
      const isOver = cause instanceof Problem && !cause.retryable;
      if (isOver || tries === TELL_TIMES) return false;
      await pause(TELL_AGAIN_MS);
    }
  }
}

function changed(field: Field): Problem {
  return new Problem('policy_denied', {
    detail: `changed: ${field}`,
    hint: 'it is not what was asked about any more: ask again for what is there now',
    members: { field },
  });
}

function refusalOf(cause: unknown, isRedeemed: boolean): Extract<Ran, { outcome: 'refused' }> {
  if (!(cause instanceof Problem))
    return {
      ...{ outcome: 'refused', changed: null, isRedeemed },
      why: `it could not be started: ${cause instanceof Error ? cause.message : String(cause)}`,
    };
  const { field } = cause.members;
  if (isField(field))
    return {
      ...{ outcome: 'refused', changed: field, isRedeemed },
      why: `changed: ${field}`,
      hint: cause.hint,
    };
  return { ...{ outcome: 'refused', changed: null, isRedeemed }, why: cause.message, hint: cause.hint };
}
