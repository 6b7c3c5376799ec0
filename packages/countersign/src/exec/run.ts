// What was approved runs, once, and nothing else does. In this order, and each of it ends in nothing running: derived again from
// what is there now, compared with what was asked, the grant verified against the pinned key, spent at the gateway, looked at
// once more, started from what was looked at (R40, R42, R44).
import { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { actionDigest } from '@countersign/protocol/action-digest';
import { type GrantClaims, type GrantReport, verifyGrant } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import { changedField, type Field, isField } from './changed.ts';
import { type Derived, derive, type Plan } from './derive.ts';
import { endDescent } from './descent.ts';
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
      /** What was found to be another one right after the start: it was killed for it, and may have done something before. */
      readonly changed: 'program' | 'script' | null;
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
  let isRedeemed = false;
  try {
    await using derived = await deriveAgain(granted);
    const { jti } = await released(granted, derived);
    isRedeemed = true;
    const child = await started(granted, derived, jti);
    // From here on code has run: whatever happens, it is not a refusal any more.
    return child instanceof ChildProcess ? await watched(granted, derived, jti, child) : child;
  } catch (cause) {
    return refusalOf(cause, isRedeemed);
  }
}

/** Verified, and spent. @throws Problem: nothing may start. */
async function released(granted: Granted, derived: Derived): Promise<GrantClaims> {
  const claims = await verified(granted, derived);
  const weak = claims.tier === 'destructive' ? await replaceable(derived) : null;
  if (weak !== null) throw refuseReplaceable(weak);
  granted.signal?.throwIfAborted();
  await granted.redeem(granted.grant);
  return claims;
}

async function deriveAgain({ plan, asked, io, signal }: Granted): Promise<Derived> {
  const derived = await derive(plan, asked, signal);
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

/** A refusal: spent, and nothing was started. The gateway is told so. */
async function started(
  granted: Granted,
  derived: Derived,
  jti: string,
): Promise<ChildProcess | Extract<Ran, { outcome: 'refused' }>> {
  try {
    return await start(derived, granted.io, async () => {
      const before = await changedBefore(derived);
      if (before !== null) throw changed(before);
    });
  } catch (cause) {
    const refusal = refusalOf(cause, true);
    await told(granted, { grant: jti, what: 'failed', why: refusal.why.slice(0, 1_000) });
    return refusal;
  }
}

async function watched(granted: Granted, derived: Derived, jti: string, child: ChildProcess): Promise<Ran> {
  const { io } = granted;
  const ended = endOf(child);
  const kill = (signal: NodeJS.Signals) => passOn(child, signal, io.ownGroup === true);
  const caught = endedIfChanged(derived, () => endAll(child, io.ownGroup === true));
  io.started?.(kill);
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
    const { exitCode, signalCode: signal } = child;
    const field = await caught;
    const recorded = io.stdout === 'terminal' || io.stderr === 'terminal' ? {} : recorder.recorded();
    const noticed = field === null ? {} : { changed: field };
    const end = { ...{ exitCode, signal }, ...recorded };
    const isTold = await told(granted, { grant: jti, what: 'finished', ...end, ...noticed });
    const { output: _, ...shown } = { output: '', ...end };
    return { outcome: 'ended', ...shown, changed: field, isTold };
  } finally {
    clearInterval(beat);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** What was another one by the time it was read; null where nothing was. What cannot be looked at counts as another one. */
async function endedIfChanged(derived: Derived, end: () => void): Promise<'program' | 'script' | null> {
  const field = await changedAfter(derived).catch(() => 'program' as const);
  if (field !== null) end();
  return field;
}

/** Also of one that was quicker than we looked. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
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

/** By us, and not by whoever runs it: no other process than its own is to be trusted with it. */
function endAll(child: ChildProcess, isGroup: boolean): void {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  if (child.pid !== undefined && !isOver) endDescent(child.pid);
  if (isGroup) passOn(child, 'SIGKILL', true);
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
