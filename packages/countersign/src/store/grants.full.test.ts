// kill -9 of the gateway before any write and at any answer, and of the host before any of its steps, round after round in
// the same homes: never two runs of one grant, never a run without a decision, nothing that was redeemed is lost without a
// word, and the chain verifies. The host keeps its grant and tries it again whenever it comes back.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createGrantSigner } from '../runtime/crypto/grant-signer.ts';
import { FakeClock } from '../testing/fakes.ts';
import { StoreBench } from '../testing/store/bench.ts';
import { openTestStore } from '../testing/store/open.ts';

const GATEWAY = fileURLToPath(new URL('../testing/store/granting-child.ts', import.meta.url));
const HOST = fileURLToPath(new URL('../testing/store/host-child.ts', import.meta.url));
const ROUNDS = process.env['CI'] === undefined ? 200 : 60;
/** Deaths in one home: looking at all that is in it stays quick. */
const DEATHS = 20;
const LIFE_MS = 1_000;
const SILENCE_MS = 125_000;

/** The same programs hundreds of times: read once. */
const CACHE = mkdtempSync(join(tmpdir(), 'countersign-cache-'));
const folders: string[] = [CACHE];
const alive = new Set<ChildProcess>();
afterAll(() => {
  for (const one of alive) one.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Who dies in a round, and where. */
type Death =
  | { readonly of: 'nobody' }
  | { readonly of: 'gateway'; readonly beforeWrite: number }
  | { readonly of: 'gateway'; readonly atAnswer: number }
  | { readonly of: 'host'; readonly beforeStep: number };

const answerSchema = z.looseObject({
  problem: z.string().optional(),
  id: z.string().optional(),
  writes: z.int().optional(),
  answers: z.int().optional(),
  lost: z.int().optional(),
});

const eventsOf = (...types: readonly string[]) =>
  `(select count(*) from audit_events as e where e.type in (${types.map((one) => `'approval.${one}'`).join(', ')})
     and e.subject like '%' || runs.approval || '%')`;
const firstOf = (...types: readonly string[]) =>
  eventsOf(...types).replace('count(*)', 'coalesce(min(seq), 0)');
const REQUEST = 'join approvals on approvals.id = runs.approval';

/** Each finds the rows that break its sentence. */
const NEVER: Readonly<Record<string, string>> = {
  'a grant that nobody gave': `
    select grant_id from runs left join approvals on approvals.id = runs.approval
      where approvals.redeem_by is null or ${eventsOf('approved', 'allowed')} <> 1`,
  'a yes without its grant': `
    select id from approvals where redeem_by is not null and id not in (select approval from runs)`,
  'a grant redeemed twice, or before the yes': `
    select grant_id from runs where ${eventsOf('redeemed')} > 1
      or redeemed_at is not null and ${firstOf('redeemed')} <= ${firstOf('approved', 'allowed')}`,
  'a redemption without its event, or an event without it': `
    select grant_id from runs where (redeemed_at is not null) <> (${eventsOf('redeemed')} = 1)`,
  'a start or an end that is not told, told twice, or of nothing that was redeemed': `
    select grant_id from runs where (started_at is not null) <> ${eventsOf('started')}
      or (finished_at is not null) <> ${eventsOf('finished', 'failed')}
      or (lost_at is not null) <> ${eventsOf('lost')}
      or redeemed_at is null and coalesce(started_at, finished_at, lost_at) is not null`,
  'a request that says something else than its run': `
    select grant_id from runs ${REQUEST} where approvals.state <> case
      when finished_at is not null then 'finished' when lost_at is not null then 'lost'
      when redeemed_at is not null then 'redeemed' else approvals.state end
      or redeemed_at is null and approvals.state in ('redeemed', 'finished', 'lost')`,
};
/** Once everybody was silent for long enough. */
const UNSAID =
  'select grant_id from runs where redeemed_at is not null and finished_at is null and lost_at is null';

class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'countersign-grants-'));
  readonly #promises: string[] = [];
  /** How many died as they were told. */
  deaths = 0;
  #lives = 0;
  #gateway: ChildProcess | null = null;
  /** While this is set a gateway that dies comes back. */
  #comesBack = true;
  #returning: Promise<void> = Promise.resolve();

  constructor() {
    folders.push(this.folder);
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(this.folder, 'grant.pem'), pem);
    writeFileSync(join(this.folder, 'grant.jwk'), JSON.stringify(createGrantSigner(privateKey).publicJwk));
  }

  /** One request from the asking to the last word, and somebody who dies on the way. @returns how much there was to die at. */
  async round(n: number, death: Death) {
    const isGateway = death.of === 'gateway';
    await this.#born({
      beforeWrite: isGateway && 'beforeWrite' in death ? death.beforeWrite : 0,
      atAnswer: isGateway && 'atAnswer' in death ? death.atAnswer : 0,
    });
    // Every third is allowed by the policy; of every third two machines hold the same grant.
    const words = n % 3 === 1 ? `git log ${n}` : `git push ${n}`;
    const { id = '' } = await this.#says('/ask', { words, key: `${n}` });
    if (n % 3 !== 1) await this.#says('/yes', { id });
    const first = this.#host(id, death.of === 'host' ? death.beforeStep : 0);
    const second = n % 3 === 2 ? this.#host(id, 0) : null;
    const said = [await first, await second];
    // It comes back, and tries it once more.
    said.push(await this.#host(id, 0));
    const { writes = 0, answers = 0 } = await this.#says('/later', { ms: `${SILENCE_MS}` });
    await this.#ends();
    const lines = said.flatMap((one) => one ?? []);
    this.#promises.push(...lines.filter((line) => !line.startsWith('steps ')));
    const steps = Math.max(...lines.map((line) => Number(/^steps (\d+)$/.exec(line)?.[1] ?? 0)));
    return { writes, answers, steps };
  }

  /** Sentences that are broken, and promises that were. */
  broken(): string[] {
    const db = new DatabaseSync(join(this.folder, 'countersign.db'), { readOnly: true });
    try {
      const sentences = Object.entries({ ...NEVER, 'redeemed, silent, and not said to be lost': UNSAID });
      const found = sentences.flatMap(([sentence, sql]) =>
        db.prepare(sql).all().length > 0 ? [sentence] : [],
      );
      const run = db.prepare('select redeemed_at, started_at, finished_at from runs where grant_id = ?');
      const kept = this.#promises.filter((promise) => {
        const [what = '', grant = ''] = promise.split(' ');
        return typeof run.get(grant)?.[`${what}_at`] !== 'number';
      });
      const ran = this.journal();
      const twice = ran
        .filter((grant, index) => ran.indexOf(grant) !== index)
        .map((grant) => `two runs ${grant}`);
      const unasked = ran
        .filter((grant) => typeof run.get(grant)?.['redeemed_at'] !== 'number')
        .map((grant) => `a run that was not redeemed ${grant}`);
      return [...found, ...kept, ...twice, ...unasked];
    } finally {
      db.close();
    }
  }

  /** The grants by which something ran. */
  journal(): string[] {
    const file = join(this.folder, 'journal');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  async #born({ beforeWrite = 0, atAnswer = 0 } = {}): Promise<void> {
    this.#comesBack = true;
    this.#lives += 1;
    const life = `life${this.#lives}`;
    const args = [this.folder, life, this.#lives * LIFE_MS, beforeWrite, atAnswer].map(String);
    const gateway = start(GATEWAY, args);
    this.#gateway = gateway.process;
    await gateway.ready;
    // A machine that reads it meanwhile finds the old one or the new one, never half a name.
    writeFileSync(join(this.folder, 'socket.new'), join(this.folder, `${life}.sock`));
    renameSync(join(this.folder, 'socket.new'), join(this.folder, 'socket'));
    gateway.process.once('exit', (_, signal) => {
      if (signal === 'SIGKILL') this.deaths += 1;
      if (this.#comesBack && this.#gateway === gateway.process) this.#returning = this.#born();
    });
  }

  async #ends(): Promise<void> {
    this.#comesBack = false;
    await this.#returning;
    const gone = new Promise((resolve) => this.#gateway?.once('exit', resolve));
    this.#gateway?.kill('SIGTERM');
    await gone;
  }

  /** As somebody says it who tries until it is heard. */
  async #says(path: string, body: Record<string, string>): Promise<z.output<typeof answerSchema>> {
    for (;;) {
      await this.#returning;
      const answer = await posted(readFileSync(join(this.folder, 'socket'), 'utf8'), path, body);
      if (answer !== null) return answer;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #host(id: string, beforeStep: number): Promise<string[]> {
    const now = new FakeClock().now() + this.#lives * LIFE_MS;
    const args = [this.folder, id, join(this.folder, 'socket'), beforeStep, now].map(String);
    const host = start(HOST, args);
    host.process.once('exit', (_, signal) => {
      if (signal === 'SIGKILL') this.deaths += 1;
    });
    return (await host.ended).split('\n').filter((line) => line !== '');
  }
}

function start(program: string, args: readonly string[]) {
  const env = { ...process.env, NODE_COMPILE_CACHE: CACHE };
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const started = spawn(process.execPath, [program, ...args], { env, stdio: [...stdio] });
  alive.add(started);
  let [said, wrong] = ['', ''];
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  started.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('ready\n')) ready.resolve();
  });
  started.stderr?.on('data', (chunk: Buffer) => {
    wrong += chunk.toString();
  });
  started.once('close', (code, signal) => {
    alive.delete(started);
    if (code === 0 || signal === 'SIGKILL') ended.resolve(said);
    else ended.reject(new Error(`${program}: ${wrong}`));
    ready.reject(new Error(`${program} ended before it was ready: ${wrong}`));
  });
  ended.promise.catch(() => undefined);
  ready.promise.catch(() => undefined);
  return { process: started, ready: ready.promise, ended: ended.promise };
}

function posted(
  socketPath: string,
  path: string,
  body: object,
): Promise<z.output<typeof answerSchema> | null> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path, method: 'POST', agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => resolve(text === '' ? null : answerSchema.parse(JSON.parse(text))));
      answer.on('error', () => resolve(null));
    });
    asked.on('error', () => resolve(null));
    asked.end(JSON.stringify(body));
  });
}

async function verified(home: Home): Promise<void> {
  const store = await openTestStore('sqlite:countersign.db', { home: home.folder });
  const bench = new StoreBench();
  bench.begin(store, undefined);
  await bench.chain();
  await store.close();
}

/** Everywhere where somebody can die in one round. */
async function deaths(): Promise<Death[]> {
  const home = new Home();
  const { writes, answers, steps } = await home.round(0, { of: 'nobody' });
  expect(home.broken()).toEqual([]);
  expect(home.journal()).toHaveLength(1);
  const places = (many: number) => Array.from({ length: many }, (_, index) => index + 1);
  return [
    ...places(steps).map((beforeStep): Death => ({ of: 'host', beforeStep })),
    ...places(answers).map((atAnswer): Death => ({ of: 'gateway', atAnswer })),
    ...places(writes).map((beforeWrite): Death => ({ of: 'gateway', beforeWrite })),
  ];
}

test(`${ROUNDS} times kill -9 of gateway or host: one run at most, none undecided, nothing lost unsaid`, {
  timeout: 1_800_000,
}, async () => {
  const all = await deaths();
  expect(all.length).toBeGreaterThan(30);
  const stride = Math.max(1, all.length / ROUNDS);
  let [runs, died] = [0, 0];
  for (let first = 0; first < ROUNDS; first += DEATHS) {
    const home = new Home();
    for (let round = first; round < Math.min(ROUNDS, first + DEATHS); round += 1) {
      const death = all[Math.floor(round * stride) % all.length] ?? { of: 'nobody' };
      await home.round(round, death);
      expect(home.broken(), JSON.stringify(death)).toEqual([]);
    }
    await verified(home);
    runs += home.journal().length;
    died += home.deaths;
  }
  // A round of another kind may have a few writes less, and be over before anybody dies.
  expect(died).toBeGreaterThan(ROUNDS * 0.8);
  // Most deaths keep nothing from running once.
  expect(runs).toBeGreaterThan(ROUNDS / 2);
});
