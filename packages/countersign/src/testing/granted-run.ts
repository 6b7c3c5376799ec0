// What was asked about, a yes to it, and what somebody does in between: the whole way of an executor, on real files, with a real
// grant. Only the gateway is a function here.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionDigest, requestDigest } from '@countersign/protocol/action-digest';
import type { ExecAction, RequestFacts } from '@countersign/protocol/approval';
import type { GrantClaims, GrantReport } from '@countersign/protocol/grant';
import { derive, type Plan } from '../exec/derive.ts';
import { type Granted, type Ran, runGranted } from '../exec/run.ts';
import { newSigner } from './fake-gateway.ts';
import { FakeClock } from './fakes.ts';

const HOST = 'ins_a';

interface Between {
  /** After it was asked, before the answer. */
  readonly waiting?: (place: Place) => unknown;
  /** While it is redeemed: everything was looked at, nothing has begun. */
  readonly redeeming?: (place: Place) => unknown;
  /** It has begun. */
  readonly started?: (place: Place) => unknown;
  /** What is run, where it is not what was asked about. */
  readonly plan?: Partial<Plan>;
  readonly claims?: Partial<GrantClaims>;
  readonly facts?: Partial<RequestFacts>;
  readonly grant?: string;
  readonly keys?: readonly object[];
  readonly input?: Buffer | null;
  /** What the gateway says when it is to be spent. */
  readonly redeem?: (grant: string) => Promise<unknown>;
  readonly signal?: AbortSignal;
  /** Otherwise a group of its own, as on an exec host. */
  readonly group?: 'ours';
}

export interface Outcome {
  readonly ran: Ran;
  readonly reports: readonly GrantReport[];
  readonly redeemed: number;
  readonly output: string;
  readonly grant: string;
}

/** A folder, and a machine that runs what is granted to it. */
export class Place implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'cs-run-')));
  readonly signer = newSigner();
  readonly clock = new FakeClock();

  at(name: string): string {
    return join(this.path, name);
  }

  file(name: string, text: string, mode = 0o644): string {
    writeFileSync(this.at(name), text);
    chmodSync(this.at(name), mode);
    return this.at(name);
  }

  /** That it began. */
  script(name: string, more = ''): string {
    return this.file(name, `#!/bin/sh\necho x >> '${this.at('ran')}'\n${more}`, 0o755);
  }

  /** How often something began. */
  get runs(): number {
    return existsSync(this.at('ran')) ? readFileSync(this.at('ran'), 'utf8').split('\n').length - 1 : 0;
  }

  plan(run: Plan['run'], more: Partial<Plan> = {}): Plan {
    const env = { PATH: `${this.path}:/usr/bin:/bin`, HOME: this.path };
    return { run, cwd: this.path, env, named: [], stdin: { kind: 'none' }, host: HOST, ...more };
  }

  /** Asked with that plan, granted, and run. */
  async run(plan: Plan, between: Between = {}): Promise<Outcome> {
    const derived = await derive(plan);
    await derived[Symbol.asyncDispose]();
    await between.waiting?.(this);
    const { grant, digest } = await this.#grant(derived.action, between);
    const reports: GrantReport[] = [];
    const output: Buffer[] = [];
    let redeemed = 0;
    const sink = {
      write: async (bytes: Uint8Array) => {
        output.push(Buffer.from(bytes));
        return true;
      },
    };
    const granted: Granted = {
      ...{ plan: { ...plan, ...between.plan }, asked: derived, clock: this.clock },
      ...{
        grant: between.grant ?? grant,
        keys: between.keys ?? [this.signer.publicJwk],
        requestDigest: digest,
      },
      ...(between.signal === undefined ? {} : { signal: between.signal }),
      redeem: async (spent) => {
        await between.redeem?.(spent);
        redeemed += 1;
        await between.redeeming?.(this);
      },
      report: async (report) => void reports.push(report),
      io: {
        ...{ input: between.input ?? null, stdout: sink, stderr: sink, ownGroup: between.group !== 'ours' },
        started: () => void between.started?.(this),
      },
    };
    const ran = await runGranted(granted);
    return { ran, reports, redeemed, output: Buffer.concat(output).toString(), grant };
  }

  async #grant(action: ExecAction, { claims = {}, facts = {} }: Between) {
    const now = this.clock.now();
    const asked: RequestFacts = {
      ...{ actionDigest: await actionDigest(action), requester: null, agent: 'main', session: null },
      ...{ tier: 'write', policy: 1, nonce: 'n'.repeat(32), expiresAt: now + 600_000, ...facts },
    };
    const digest = await requestDigest(asked);
    const iat = Math.floor(now / 1_000);
    const said: GrantClaims = {
      ...{ iss: 'urn:countersign:ins_a', aud: action.host, sub: 'agent:main', act: { sub: 'main' } },
      ...{ actionDigest: asked.actionDigest, requestDigest: digest, tier: asked.tier, approvers: [] },
      ...{ iat, exp: iat + 120, jti: `grant_${'b'.repeat(32)}`, ...claims },
    };
    return { grant: this.signer.sign(said), digest };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
