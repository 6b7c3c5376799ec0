// E-11, H50, R42, R44: whatever programs, people, machines and time do in whatever order, nothing runs that nobody approved,
// nothing runs twice, and what the audit tells is what happened. A model of a few lines says what each step has to come to.
import type { ApprovalId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApprovalBench } from '../../testing/approval-bench.ts';
import { execAction } from '../../testing/approval-rows.ts';
import { testGrants } from '../../testing/grants.ts';
import { StoreBench } from '../../testing/store/bench.ts';
import { SILENT_MS } from './grants.ts';
import type { Redeemer } from './grants-port.ts';

const RUNS = 150;
const LASTS_MS = 120_000;
const WAITS_MS = 600_000;

const STEPS = [
  'ask',
  'approve',
  'deny',
  'cancel',
  'policy',
  'redeem',
  'redeem',
  'redeem as another',
  'forge',
  'started',
  'running',
  'finished',
  'failed',
  'tell as another',
  'lose',
  'a little later',
  'later',
  'restart',
] as const;
type Step = (typeof STEPS)[number];

/** What the model knows of the one request. */
interface Model {
  state: 'none' | 'pending' | 'approved' | 'redeemed' | 'lost' | 'finished' | 'over';
  askedAt: number;
  approvedAt: number;
  heardAt: number;
  hasStarted: boolean;
  /** How it was told to have ended. */
  end: 'finished' | 'failed' | null;
}

class World {
  readonly bench: ApprovalBench;
  readonly #me: Redeemer;
  readonly #other: Redeemer;
  readonly #ari: PrincipalId;
  #made: ReturnType<typeof testGrants>;
  #begun: number;
  #policies = 0;
  #id: ApprovalId | null = null;
  /** As it was handed out: a program may keep it for ever. */
  #grant = 'a.b.c';
  #runs = 0;
  readonly model: Model = {
    state: 'none',
    askedAt: 0,
    approvedAt: 0,
    heardAt: 0,
    hasStarted: false,
    end: null,
  };

  private constructor(bench: ApprovalBench, ari: PrincipalId) {
    this.bench = bench;
    this.#ari = ari;
    this.#me = { kind: 'token', token: bench.token };
    this.#other = { kind: 'token', token: bench.id('token') };
    this.#made = this.#born();
    this.#begun = bench.clock.now();
  }

  static async open(): Promise<World> {
    const bench = await ApprovalBench.open();
    return new World(bench, await bench.person('Ari', 'approver'));
  }

  /** Does it, and compares what came of it with what the model says. */
  async take(step: Step): Promise<void> {
    this.#settle();
    const expected = this.#expected(step);
    expect(await this.#does(step), `${step} in ${JSON.stringify(this.model)}`).toBe(expected);
    this.#after(step, expected);
    if (this.#id === null) return;
    const { state } = await this.bench.approvals.get(this.#id);
    this.#settle();
    const { state: model } = this.model;
    expect(model === 'over' ? ['denied', 'expired', 'cancelled', 'superseded'] : [model]).toContain(state);
  }

  async check(): Promise<void> {
    const events = (await this.bench.events('approval.')).map(({ type }) => type.slice('approval.'.length));
    const at = (type: string) => events.indexOf(type);
    const count = (type: string) => events.filter((one) => one === type).length;
    expect(this.#runs).toBeLessThanOrEqual(1);
    expect(count('redeemed')).toBe(this.#runs);
    if (this.#runs === 1) expect(at('approved')).toBeGreaterThan(-1);
    const order = ['requested', 'approved', 'redeemed', 'started', 'finished'].map(at).filter((n) => n >= 0);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const once of ['started', 'lost']) expect(count(once)).toBeLessThanOrEqual(count('redeemed'));
    expect(count('finished') + count('failed')).toBe(this.model.end === null ? 0 : 1);
    const store = new StoreBench();
    store.begin(this.bench.store, undefined);
    await store.chain();
  }

  /** Time alone may have ended it. */
  #settle(): void {
    const { model, bench } = this;
    const now = bench.clock.now();
    if (model.state === 'pending' && now - model.askedAt >= WAITS_MS) model.state = 'over';
    if (model.state === 'approved' && now - model.approvedAt >= LASTS_MS) model.state = 'over';
  }

  #expected(step: Step): string {
    const { state, end, hasStarted } = this.model;
    const isRunning = state === 'redeemed' || state === 'lost';
    switch (step) {
      case 'ask':
      case 'policy':
      case 'restart':
      case 'a little later':
      case 'later':
        return 'ok';
      case 'approve':
      case 'deny':
        return state === 'none' ? 'nothing' : state === 'pending' ? 'ok' : 'no';
      case 'cancel':
        return state === 'none' ? 'nothing' : state === 'pending' || state === 'approved' ? 'ok' : 'no';
      case 'redeem':
        if (state === 'approved') return 'ok';
        return this.#grant === 'a.b.c'
          ? 'grant_invalid'
          : isRunning || end !== null
            ? 'grant_redeemed'
            : 'grant_expired';
      case 'redeem as another':
      case 'forge':
      case 'tell as another':
        return 'grant_invalid';
      case 'started':
      case 'running':
        return isRunning || end === 'finished' ? 'ok' : 'grant_invalid';
      case 'finished':
        return isRunning || end === step ? 'ok' : 'grant_invalid';
      case 'failed':
        return (isRunning && !hasStarted) || end === step ? 'ok' : 'grant_invalid';
      case 'lose':
        return this.#isLost() ? 'lost' : 'ok';
      default:
        return step satisfies never;
    }
  }

  #isLost(): boolean {
    const now = this.bench.clock.now();
    const { state, heardAt } = this.model;
    return state === 'redeemed' && now - heardAt >= SILENT_MS && now - this.#begun >= SILENT_MS;
  }

  #after(step: Step, came: string): void {
    const { model } = this;
    const now = this.bench.clock.now();
    if (step === 'policy' && (model.state === 'pending' || model.state === 'approved')) model.state = 'over';
    if (step === 'restart') this.#begun = now;
    if (came === 'lost') model.state = 'lost';
    if (came !== 'ok') return;
    const isRunning = model.state === 'redeemed' || model.state === 'lost';
    switch (step) {
      case 'ask':
        if (model.state === 'none') Object.assign(model, { state: 'pending', askedAt: now });
        break;
      case 'approve':
        Object.assign(model, { state: 'approved', approvedAt: now });
        break;
      case 'deny':
      case 'cancel':
        model.state = 'over';
        break;
      case 'redeem':
        Object.assign(model, { state: 'redeemed', heardAt: now });
        this.#runs += 1;
        break;
      case 'started':
      case 'running':
        if (isRunning) model.heardAt = now;
        if (isRunning && step === 'started') model.hasStarted = true;
        break;
      case 'finished':
      case 'failed':
        if (isRunning) Object.assign(model, { state: 'finished', end: step });
        break;
      default:
    }
  }

  async #does(step: Step): Promise<string> {
    try {
      return await this.#did(step);
    } catch (cause) {
      const code = Problem.codeOf(cause);
      if (code === 'internal') throw cause;
      return code.startsWith('grant_') ? code : 'no';
    }
  }

  async #did(step: Step): Promise<string> {
    const { bench } = this;
    const { approvals } = bench;
    const { grants, signer } = this.#made;
    const run = this.#id === null ? null : (await approvals.get(this.#id)).run;
    const grant = run?.grant ?? 'grant_none';
    switch (step) {
      case 'ask':
        // One request a world: the same key is the same request, whatever became of it.
        this.#id = (await bench.ask(execAction('git', 'push'), { key: 'one' })).request.id;
        return 'ok';
      case 'approve':
      case 'deny': {
        if (this.#id === null) return 'nothing';
        const view = await bench.says(this.#ari, step, await approvals.get(this.#id));
        this.#grant = (await grants.grantOf(view)) ?? this.#grant;
        return 'ok';
      }
      case 'cancel':
        if (this.#id === null) return 'nothing';
        await approvals.cancel(this.#id, bench.token);
        return 'ok';
      case 'policy':
        this.#policies += 1;
        await bench.policies.set('tiers.read.timeout', `${this.#policies}m`, { kind: 'host' });
        return 'ok';
      case 'redeem':
        await grants.redeem(this.#grant, this.#me);
        return 'ok';
      case 'redeem as another':
        await grants.redeem(this.#grant, this.#other);
        return 'ok';
      case 'forge': {
        const stranger = testGrants({ ...this.#house() }).signer;
        const claims = signer.read(this.#grant);
        await grants.redeem(claims === null ? 'x.y.z' : stranger.sign(claims), this.#me);
        return 'ok';
      }
      case 'started':
      case 'running':
        await grants.report({ grant, what: step }, this.#me);
        return 'ok';
      case 'finished':
        await grants.report({ grant, what: 'finished', exitCode: 0, signal: null }, this.#me);
        return 'ok';
      case 'failed':
        await grants.report({ grant, what: 'failed', why: 'x' }, this.#me);
        return 'ok';
      case 'tell as another':
        await grants.report({ grant, what: 'finished', exitCode: 0, signal: null }, this.#other);
        return 'ok';
      case 'lose':
        return (await grants.lose()) > 0 ? 'lost' : 'ok';
      case 'a little later':
        bench.clock.advance('50s');
        return 'ok';
      case 'later':
        bench.clock.advance('2m');
        return 'ok';
      case 'restart':
        this.#made = this.#born();
        return 'ok';
      default:
        return step satisfies never;
    }
  }

  #house() {
    const { store, clock, bus, approvals, recorded: telling } = this.bench;
    return { store, clock, bus, approvals, telling };
  }

  #born() {
    return testGrants({
      ...this.#house(),
      ...(this.#made === undefined ? {} : { signer: this.#made.signer }),
    });
  }
}

/** Few random lives would come so far by themselves. */
const BEGINNINGS: readonly (readonly Step[])[] = [[], ['ask', 'approve'], ['ask', 'approve', 'redeem']];

test(`${RUNS} random lives of one request`, { timeout: 300_000 }, async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...BEGINNINGS),
      fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 24 }),
      async (beginning, steps) => {
        const world = await World.open();
        await using _ = world.bench;
        for (const step of [...beginning, ...steps]) {
          await world.take(step);
          reached.add(world.model.state);
        }
        await world.check();
      },
    ),
    {
      numRuns: RUNS,
      examples: [
        [
          ['ask', 'approve', 'redeem'],
          ['started', 'later', 'lose', 'redeem', 'finished'],
        ],
        [
          ['ask', 'approve'],
          ['policy', 'redeem'],
        ],
      ],
    },
  );
  expect(reached).toEqual(
    new Set([...reached, 'pending', 'approved', 'redeemed', 'lost', 'finished', 'over']),
  );
});
