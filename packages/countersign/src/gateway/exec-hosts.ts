// Machines that are connected and wait for what they may run, and the commands on their way to them. A command lives in this
// process alone: when the gateway goes, when its machine goes, or when nobody waits for it any more, it is not started.
import type { ExecAction } from '@countersign/protocol/approval';
import type {
  execAskSchema,
  GatewayKey,
  NodeHears,
  NodeSays,
  RemoteSignal,
} from '@countersign/protocol/exec';
import { type ApprovalId, type JobId, makeId, type TokenId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { z } from 'zod';
import type { GrantsService } from '../core/approval/grants-port.ts';
import type { ApprovalsService, ApprovalView } from '../core/approval/service.ts';
import type { Caller } from '../core/authorise.ts';
import type { Bus } from '../core/bus.ts';
import type { DeviceRow } from '../core/device/devices-port.ts';
import type { Clock, Hasher, Log, Random } from '../core/ports.ts';
import type { ApprovalDoor } from './approval-door.ts';
import { derivedAsAsked } from './exec-derived.ts';
import { ALONE, changedOf, ENDED, ExecJob, type NotRun } from './exec-job.ts';
import { ExecLines, type Line } from './exec-lines.ts';
import { takeStored } from './exec-stored.ts';
import { holderOf } from './token-services.ts';

export type ExecAsked = z.output<typeof execAskSchema>;

const DERIVE_MS = 30_000;
/** Nobody looks for so long: nobody waits for it. */
const ALONE_MS = 60_000;
/** An answer that was lost is asked for again. */
const KEEP_MS = 5 * 60_000;
const LOOK_MS = 15_000;
/** What commands printed that are over, and nobody took yet: the oldest is dropped first. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const MAX_OF_DEVICE = 16;
/** One program leaves room for others on the same machine. */
const MAX_OF_BOTH = 4;
const MAX_OF_TOKEN = 32;

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly log: Pick<Log, 'error'>;
  readonly door: Pick<ApprovalDoor, 'ask'>;
  readonly approvals: Pick<ApprovalsService, 'get' | 'wait' | 'cancel' | 'abandon'>;
  readonly granting: Pick<GrantsService, 'grantOf'>;
  /** The public key of grants. */
  gatewayKey(): GatewayKey;
  /** A machine told of what is not its own, or of what may not run: counted in the audit. */
  foreign(device: DeviceRow): Promise<void>;
}

export interface JobView {
  readonly job: ExecJob;
  readonly view: ApprovalView;
}

type OfRun = Extract<NodeSays, { type: 'exec.started' | 'exec.output' | 'exec.ended' }>;

interface Deriving {
  readonly line: Line;
  resolve(action: ExecAction): void;
  reject(why: Problem): void;
}

export class ExecHosts {
  readonly #ports: Ports;
  readonly #lines = new ExecLines();
  readonly #jobs = new Map<JobId, ExecJob>();
  readonly #deriving = new Map<JobId, Deriving>();
  readonly #keys = new Map<string, { readonly asked: string; readonly job: Promise<ExecJob> }>();
  readonly #stop = new AbortController();
  readonly #beat: NodeJS.Timeout;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#beat = setInterval(() => this.#lookAfter(), LOOK_MS);
    this.#beat.unref();
    ports.bus.subscribe('tokenEnded', (token) => {
      for (const job of this.#of((one) => one.token === token && !one.isOver)) this.#takeBack(job, ENDED);
    });
    ports.bus.subscribe('approvalChanged', (id) => {
      for (const job of this.#of((one) => one.approval === id && !one.isOver))
        void this.#look(job).catch(() => undefined);
    });
  }

  get gatewayKey(): GatewayKey {
    return this.#ports.gatewayKey();
  }

  /** A machine is here from now on, and alone: `replaced` is called when its key comes again. @returns what takes it away. */
  enter(device: DeviceRow, send: Line['send'], replaced: () => void): () => void {
    const line = { device, send, replaced };
    const before = this.#lines.add(line);
    if (before !== null) this.#left(before);
    before?.replaced();
    return () => {
      // What went with the line before went with it: what is under way on a newer one stays.
      if (this.#lines.remove(line)) this.#left(line);
    };
  }

  /** Frame after frame: the next only once this is done. @throws Problem: what such a machine does not say. */
  async hear(device: DeviceRow, frame: NodeSays): Promise<void> {
    const id = jobIdOf(frame.job);
    const job = this.#jobs.get(id);
    if (job === undefined) {
      // Of a gateway before this one, or long over.
      this.#lines.send(device.id, { type: 'exec.drop', job: id });
      return;
    }
    if (job.device !== device.id) {
      void this.#ports.foreign(device).catch(() => undefined);
      throw new Problem('auth_forbidden', { detail: 'that is for another machine' });
    }
    switch (frame.type) {
      case 'exec.derived':
        this.#deriving.get(id)?.resolve(frame.action);
        return;
      case 'exec.refused': {
        const { why, hint, field } = frame;
        this.#deriving
          .get(id)
          ?.reject(
            new Problem('request_malformed', { detail: why, ...(hint === undefined ? {} : { hint }) }),
          );
        this.#takeBack(job, {
          why,
          ...(hint === undefined ? {} : { hint }),
          ...(field === undefined ? {} : { field }),
        });
        return;
      }
      case 'exec.started':
      case 'exec.output':
      case 'exec.ended':
        return await this.#heardOfRun(device, job, frame);
      default:
        frame satisfies never;
    }
  }

  /** The first word of a run is held against the store: who runs something has spent its grant before (H54). */
  async #heardOfRun(device: DeviceRow, job: ExecJob, frame: OfRun): Promise<void> {
    const { approvals, clock, foreign } = this.#ports;
    if (job.isAhead) throw new Problem('request_malformed', { detail: 'nothing of it may run yet' });
    if (job.state === 'granted' && job.approval !== null) {
      const { run } = await approvals.get(job.approval);
      if (run === null || run.redeemedAt === null) {
        this.#takeBack(job, UNSPENT);
        void foreign(device).catch(() => undefined);
        throw new Problem('auth_forbidden', { detail: UNSPENT.why });
      }
      job.move('running');
    }
    if (frame.type === 'exec.output') job.take(frame);
    if (frame.type === 'exec.ended') job.hearEnd(frame, clock.now());
  }

  /**
   * Has the machine derive the action, and asks for that.
   * @throws Problem `not_found` (no such machine is here), `request_malformed` (as the machine says), `gateway_timeout`,
   * `rate_limited`, and whatever asking throws.
   */
  async ask(caller: Caller, asked: ExecAsked, key: string | null): Promise<JobView> {
    const { token } = holderOf(caller);
    if (key === null) return this.#viewOf(await this.#begin(caller, token, asked));
    const name = `${token} ${key}`;
    const text = Buffer.from(this.#ports.hasher.keyed('idempotency-key', JSON.stringify(asked))).toString(
      'hex',
    );
    const known = this.#keys.get(name);
    if (known !== undefined && known.asked !== text)
      throw new Problem('state_conflict', { detail: 'that Idempotency-Key was used for something else' });
    const job = known?.job ?? this.#begin(caller, token, asked);
    if (known === undefined) {
      this.#keys.set(name, { asked: text, job });
      void job.then(
        () => undefined,
        () => this.#keys.delete(name),
      );
    }
    return this.#viewOf(await job);
  }

  /** As it is, once it is newer than `seen`, or after `ms`. @throws Problem `not_found`. */
  async show(
    caller: Caller,
    id: string,
    { after, seen, ms }: { readonly after: number; readonly seen: number; readonly ms: number },
    gone: AbortSignal,
  ): Promise<JobView> {
    const job = this.#own(caller, id);
    job.taken(after);
    const end = AbortSignal.any([gone, this.#stop.signal, AbortSignal.timeout(Math.max(1, ms))]);
    await job.newer(ms === 0 ? -1 : seen, end, () => this.#ports.clock.now());
    return this.#viewOf(job);
  }

  /** Before it runs, that takes it back. @throws Problem `not_found`. */
  async signal(caller: Caller, id: string, signal: RemoteSignal): Promise<JobView> {
    const job = this.#own(caller, id);
    if (job.isAhead && signal !== 'SIGPIPE') this.#takeBack(job, { why: 'it was taken back' });
    else if (!job.isOver) this.#send(job, { type: 'exec.signal', job: job.id, signal });
    return this.#viewOf(job);
  }

  /** Whoever waits hears how it stands; nothing new begins. */
  close(): void {
    clearInterval(this.#beat);
    this.#stop.abort();
  }

  async #begin(caller: Caller, token: TokenId, asked: ExecAsked): Promise<ExecJob> {
    const { clock, random, door } = this.#ports;
    const line = this.#lines.find(asked.host);
    const device = line.device.id;
    const live = this.#of(({ isOver }) => !isOver);
    if (live.filter((one) => one.device === device).length >= MAX_OF_DEVICE)
      throw new Problem('rate_limited', { detail: 'that machine has more to do than it may' });
    if (live.filter((one) => one.device === device && one.token === token).length >= MAX_OF_BOTH)
      throw new Problem('rate_limited', { detail: 'more is under way there than one program may have' });
    if (live.filter((one) => one.token === token).length >= MAX_OF_TOKEN)
      throw new Problem('rate_limited', { detail: 'more is under way than one program may have' });
    const id = makeId('job', random.bytes(15));
    const job = new ExecJob({
      id,
      device,
      token,
      now: clock.now(),
      send: (frame) => this.#lines.send(device, frame),
    });
    this.#jobs.set(id, job);
    this.#trim();
    try {
      const action = derivedAsAsked(await this.#derived(job, line, asked), asked, device);
      const session = asked.session === undefined ? {} : { session: asked.session };
      const { request } = await door.ask(caller, { action, ...session }, null);
      job.approval = request.id;
      job.move('asked');
      // Taken back while it was asked: nobody is asked in vain.
      if (job.isOver) void this.#ports.approvals.cancel(request.id, token).catch(() => undefined);
      else if (this.#lines.isHere(line)) void this.#follow(job, request.id);
      else this.#takeBack(job, AWAY);
      return job;
    } catch (cause) {
      this.#send(job, { type: 'exec.drop', job: id });
      this.#jobs.delete(id);
      throw cause;
    }
  }

  async #derived(job: ExecJob, line: Line, asked: ExecAsked): Promise<ExecAction> {
    const { argv, shell, cwd = null, env = {}, stdin = null } = asked;
    const { promise, resolve, reject } = Promise.withResolvers<ExecAction>();
    const late = setTimeout(
      () => reject(new Problem('gateway_timeout', { detail: 'the machine did not answer in time' })),
      DERIVE_MS,
    );
    this.#deriving.set(job.id, { line, resolve, reject });
    try {
      const run = argv === undefined ? { shell } : { argv };
      line.send({ type: 'exec.derive', job: job.id, ...run, cwd, env, stdin });
      return await promise;
    } finally {
      clearTimeout(late);
      this.#deriving.delete(job.id);
    }
  }

  /** Until there is a word; a yes goes to the machine. */
  async #follow(job: ExecJob, id: ApprovalId): Promise<void> {
    const { approvals, log } = this.#ports;
    try {
      while (job.state === 'asked' && !this.#stop.signal.aborted) {
        const view = await approvals.wait(id, 60_000, this.#stop.signal);
        if (view.state === 'pending') continue;
        if (view.state === 'approved') return await this.#grant(job, view);
        job.refuse({}, this.#ports.clock.now());
        this.#send(job, { type: 'exec.drop', job: job.id });
      }
    } catch (cause) {
      log.error('exec.failed', { reason: Problem.codeOf(cause) });
      this.#takeBack(job, { why: 'it could not be looked after' });
    }
  }

  async #grant(job: ExecJob, view: ApprovalView): Promise<void> {
    const grant = await this.#ports.granting.grantOf(view);
    if (grant === null || job.state !== 'asked') return this.#takeBack(job, AWAY);
    const { actionDigest, requester, agent, session, tier, policy, nonce, expiresAt } = view.request;
    const facts = { actionDigest, requester, agent, session, tier, policy, nonce, expiresAt };
    job.move('granted');
    this.#send(job, { type: 'exec.granted', job: job.id, grant, facts });
  }

  async #look(job: ExecJob): Promise<void> {
    const { approvals, clock } = this.#ports;
    if (job.approval !== null && job.state !== 'asked')
      takeStored(job, await approvals.get(job.approval), () => clock.now());
  }

  #lookAfter(): void {
    const now = this.#ports.clock.now();
    for (const job of this.#jobs.values()) {
      const isAlone = job.lookedAt !== null && now - job.lookedAt > ALONE_MS;
      if (job.overAt !== null && now - job.overAt > KEEP_MS) this.#jobs.delete(job.id);
      else if (isAlone && job.isAhead) this.#takeBack(job, ALONE);
      else if (isAlone) job.discard();
      if (!job.isOver) void this.#look(job).catch(() => undefined);
    }
    for (const [name, { job }] of this.#keys)
      void job.then(
        ({ id }) => {
          if (!this.#jobs.has(id)) this.#keys.delete(name);
        },
        // It was not even asked: whoever waits for it hears why.
        () => undefined,
      );
  }

  #trim(): void {
    let kept = 0;
    // Newest first: they are kept in the order that they were asked in.
    for (const job of [...this.#of(({ isOver }) => isOver)].reverse()) {
      kept += job.kept;
      if (kept > MAX_KEPT_BYTES) job.discard();
    }
  }

  /** A machine went: what has not begun there does not begin. */
  #left(line: Line): void {
    for (const one of this.#deriving.values())
      if (one.line === line) one.reject(new Problem('not_found', { detail: AWAY.why }));
    for (const job of this.#of((one) => one.device === line.device.id && one.state === 'asked'))
      this.#takeBack(job, AWAY);
    for (const job of this.#of((one) => one.device === line.device.id && one.state === 'granted'))
      void this.#takeBackGranted(job);
  }

  /** The yes is taken back, unless it was spent already: then it runs, and its end is told by others. */
  async #takeBackGranted(job: ExecJob): Promise<void> {
    const { approvals, clock } = this.#ports;
    try {
      if (job.approval === null) return;
      job.notRun = AWAY;
      await approvals.cancel(job.approval, job.token);
      job.refuse(AWAY, clock.now());
    } catch {
      job.notRun = {};
      await this.#look(job).catch(() => undefined);
    }
  }

  /** Nothing of it begins any more, and nobody is asked about it in vain. */
  #takeBack(job: ExecJob, why: NotRun): void {
    const { approvals, clock } = this.#ports;
    if (job.isOver) return;
    job.refuse(why, clock.now());
    this.#send(job, { type: 'exec.drop', job: job.id });
    const { approval } = job;
    const isWanted = this.#of((one) => one.approval === approval && !one.isOver).length > 0;
    if (approval === null || isWanted) return;
    const end =
      why === ALONE ? approvals.abandon(approval) : approvals.cancel(approval, job.token, changedOf(why));
    void end.catch(() => undefined);
  }

  #send(job: ExecJob, frame: NodeHears): void {
    this.#lines.send(job.device, frame);
  }

  #own(caller: Caller, id: string): ExecJob {
    const job = this.#jobs.get(jobIdOf(id));
    if (job !== undefined && job.token === holderOf(caller).token) return job;
    throw new Problem('not_found', { detail: 'there is nothing of that id here, or not any more' });
  }

  async #viewOf(job: ExecJob): Promise<JobView> {
    if (job.approval === null) throw new Problem('internal', { detail: 'nothing was asked' });
    return { job, view: await this.#ports.approvals.get(job.approval) };
  }

  #of(fits: (job: ExecJob) => boolean): readonly ExecJob[] {
    return [...this.#jobs.values()].filter(fits);
  }
}

const AWAY = { why: 'the machine went away', hint: 'ask again when it is back' };
const UNSPENT = { why: 'its machine told of a run that no grant was spent for' };

function jobIdOf(text: string): JobId {
  return `job_${text.replace(/^job_/, '')}`;
}
