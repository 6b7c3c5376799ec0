// The world of spec/approval.qnt as it really is: the store, the services, two executors with `runGranted` on real files, a
// program that is really started. Each step of a trace is done here, and what came of it is said in the words of the model.
import { closeSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvalAskSchema, decideSchema, type ExecAction } from '@countersign/protocol/approval';
import type { GrantReport } from '@countersign/protocol/grant';
import type { ApprovalId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Grants } from '../packages/countersign/src/core/approval/grants.ts';
import { derive, type Plan } from '../packages/countersign/src/exec/derive.ts';
import { type Ran, runGranted } from '../packages/countersign/src/exec/run.ts';
import { ApprovalBench } from '../packages/countersign/src/testing/approval-bench.ts';
import { testGrants, testSigner } from '../packages/countersign/src/testing/grants.ts';
import type { Step } from './quint.ts';

/** A question lasts four minutes here, a yes two: as many ticks as in the model. */
const TICK_MS = 155_000;

/** Two programs that say what they are: echo does not read `%s`, printf does. */
const PROGRAMS = { kind: '/usr/bin/echo', evil: '/usr/bin/printf' } as const;
const SAYS: Readonly<Record<string, string>> = { '%s ran\n': 'kind', ' ran': 'evil' };

/** One `countersign exec`, as far as it has come. */
interface Exec {
  /** Answers its redemption: a Problem, or nothing at all. */
  readonly answered: PromiseWithResolvers<void>;
  readonly sent: Promise<string | null>;
  readonly running: PromiseWithResolvers<void>;
  /** Whether it may say how it ended. */
  readonly heard: PromiseWithResolvers<void>;
  readonly ran: Promise<Ran>;
  /** It has not asked to redeem yet, as the model sees it. */
  isVerified: boolean;
  outcome: 'none' | 'spent' | 'refused' | 'may start';
  printed: string;
}

export class ModelWorld implements AsyncDisposable {
  readonly bench: ApprovalBench;
  readonly #folder: string;
  readonly #signer = testSigner();
  readonly #plan: Plan;
  readonly #people: Readonly<Record<string, PrincipalId>>;
  readonly #stranger: PrincipalId;
  readonly #asked: Awaited<ReturnType<typeof derive>>;
  readonly #execs = new Map<string, Exec>();
  readonly #all: Exec[] = [];
  readonly #runs: { by: string; exec: Exec }[] = [];
  #grants: Grants;
  #id: ApprovalId | null = null;
  #disk: keyof typeof PROGRAMS = 'kind';
  #policies = 0;

  private constructor(bench: ApprovalBench, people: Readonly<Record<string, PrincipalId>>, asked: AskedOf) {
    this.bench = bench;
    this.#people = people;
    this.#stranger = asked.stranger;
    this.#folder = asked.folder;
    this.#plan = asked.plan;
    this.#asked = asked.derived;
    this.#grants = this.#listen();
  }

  static async open(): Promise<ModelWorld> {
    closeInherited();
    const bench = await ApprovalBench.open();
    const people = { ana: await bench.person('Ana', 'owner'), ben: await bench.person('Ben', 'approver') };
    const stranger = await bench.person('Rita', 'user');
    const folder = mkdtempSync(join(tmpdir(), 'countersign-model-'));
    copyFileSync(PROGRAMS.kind, join(folder, 'tool'));
    const plan: Plan = {
      run: { argv: [join(folder, 'tool'), '%s ran'] },
      cwd: folder,
      env: { PATH: '/usr/bin:/bin' },
      named: [],
      stdin: { kind: 'none' },
      host: 'ins_model',
    };
    const derived = await derive(plan);
    await derived[Symbol.asyncDispose]();
    return new ModelWorld(bench, people, { stranger, folder, plan, derived });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const exec of this.#all) {
      exec.answered.reject(new Problem('grant_expired'));
      exec.heard.reject(new Problem('grant_invalid'));
      await exec.ran;
    }
    await this.bench[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The same step here. What the model lets happen and this does not, changes nothing. */
  async take({ action, picks }: Step): Promise<void> {
    const { x = '', who, quorum, approved } = picks;
    switch (action) {
      case 'init':
        return;
      case 'ask':
        return this.#ask(quorum ?? 1, approved ?? false);
      case 'approve':
        return this.#say(this.#people[who ?? ''] ?? this.#stranger, 'approve');
      case 'deny':
        return this.#say(this.#people[who ?? ''] ?? this.#stranger, 'deny');
      case 'claim':
        return this.#claim();
      case 'cancel':
        return void (await tried(this.bench.approvals.cancel(this.#asking(), this.bench.token)));
      case 'changePolicy':
        this.#policies += 1;
        return void (await this.bench.policies.set('tiers.read.timeout', `${this.#policies}m`, {
          kind: 'host',
        }));
      case 'open':
        return this.#open(x ?? '');
      case 'send':
        return this.#send(x ?? '');
      case 'look':
        return;
      case 'redeem':
      case 'write':
        return this.#redeem(x ?? '');
      case 'answer':
        return this.#answer(x ?? '');
      case 'start':
        return this.#start(x ?? '');
      case 'finish':
        return this.#finish(x ?? '');
      case 'lose':
        return void (await this.#grants.lose());
      case 'tick':
        return this.bench.clock.advance(TICK_MS);
      case 'swap':
        return this.#swap();
      case 'execDies':
        return void this.#execs.delete(x ?? '');
      case 'gatewayDies':
        return this.#restart();
      default:
        throw new Error(`there is no ${action} here`);
    }
  }

  /** In the words of the model. */
  async seen() {
    const state = this.#id === null ? 'Absent' : capital((await this.bench.approvals.get(this.#id)).state);
    const events = await this.bench.events('approval.redeemed');
    return {
      state,
      redemptions: events.length,
      runs: this.#runs.map(({ by, exec }) => ({ by, content: SAYS[exec.printed] ?? exec.printed })),
    };
  }

  async words() {
    if (this.#id === null) return { yes: 0, no: 0, quorum: 0 };
    const { request } = await this.bench.approvals.get(this.#id);
    const count = (decision: string) => request.words.filter((word) => word.decision === decision).length;
    return { yes: count('approve'), no: count('deny'), quorum: request.need?.quorum ?? 0 };
  }

  #listen(): Grants {
    const { store, clock, bus, approvals, recorded } = this.bench;
    return testGrants({ ...{ store, clock, bus, approvals }, telling: recorded, signer: this.#signer })
      .grants;
  }

  #asking(): ApprovalId {
    if (this.#id === null) throw new Error('nothing was asked');
    return this.#id;
  }

  async #ask(quorum: number, approved: boolean): Promise<void> {
    const action: ExecAction = this.#asked.action;
    for (const tier of ['write', 'elevated', 'destructive']) {
      await this.bench.policies.set(`tiers.${tier}.timeout`, '4m', { kind: 'host' });
      await this.bench.policies.set(`tiers.${tier}.quorum`, String(quorum), { kind: 'host' });
    }
    await this.bench.policies.set('defaults.ask', 'always', { kind: 'host' });
    // R43: said by the program itself, it is not even a request.
    const isTaken = approvalAskSchema.safeParse({ action, ...(approved ? { approved } : {}) }).success;
    if (isTaken === approved)
      throw new Error('a body that says approved was taken, or one that does not was not');
    this.#id = (await this.bench.ask(action)).request.id;
  }

  async #say(who: PrincipalId, decision: 'approve' | 'deny'): Promise<void> {
    const view = await this.bench.approvals.get(this.#asking());
    await tried(this.bench.says(who, decision, view));
  }

  async #claim(): Promise<void> {
    const said = { decision: 'approve', by: this.#people['ana'], approved: true };
    if (decideSchema.safeParse(said).success) throw new Error('who says it was read from a body');
    await this.#say(this.#stranger, 'approve');
  }

  async #open(x: string): Promise<void> {
    const view = await this.bench.approvals.get(this.#asking());
    const grant = await this.#grants.grantOf(view);
    if (grant === null) return;
    const sent = Promise.withResolvers<string>();
    const exec: Omit<Exec, 'ran' | 'sent'> = {
      answered: Promise.withResolvers(),
      running: Promise.withResolvers(),
      heard: Promise.withResolvers(),
      isVerified: true,
      outcome: 'none',
      printed: '',
    };
    // Nobody may be waiting for these when they are refused.
    for (const one of [exec.answered, exec.heard]) one.promise.catch(() => {});
    const sink = {
      write: async (bytes: Uint8Array) => {
        exec.printed += Buffer.from(bytes).toString('utf8');
        return true;
      },
    };
    const ran = runGranted({
      plan: this.#plan,
      asked: this.#asked,
      grant,
      keys: [this.#signer.publicJwk],
      requestDigest: view.request.requestDigest,
      redeem: (given) => {
        sent.resolve(given);
        return exec.answered.promise;
      },
      report: (report) => this.#report(exec, report),
      io: { input: null, stdout: sink, stderr: sink, started: () => exec.running.resolve() },
      clock: this.bench.clock,
    });
    const whole = Object.assign(exec, { ran, sent: Promise.race([sent.promise, ran.then(() => null)]) });
    this.#execs.set(x, whole);
    this.#all.push(whole);
    await whole.sent;
  }

  async #report(exec: Pick<Exec, 'heard'>, report: GrantReport): Promise<void> {
    if (report.what === 'finished') await exec.heard.promise;
    await this.#grants.report(report, { kind: 'token', token: this.bench.token });
  }

  #send(x: string): void {
    const exec = this.#execs.get(x);
    if (exec !== undefined) exec.isVerified = false;
  }

  async #redeem(x: string): Promise<void> {
    const exec = this.#execs.get(x);
    const grant = await exec?.sent;
    if (exec === undefined || typeof grant !== 'string' || exec.outcome !== 'none') return;
    const isSpent = await tried(this.#grants.redeem(grant, { kind: 'token', token: this.bench.token }));
    exec.outcome = isSpent ? 'spent' : 'refused';
  }

  async #answer(x: string): Promise<void> {
    const exec = this.#execs.get(x);
    // A yes is held back until the model starts it: what happens in between happens in between here too.
    if (exec?.outcome === 'spent') exec.outcome = 'may start';
    if (exec?.outcome !== 'refused') return;
    exec.answered.reject(new Problem('grant_redeemed'));
    await exec.ran;
  }

  async #start(x: string): Promise<void> {
    const exec = this.#execs.get(x);
    if (exec?.outcome !== 'may start') return;
    exec.answered.resolve();
    const isRefused = await Promise.race([exec.running.promise.then(() => false), exec.ran.then(() => true)]);
    // It is looked at once more before it is started.
    if (isRefused) return;
    this.#runs.push({ by: x, exec });
    // Until it has said what it is, and its start is told.
    while (SAYS[exec.printed] === undefined) await new Promise((resolve) => setImmediate(resolve));
    const run = async () => (await this.bench.approvals.get(this.#asking())).run;
    while ((await run())?.startedAt === null) await new Promise((resolve) => setImmediate(resolve));
  }

  async #finish(x: string): Promise<void> {
    const exec = this.#execs.get(x);
    if (exec === undefined) return;
    exec.heard.resolve();
    await exec.ran;
  }

  /** In one step, under the same name. */
  #swap(): void {
    this.#disk = this.#disk === 'kind' ? 'evil' : 'kind';
    const draft = join(this.#folder, 'draft');
    copyFileSync(PROGRAMS[this.#disk], draft);
    renameSync(draft, join(this.#folder, 'tool'));
  }

  /** Whoever waited for an answer has none. */
  async #restart(): Promise<void> {
    this.#grants = this.#listen();
    for (const exec of this.#execs.values()) {
      if (exec.outcome === 'may start' || exec.isVerified) continue;
      exec.answered.reject(new Problem('gateway_down'));
      await exec.ran;
    }
  }
}

interface AskedOf {
  readonly stranger: PrincipalId;
  readonly folder: string;
  readonly plan: Plan;
  readonly derived: Awaited<ReturnType<typeof derive>>;
}

/** Whether it was done; a no is a no. */
async function tried(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code === 'internal') throw cause;
    return false;
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What whoever runs the tests left open, for good: with that, nothing is started here. Node's own close on exec. */
function closeInherited(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      const [, flags = '0'] =
        /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8')) ?? [];
      if (Number(name) > 2 && (Number.parseInt(flags, 8) & 0o2_000_000) === 0) closeSync(Number(name));
    } catch {
      // The one that was used for looking.
    }
  }
}
