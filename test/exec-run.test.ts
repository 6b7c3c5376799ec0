// `countersign exec` as an agent's wrapper types it: the real binary, a real gateway, real commands. What it starts behaves as if
// it had been typed itself; whatever is missing, changed or away ends in nothing running and in exit code 14.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const PATIENCE = { timeout: 20_000, interval: 20 };
/** Nothing but the system's own folders: what PATH leads to is no part of what is tried here. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

let gateway: RealGateway;
let folder: string;

beforeAll(async () => {
  gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
}, 60_000);
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cs-exec-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly id: string;
  readonly state: string;
  readonly action: object;
  readonly run?: { readonly exitCode?: number; readonly signal?: string; readonly outputDigest?: string };
}

class Typed {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #out: Buffer[] = [];
  stderr = '';
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(args: readonly string[], input: Buffer | string | null, env: NodeJS.ProcessEnv, cwd: string) {
    this.child = spawn(process.execPath, [BIN, 'exec', ...args], {
      ...{ env: { ...gateway.env, PATH, ...env }, cwd },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (part: Buffer) => this.#out.push(part));
    this.child.stderr.on('data', (part: Buffer) => (this.stderr += part.toString()));
    if (input !== null) this.child.stdin.end(input);
    else this.child.stdin.end();
    this.ended = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#out);
  }

  /** Once it waits for a yes: the request. */
  async asks(): Promise<Row> {
    await expect.poll(() => this.stderr, PATIENCE).toMatch(/waiting for a yes: \S+/);
    const [, short = ''] = /waiting for a yes: (\S+)/.exec(this.stderr) ?? [];
    return gateway.json('approvals', 'show', short);
  }
}

function typed(
  args: readonly string[],
  { input = null, env = {} }: { input?: Buffer | string | null; env?: NodeJS.ProcessEnv } = {},
): Typed {
  return new Typed(args, input, env, folder);
}

/** Typed, approved, ended. */
async function approved(args: readonly string[], more: Parameters<typeof typed>[1] = {}) {
  const one = typed(args, more);
  const { id } = await one.asks();
  await gateway.json('approvals', 'approve', id);
  const code = await one.ended;
  return { code, stdout: one.stdout, stderr: one.stderr, id };
}

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const row = (id: string) => gateway.json<Row>('approvals', 'show', id);
const hasRun = () => existsSync(join(folder, 'ran'));

test('what only looks runs at once, in its own folder, with its own exit code', async () => {
  writeFileSync(join(folder, 'here'), '');
  const ls = typed(['--', 'ls']);
  expect(await ls.ended).toBe(0);
  expect(ls.stdout.toString()).toBe('here\n');
  const missing = typed(['--', 'ls', 'nowhere']);
  expect(await missing.ended).toBe(2);
  expect(missing.stderr).toContain('nowhere');
});

test('R37: after the yes it runs as typed: exit code, input, both outputs byte for byte; all of it is told', async () => {
  const input = randomBytes(3_000_000);
  script('work', 'cat; echo "done $1 $ANA" >&2; exit 7');
  const { code, stdout, stderr, id } = await approved(['--env', 'ANA', './work', 'a b'], {
    input,
    env: { ANA: 'hers' },
  });
  expect(code).toBe(7);
  expect(stdout.equals(input)).toBe(true);
  expect(stderr).toContain('done a b hers\n');
  const [out, err] = [stdout, Buffer.from('done a b hers\n')].map((bytes) => sha256(bytes));
  expect(await row(id)).toMatchObject({
    state: 'finished',
    action: { stdin: { kind: 'bytes', size: input.length, sha256: sha256(input) }, env: { ANA: 'hers' } },
    run: { exitCode: 7, outputDigest: sha256(Buffer.from(`${out}${err}`)) },
  });
  const { items } = await gateway.json<{ items: { type: string; subject: { approval?: string } }[] }>(
    ...['audit', 'list', '--limit', '40'],
  );
  const told = items.filter(({ subject }) => subject.approval === id).map(({ type }) => type);
  expect(told.reverse()).toEqual(
    ['requested', 'approved', 'redeemed', 'started', 'finished'].map((what) => `approval.${what}`),
  );
  expect((await gateway.cli('audit', 'verify')).code).toBe(0);
});

test('a signal that ends it ends us; one that is sent to us is meant for it', async () => {
  script('dies', 'kill -SEGV $$');
  expect((await approved(['./dies'])).code).toBe('SIGSEGV');

  script('waits', "sleep 60 & trap 'kill $!; echo heard; exit 3' TERM; echo up; wait");
  const one = typed(['./waits']);
  const { id } = await one.asks();
  await gateway.json('approvals', 'approve', id);
  await expect.poll(() => one.stdout.toString(), PATIENCE).toBe('up\n');
  one.child.kill('SIGTERM');
  expect(await one.ended).toBe(3);
  expect(one.stdout.toString()).toBe('up\nheard\n');
});

test('whoever reads its output may go away: it ends as it would have without us', async () => {
  script('talks', 'yes');
  const one = typed(['./talks']);
  const { id } = await one.asks();
  await gateway.json('approvals', 'approve', id);
  await once(one.child.stdout, 'data');
  one.child.stdout.destroy();
  expect(await one.ended).toSatisfy((code) => code === 'SIGPIPE' || code === 0 || code === 1 || code === 141);
  expect(await row(id)).toMatchObject({ state: 'finished' });
});

test('who writes now and then, and meets a reader that is gone, ends by SIGPIPE, and so do we', async () => {
  script('ticks', 'while :; do echo tick; sleep 0.2; done');
  const one = typed(['./ticks']);
  const { id } = await one.asks();
  await gateway.json('approvals', 'approve', id);
  await once(one.child.stdout, 'data');
  one.child.stdout.destroy();
  expect(await one.ended).toBe('SIGPIPE');
  expect(await row(id)).toMatchObject({ state: 'finished', run: { exitCode: null, signal: 'SIGPIPE' } });
  expect((await gateway.cli('approvals', 'show', id)).stdout).toMatch(/SIGPIPE/);
});

test('R42: a no, a silence that was taken back and a proof that nobody has end in 14, and nothing ran', async () => {
  script('work', 'touch ran');
  const one = typed(['./work']);
  const { id } = await one.asks();
  await gateway.json('approvals', 'deny', id, '--reason', 'not today');
  expect(await one.ended).toBe(14);
  expect(one.stderr).toContain('countersign: refused: denied: not today');

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const other = typed(['./work']);
    const waiting = await other.asks();
    other.child.kill(signal);
    expect([signal, await other.ended]).toEqual([signal, 14]);
    expect(await row(waiting.id)).toMatchObject({ state: 'cancelled', because: 'requester' });
  }

  const removes = typed(['rm', '-rf', 'work']);
  expect(await removes.ended).toBe(14);
  expect(existsSync(join(folder, 'work'))).toBe(true);
  expect(hasRun()).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'Ctrl-C while it is read what would run ends it at once: nobody is asked',
  async () => {
    const large = join(folder, 'large');
    writeFileSync(large, '');
    truncateSync(large, 3 * 2 ** 30);
    const { items: before } = await gateway.json<{ items: object[] }>('approvals', 'list', '--all');
    const one = typed(['sed', '-f', 'large']);
    const fds = `/proc/${one.child.pid}/fd`;
    await expect
      .poll(() => readdirSync(fds).some((fd) => linkOf(join(fds, fd)) === large), {
        timeout: 20_000,
        interval: 1,
      })
      .toBe(true);
    one.child.kill('SIGINT');
    expect(await one.ended).toBe(14);
    expect(one.stderr).toContain('you stopped it: nobody was asked');
    expect((await gateway.json<{ items: object[] }>('approvals', 'list', '--all')).items).toHaveLength(
      before.length,
    );
  },
);

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

test.each([
  ['program', (at: string) => writeFileSync(join(at, 'work'), '#!/bin/sh\ntouch ran # more\n')],
  [
    'program',
    (at: string) => {
      script('other', 'touch ran');
      renameSync(join(at, 'other'), join(at, 'work'));
      writeFileSync(join(at, 'work'), '#!/bin/sh\ntouch ran; echo other\n');
    },
  ],
  ['script', (at: string) => writeFileSync(join(at, 'step.sh'), 'touch ran; echo more\n')],
  [
    'cwd',
    (at: string) => {
      rmSync(join(at, 'in'), { recursive: true });
      mkdirSync(join(at, 'other'));
      symlinkSync(join(at, 'other'), join(at, 'in'));
    },
  ],
])('H44: a change of the %s while it waits is refused, by its name (%#)', async (field, change) => {
  const inside = join(folder, 'in');
  mkdirSync(inside);
  script('work', 'touch ran');
  writeFileSync(join(folder, 'step.sh'), 'touch ran\n');
  const one = new Typed(['../work', '../step.sh'], null, {}, inside);
  const { id } = await one.asks();
  change(folder);
  await gateway.json('approvals', 'approve', id);
  expect(await one.ended).toBe(14);
  expect(one.stderr).toContain(`countersign: refused: changed: ${field}`);
  expect(hasRun() || existsSync(join(folder, 'in', 'ran')) || existsSync(join(folder, 'other', 'ran'))).toBe(
    false,
  );
  // Nobody is left with a yes for what will not run.
  expect(await row(id)).toMatchObject({ state: 'cancelled', because: `changed_${field}` });
});

test('R41: what was approved under another policy does not run', async () => {
  script('work', 'touch ran');
  const one = typed(['./work']);
  await one.asks();
  await gateway.json('policy', 'set', 'tiers.elevated.timeout', '9m');
  expect(await one.ended).toBe(14);
  expect(one.stderr).toContain('countersign: refused: changed: policy');
  expect(one.stderr).toContain('ask again');
  expect(hasRun()).toBe(false);
});

test('N-13: two at once are one question each or one for both, and each runs once', async () => {
  script('work', 'echo x >> ran');
  const [one, two] = [typed(['./work']), typed(['./work'])];
  for (const typedOne of [one, two]) {
    const { id } = await typedOne.asks();
    await gateway.cli('approvals', 'approve', id);
  }
  const codes = [await one.ended, await two.ended];
  const runs = readFileSync(join(folder, 'ran'), 'utf8').length / 2;
  expect(codes.filter((code) => code === 0)).toHaveLength(runs);
  expect(codes.every((code) => code === 0 || code === 14)).toBe(true);
});

test('R45: nothing of ours goes along, and no variable that was not named', async () => {
  script('work', 'env');
  const { stdout, stderr } = await approved(['./work'], {
    env: { LD_PRELOAD: '/nowhere.so', GIT_DIR: '/x', SECRET: 'y', COUNTERSIGN_RESTARTED: '' },
  });
  expect(stdout.toString()).not.toMatch(/COUNTERSIGN|LD_PRELOAD|GIT_DIR|SECRET|NODE_/);
  expect(stderr).toContain('not passed on: GIT_DIR, LD_PRELOAD');
});

test('a wrapper that names its client is overruled neither by words nor by the environment', async () => {
  const client = join(gateway.home, 'client.json');
  const elsewhere = { COUNTERSIGN_HOME: join(folder, 'home'), COUNTERSIGN_PORT: '1' };
  const one = typed(['--client', client, '--', 'ls'], { env: elsewhere });
  expect(await one.ended).toBe(0);
  const two = typed(['--client', client, '--client', '/tmp/mine.json', 'ls']);
  expect(await two.ended).toBe(2);
  expect(two.stderr).toContain('--client is given twice');
});

test('H50, R40: a grant that was spent is spent, whoever comes with it', async () => {
  script('work', 'touch ran');
  const one = typed(['--ask-only', './work']);
  const { id } = await one.asks();
  await gateway.json('approvals', 'approve', id);
  expect(await one.ended).toBe(0);
  const { token } = JSON.parse(readFileSync(join(gateway.home, 'client.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const seen = await fetch(`${gateway.url}/api/v1/approvals/${id}`, { headers });
  const { grant } = (await seen.json()) as { grant?: string };
  const redeem = async () => {
    const body = JSON.stringify({ grant });
    const answer = await fetch(`${gateway.url}/api/v1/grants/redeem`, { method: 'POST', headers, body });
    return [answer.status, ((await answer.json()) as { code?: string }).code];
  };
  expect(await redeem()).toEqual([200, undefined]);
  expect(await redeem()).toEqual([403, 'grant_redeemed']);
  expect(hasRun()).toBe(false);
});

test('R42: away is deny: without a gateway nothing is asked, and what waits runs nothing', async () => {
  script('work', 'touch ran');
  const one = typed(['./work']);
  const { id } = await one.asks();
  await gateway.stop();
  const alone = typed(['--', 'ls']);
  expect(await alone.ended).toBe(14);
  expect(alone.stderr).toMatch(/^countersign: refused: no gateway listens there[^\n]*\nhint: /m);
  // It waits for a gateway that may come back, and takes no silence for a yes.
  await expect.poll(() => one.stderr, PATIENCE).toContain('the gateway does not answer');
  one.child.kill('SIGTERM');
  expect(await one.ended).toBe(14);
  expect(await row(id)).toMatchObject({ state: 'pending' });
  expect(alone.stdout.length + one.stdout.length).toBe(0);
  expect(hasRun()).toBe(false);
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
