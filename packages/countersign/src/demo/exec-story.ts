// The second half of the story, on real code and in a folder of its own: an agent asks to delete something, a yes with a code
// releases exactly that, it runs once, and neither the same yes nor another command runs by it.

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ID_KINDS, makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { generateSync } from 'otplib';
import { BARE_APPROVALS } from '../core/approval/bare.ts';
import { Grants } from '../core/approval/grants.ts';
import type { Decider } from '../core/approval/may-decide.ts';
import type { Given } from '../core/approval/service.ts';
import type { Hasher, Log } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { derive, type Plan } from '../exec/derive.ts';
import { type Ran, runGranted } from '../exec/run.ts';
import type { CoreServices } from '../gateway/core-services.ts';
import { systemClock } from '../runtime/clock.ts';
import { createGrantSigner } from '../runtime/crypto/grant-signer.ts';
import { systemRandom } from '../runtime/random.ts';

/** How the story is told. */
export interface Telling {
  scene(title: string): Promise<void>;
  types(command: string): Promise<void>;
  print(line: string): void;
  note(text: string): void;
}

const HOST = 'this-machine';
const STEP_MS = 30_000;
const ISSUER = 'urn:countersign:demo';

/** The house that it happens in. */
export interface House {
  readonly store: Store;
  readonly services: CoreServices;
  readonly hasher: Hasher;
  readonly log: Log;
}

export async function tellExec(telling: Telling, house: House): Promise<void> {
  if (process.platform === 'win32')
    return telling.note('left out on Windows: a command, approved and run once');
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-demo-')));
  try {
    mkdirSync(join(folder, 'build'));
    writeFileSync(join(folder, 'build', 'a.out'), 'built\n');
    await new ExecStory(telling, house, folder).tell();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class ExecStory {
  readonly #telling: Telling;
  readonly #store: Store;
  readonly #services: CoreServices;
  readonly #folder: string;
  readonly #signer = createGrantSigner(generateKeyPairSync('ed25519').privateKey);
  readonly #grants: Grants;
  readonly #token = makeId('token', systemRandom.bytes(ID_KINDS.token.bytes));

  constructor(telling: Telling, { store, services, hasher, log }: House, folder: string) {
    this.#telling = telling;
    this.#store = store;
    this.#services = services;
    this.#folder = folder;
    const { bus, denials, approvals, approvalCards } = services;
    this.#grants = new Grants({
      ...{ store, bus, denials, approvals, hasher, log, clock: systemClock, signer: this.#signer },
      telling: approvalCards,
      settings: BARE_APPROVALS.settings,
      issuer: () => ISSUER,
      keepsOutput: () => false,
    });
  }

  async tell(): Promise<void> {
    const { scene, types, print, note } = this.#telling;
    const you = await this.#you();
    await this.#program();

    await scene('5. your agent would delete a folder');
    await types('countersign exec -- rm -rf build        (said by the agent)');
    const plan = this.#plan(['rm', '-rf', 'build']);
    await using asked = await derive(plan);
    const { action } = asked;
    const ask = { action, agent: 'main', token: this.#token, session: null, idempotencyKey: null };
    const { request } = await this.#services.approvals.ask(ask);
    print(`  waiting for a yes: ${request.short}`);
    print(`  ${request.tier}: ${request.reasons.map(({ why }) => why).join('; ')}`);
    await types(`countersign approvals approve ${request.short.slice(0, 5)}`);
    print(`  ${await refusalOf(() => this.#says(request.id, you.id, null))}`);

    await scene('6. you say yes with a code, and it runs once');
    const code = you.code();
    await types(`countersign approvals approve ${request.short.slice(0, 5)} --totp ${code}`);
    const view = await this.#says(request.id, you.id, code);
    const grant = await this.#grants.grantOf(view);
    if (grant === null) throw fail('a yes without a grant');
    const other = await this.#runs(this.#plan(['rm', '-rf', '.']), asked, grant);
    note(`the same yes for rm -rf . : ${said(other)}`);
    const ran = await this.#runs(plan, asked, grant);
    if (ran.outcome !== 'ended' || existsSync(join(this.#folder, 'build'))) throw fail('it did not run');
    print(`  ${said(ran)}: build is gone`);
    mkdirSync(join(this.#folder, 'build'));
    note(`the same yes again: ${said(await this.#runs(this.#plan(['rm', '-rf', 'build']), asked, grant))}`);
    if (!existsSync(join(this.#folder, 'build'))) throw fail('it ran twice');
  }

  #plan(argv: readonly string[]): Plan {
    const env = { PATH: '/usr/bin:/bin' };
    return { run: { argv }, cwd: this.#folder, env, named: [], stdin: { kind: 'none' }, host: HOST };
  }

  #runs(plan: Plan, asked: Parameters<typeof runGranted>[0]['asked'], grant: string): Promise<Ran> {
    const by = { kind: 'token', token: this.#token } as const;
    return runGranted({
      ...{ plan, asked, grant, keys: [this.#signer.publicJwk], clock: systemClock },
      redeem: (one) => this.#grants.redeem(one, by),
      report: (report) => this.#grants.report(report, by),
      io: { input: null, stdout: 'terminal', stderr: 'terminal' },
    });
  }

  /** The agent's program, as `tokens create` makes it. */
  async #program(): Promise<void> {
    await this.#store.tokens.add({
      ...{
        token: this.#token,
        hash: this.#token,
        name: 'demo',
        scope: 'request',
        agent: 'main',
        maker: 'host',
      },
      ...{ accounts: [], audiences: [], hopSecret: null, createdAt: systemClock.now(), expiresAt: null },
    });
  }

  /** The owner of this story, with an authenticator app. */
  async #you(): Promise<{ readonly id: PrincipalId; code(): string }> {
    const { directory, factors } = this.#services;
    const host = { kind: 'host' } as const;
    const { id } = await directory.add({ name: 'You', role: 'owner', peer: null }, host);
    const totp = await factors.enrolTotp(id, 'demo', host);
    const at = (ms: number) => generateSync({ secret: totp.secret, epoch: Math.floor(ms / 1_000) });
    await factors.confirmTotp(totp.id, at(systemClock.now()), host);
    // The code that confirmed it is spent; the next one is good already.
    return { id, code: () => at(systemClock.now() + STEP_MS) };
  }

  async #says(id: Parameters<CoreServices['approvals']['get']>[0], you: PrincipalId, code: string | null) {
    const { factors } = await this.#enrolled(you);
    const decider: Decider = {
      ...{ principal: you, connection: 'host', surface: 'host', assurance: 'high', enrolled: factors },
      ...{ factor: null, provenUntil: null, deliveredAt: null, again: false },
    };
    const given: Given | null =
      code === null ? null : { kind: 'totp', proof: { kind: 'totp', value: code }, place: 'host' };
    const actor = { kind: 'principal', id: you, surface: 'host' } as const;
    const word = { decision: 'approve', reason: null } as const;
    return this.#services.approvals.decide(id, decider, word, actor, given);
  }

  async #enrolled(you: PrincipalId) {
    const rows = await this.#store.factors.of(you);
    return { factors: rows.filter(({ state }) => state === 'active').map(({ kind }) => kind) };
  }
}

async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'auth_factor_required') return `error: ${cause.message}`;
    throw cause;
  }
  throw fail('something destructive was approved without a proof');
}

function said(ran: Ran): string {
  if (ran.outcome === 'refused') return `countersign: refused: ${ran.why}`;
  return `ran once, exit code ${ran.exitCode ?? ran.signal}`;
}

function fail(detail: string): Problem {
  return new Problem('internal', { detail: `the demo: ${detail}` });
}
