// Commands that this machine was asked for. It derives what would run, and runs what it derived itself, once, for a grant that
// is for exactly that. What it hears of a command that it does not know, or that was not derived on this very connection, it
// runs nothing for (H54).
import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { actionDigest, requestDigest, shortDigest } from '@countersign/protocol/action-digest';
import type { Client } from '@countersign/protocol/client';
import { visible } from '@countersign/protocol/display';
import {
  MAX_ACTION_BYTES,
  type NodeHears,
  type NodePlace,
  type NodeSays,
  type RemoteSignal,
} from '@countersign/protocol/exec';
import type { GrantReport } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import { type Derived, derive, type Plan } from '../derive.ts';
import { refuseOwn } from '../environment.ts';
import { runGranted } from '../run.ts';
import { Outflow } from './outflow.ts';
import { TakenGrants } from './taken.ts';

const MAX_JOBS = 32;
const MAX_RUNNING = 8;
/** So long the gateway may be away before what a command prints is not kept for it any more. */
const AWAY_MS = 60_000;
/** What became of a run is told again and again for so long. */
const TELL_MS = 15 * 60_000;
const TELL_AGAIN_MS = 5_000;
/** At the end of the node: what runs has got SIGTERM. */
const GRACE_MS = 10_000;

interface Ports {
  readonly clock: { now(): number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly grants: Client['grants'];
  place(): NodePlace;
  talk(line: string): void;
  /** False when there is no connection. */
  send(frame: NodeSays): boolean;
}

type Derive = Extract<NodeHears, { type: 'exec.derive' }>;
type Granted = Extract<NodeHears, { type: 'exec.granted' }>;

/** What was found, once and for all; its files are closed again. */
type Asked = Pick<Derived, 'action' | 'setId' | 'program' | 'interpreter'>;

interface Job {
  readonly id: string;
  readonly plan: Plan;
  readonly input: Buffer | null;
  readonly outflow: Outflow;
  asked: Asked | null;
  /** `derived` is what waits for a grant; what was granted is never granted again. */
  state: 'deriving' | 'derived' | 'granted' | 'running' | 'over';
  /** Aborted: it was taken back, and what is read for it is read no further. */
  readonly dropped: AbortController;
  readonly signals: RemoteSignal[];
  /** Nobody reads its standard output any more. */
  isUnread: boolean;
  deliver: ((signal: RemoteSignal) => void) | null;
}

export class NodeJobs {
  readonly #ports: Ports;
  readonly #jobs = new Map<string, Job>();
  readonly #under = new Set<Promise<unknown>>();
  readonly #taken = new TakenGrants();
  readonly #stop = new AbortController();
  #before: Promise<unknown> = Promise.resolve();
  #away: NodeJS.Timeout | null = null;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Nothing is done before that is. */
  pause(until: Promise<unknown>): void {
    this.#before = until;
    // Whoever waits for it hears of it.
    until.catch(() => undefined);
  }

  hear(frame: NodeHears): void {
    const job = this.#jobs.get(frame.job);
    switch (frame.type) {
      case 'exec.derive':
        this.#work(this.#derive(frame));
        break;
      case 'exec.granted':
        this.#work(this.#granted(frame));
        break;
      case 'exec.ack':
        job?.outflow.acknowledge(frame.seq);
        if (job !== undefined) this.#forgetIfDone(job);
        break;
      case 'exec.signal':
        this.#signal(frame.job, frame.signal);
        break;
      case 'exec.drop':
        if (job !== undefined) this.#drop(job);
        break;
      default:
        frame satisfies never;
    }
  }

  /** The gateway is gone: what has not begun does not begin. */
  away(): void {
    for (const job of this.#jobs.values())
      if (job.state !== 'running' && job.state !== 'over') this.#drop(job);
    this.#away ??= setTimeout(() => {
      for (const job of this.#jobs.values()) this.#drop(job);
    }, AWAY_MS);
  }

  back(): void {
    if (this.#away !== null) clearTimeout(this.#away);
    this.#away = null;
    for (const { outflow } of this.#jobs.values()) outflow.again();
  }

  /** Nothing begins any more; what runs is asked to end, and told of. */
  async stop(): Promise<void> {
    if (this.#away !== null) clearTimeout(this.#away);
    // What cannot be told now is told by nobody: the gateway will say that it is lost.
    this.#stop.abort();
    for (const job of this.#jobs.values()) {
      if (job.state === 'running') this.#signal(job.id, 'SIGTERM');
      this.#drop(job);
    }
    const grace = new AbortController();
    const all = Promise.allSettled([...this.#under]);
    await Promise.race([all, pause(GRACE_MS, undefined, { signal: grace.signal })]).catch(() => undefined);
    grace.abort();
  }

  async #derive(asked: Derive): Promise<void> {
    const { env, place } = this.#ports;
    const { job: id, argv = [], shell, stdin, env: named } = asked;
    if (this.#jobs.has(id)) return;
    if (this.#jobs.size >= MAX_JOBS) return this.#refuse(id, new Problem('rate_limited'));
    const { device: host = '' } = place();
    const input = stdin === null || stdin === '' ? null : Buffer.from(stdin, 'base64');
    const plan: Plan = {
      run: shell === undefined ? { argv } : { shell },
      cwd: asked.cwd ?? this.#ports.cwd,
      env: { ...env, ...named },
      named: Object.keys(named),
      stdin: input === null ? { kind: 'none' } : { kind: 'bytes', sha256: sha256(input), size: input.length },
      host,
    };
    const outflow = new Outflow(id, (frame) => void this.#ports.send(frame));
    const job: Job = {
      ...{ id, plan, input, outflow, asked: null, state: 'deriving' },
      ...{ dropped: new AbortController(), signals: [], isUnread: false, deliver: null },
    };
    this.#jobs.set(id, job);
    try {
      await this.#before;
      refuseOwn(plan.named);
      if (!isAbsolute(plan.cwd))
        throw new Problem('usage', {
          detail: 'a folder on another machine is named whole',
          hint: '--cwd /home/ana',
        });
      const found = await askedOf(plan, job.dropped.signal);
      const { action } = found;
      if (Buffer.byteLength(JSON.stringify(action)) > MAX_ACTION_BYTES)
        throw new Problem('usage', {
          detail: 'it is too long to be asked about from here',
          hint: 'put it into a script',
        });
      job.dropped.signal.throwIfAborted();
      job.asked = found;
      job.state = 'derived';
      this.#ports.send({ type: 'exec.derived', job: id, action });
    } catch (cause) {
      // Until here it counts, whoever dropped it: one that is still read for makes no room for another.
      if (job.dropped.signal.aborted) this.#over(job);
      else this.#notRun(job, cause);
    }
  }

  async #granted(granted: Granted): Promise<void> {
    const job = this.#jobs.get(granted.job);
    // Known, and never granted before: a grant that comes twice starts nothing twice.
    if (job?.state !== 'derived' || job.asked === null) {
      if (job === undefined || (job.state === 'deriving' && job.dropped.signal.aborted))
        this.#refuse(
          granted.job,
          new Problem('grant_invalid', { detail: 'this machine waits for no such grant' }),
        );
      return;
    }
    job.state = 'granted';
    try {
      await this.#run(job, job.asked, granted);
    } catch (cause) {
      this.#notRun(job, cause);
    }
  }

  /** @throws Problem: nothing was started. */
  async #run(job: Job, asked: Asked, { grant, facts }: Granted): Promise<void> {
    const { clock, grants, place, talk } = this.#ports;
    // With what is about to, this one among it.
    if (this.#of('running') + this.#of('granted') > MAX_RUNNING)
      throw new Problem('rate_limited', { detail: 'this machine runs as much as it may' });
    const { gatewayKey } = place();
    if (gatewayKey === undefined) throw new Problem('grant_invalid', { detail: 'no key was pinned' });
    if (facts.actionDigest !== (await actionDigest(asked.action)))
      throw new Problem('grant_digest_mismatch', { detail: 'it was given to another action' });
    const digest = await requestDigest(facts);
    const short = shortDigest(digest);
    const sink = (stream: 'out' | 'err') => ({
      write: async (bytes: Uint8Array) => {
        if (stream === 'out' && job.isUnread) return false;
        await job.outflow.write(stream, bytes);
        // Whoever asked may be gone: it goes on as if somebody read.
        return true;
      },
    });
    const ran = await runGranted({
      ...{ plan: job.plan, asked, grant, clock, keys: [gatewayKey], requestDigest: digest },
      redeem: async (spent) => {
        // Between the yes and here it may have been taken back, or the gateway gone.
        job.dropped.signal.throwIfAborted();
        this.#taken.take(spent, clock.now());
        await grants.redeem(spent);
      },
      report: (report) => this.#report(report),
      signal: job.dropped.signal,
      io: {
        ...{ input: job.input, stdout: sink('out'), stderr: sink('err'), ownGroup: true },
        started: (kill) => {
          job.state = 'running';
          talk(`${short} runs`);
          this.#ports.send({ type: 'exec.started', job: job.id });
          job.deliver = kill;
          for (const signal of job.signals.splice(0)) kill(signal);
        },
      },
    });
    if (ran.outcome === 'refused')
      throw new Problem('policy_denied', {
        detail: ran.why,
        ...(ran.hint === undefined ? {} : { hint: ran.hint }),
        members: ran.changed === null ? {} : { field: ran.changed },
      });
    const { exitCode, signal, outputDigest, outputSize, changed } = ran;
    talk(
      `${short} ended with ${signal ?? exitCode ?? '?'}${changed === null ? '' : `: changed: ${changed}`}`,
    );
    const noticed = changed === null ? {} : { changed };
    job.outflow.end({ exitCode, signal, outputDigest, outputSize, ...noticed });
    this.#over(job);
  }

  /** The end is told until somebody hears it; what is said in between, once. */
  async #report(report: GrantReport): Promise<void> {
    const { grants, clock } = this.#ports;
    const until = clock.now() + TELL_MS;
    const isEnd = report.what === 'finished' || report.what === 'failed';
    for (;;) {
      try {
        await grants.report(report);
        return;
      } catch (cause) {
        const isAway = cause instanceof Problem && AWAY.has(cause.code);
        if (!isEnd || !isAway || clock.now() > until || this.#stop.signal.aborted) throw over(cause);
      }
      await pause(TELL_AGAIN_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  #signal(id: string, signal: RemoteSignal): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    // Not sent to it: what it writes from here on meets a closed pipe, as it would there.
    if (signal === 'SIGPIPE') job.isUnread = true;
    else if (job.state === 'deriving' || job.state === 'derived') this.#drop(job);
    else if (job.deliver === null) job.signals.push(signal);
    else job.deliver(signal);
  }

  #drop(job: Job): void {
    job.dropped.abort(new Problem('policy_denied', { detail: 'it was taken back' }));
    job.outflow.drop();
    if (job.state === 'derived') this.#over(job);
    this.#forgetIfDone(job);
  }

  #over(job: Job): void {
    job.state = 'over';
    this.#forgetIfDone(job);
  }

  #forgetIfDone(job: Job): void {
    if (job.state === 'over' && job.outflow.isDone) this.#jobs.delete(job.id);
  }

  #notRun(job: Job, cause: unknown): void {
    this.#refuse(job.id, cause);
    job.outflow.drop();
    this.#over(job);
  }

  #refuse(job: string, cause: unknown): void {
    const { message, hint, field } = saidOf(cause);
    // What is none of ours may hold anything: it is said here, and sent nowhere.
    this.#ports.talk(`not run: ${visible(cause instanceof Error ? cause.message : message)}`);
    this.#ports.send({
      type: 'exec.refused',
      job,
      why: message.slice(0, 1_000).toWellFormed(),
      ...(hint === undefined ? {} : { hint: hint.slice(0, 1_000).toWellFormed() }),
      ...(field === undefined ? {} : { field }),
    });
  }

  #of(state: Job['state']): number {
    return [...this.#jobs.values()].filter((job) => job.state === state).length;
  }

  #work(work: Promise<unknown>): void {
    const under = work.finally(() => this.#under.delete(under));
    this.#under.add(under);
  }
}

const AWAY: ReadonlySet<string> = new Set([
  ...[
    'gateway_down',
    'gateway_stopping',
    'gateway_timeout',
    'store_unavailable',
    'store_full',
    'rate_limited',
  ],
  // Its token ran out while the gateway was away: the next one comes with the socket.
  ...['auth_required', 'internal'],
]);

/** Tried for as long as it is worth it. */
function over(cause: unknown): Problem {
  if (cause instanceof Problem && !cause.retryable) return cause;
  return new Problem('expired', { detail: 'the gateway could not be told', cause });
}

async function askedOf(plan: Plan, signal: AbortSignal): Promise<Asked> {
  await using derived = await derive(plan, undefined, signal);
  const { action, setId, program, interpreter } = derived;
  return { action, setId, program, interpreter };
}

function saidOf(cause: unknown): { message: string; hint?: string; field?: string } {
  if (!(cause instanceof Problem)) return { message: 'something broke on that machine' };
  const field = cause.members['field'];
  return {
    message: cause.message,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    ...(typeof field === 'string' ? { field } : {}),
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
