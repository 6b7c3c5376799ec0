// `countersign exec` in front of a person: on a terminal of its own, made by util-linux `script`. What it runs has that terminal as
// if it had been typed there itself: it sees it, reads from it, knows its size, and hears Ctrl-C once.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const PATIENCE = { timeout: 20_000, interval: 20 };
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');
if (!hasScript) console.warn('skipped: exec on a terminal: there is no util-linux `script` here');

let gateway: RealGateway;
let folder: string;

beforeAll(async () => {
  gateway = await RealGateway.start();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cs-terminal-')));
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A terminal with one command in it. */
class Terminal {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  screen = '';
  readonly ended: Promise<number>;

  constructor(line: string, elsewhere = '') {
    const command = `stty cols 91 rows 17; exec ${process.execPath} ${BIN} exec -- ${line} ${elsewhere}`;
    this.child = spawn('script', ['-qefc', command, '/dev/null'], {
      ...{ cwd: folder, env: { ...gateway.env, PATH: '/usr/bin:/bin', SHELL: '/bin/sh', TERM: 'xterm' } },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.child.stdout.on('data', (part: Buffer) => (this.screen += part.toString()));
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  async shows(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.screen, PATIENCE).toMatch(text);
  }

  types(text: string): void {
    this.child.stdin.write(text);
  }

  async approve(): Promise<{ readonly id: string; readonly action: object }> {
    await this.shows(/waiting for a yes: \S+/);
    const [, short = ''] = /waiting for a yes: (\S+)/.exec(this.screen) ?? [];
    const row = await gateway.json<{ id: string; action: object }>('approvals', 'show', short);
    await gateway.json('approvals', 'approve', row.id);
    return row;
  }
}

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return `./${name}`;
}

test.skipIf(!hasScript)(
  'an interactive program works: a terminal on all three ends, its size, a line typed',
  async () => {
    const asks =
      'test -t 0 && test -t 1 && test -t 2 && stty size; printf "name? "; read name; echo "hello $name"; exit 5';
    const terminal = new Terminal(script('asks', asks));
    expect((await terminal.approve()).action).toMatchObject({ stdin: { kind: 'terminal' } });
    await terminal.shows(/17 91\s+name\? $/);
    terminal.types('Ana\n');
    await terminal.shows('hello Ana');
    expect(await terminal.ended).toBe(5);
  },
);

test.skipIf(!hasScript)('Ctrl-C reaches it once, and whether it ends is its own business', async () => {
  const terminal = new Terminal(
    script(
      'stays',
      'trap \'echo x >> ran\' INT; echo up; read a; read b; echo "$(wc -l < ran) times"; exit 4',
    ),
  );
  await terminal.approve();
  await terminal.shows(/^up\s*$/m);
  terminal.types('\u0003');
  await expect.poll(() => readIf('ran'), PATIENCE).toBe('x\n');
  terminal.types('one\ntwo\n');
  await terminal.shows(/1 times/);
  expect(await terminal.ended).toBe(4);
});

/** Writes down each SIGINT that reaches it, and whose child it is; until it is told to end. */
const counts = (name: string) =>
  script(
    name,
    `trap 'echo x >> ${name}.ran' INT; echo $PPID > ${name}.part; mv ${name}.part ${name}.up\n` +
      `while ! [ -e ${name}.end ]; do sleep 0.05; done; exit 4`,
  );

/** The number of \`exec\`, once what it started is up, and who would be taken for alone could be told. */
async function up(name: string): Promise<number> {
  await expect.poll(() => readIf(`${name}.up`), PATIENCE).toMatch(/^\d+\n$/);
  const pid = Number(readIf(`${name}.up`));
  await expect.poll(() => bystanders(pid), PATIENCE).toHaveLength(1);
  return pid;
}

/** Processes that wait beside the command, old enough to be relied upon. */
function bystanders(pid: number): readonly string[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('read -r nothing'));
}

test.skipIf(!hasScript || process.platform !== 'linux').each([
  ['at a terminal', ''],
  ['with all ends elsewhere, in front of a terminal all the same', '< /dev/null > out 2> err'],
])('SIGINT reaches it once, typed, sent to us alone or to our group: %s', async (where, elsewhere) => {
  const name = `counts${where.length}`;
  const terminal = new Terminal(counts(name), elsewhere);
  if (elsewhere === '') await terminal.approve();
  else {
    await expect.poll(() => readIf('err'), PATIENCE).toMatch(/waiting for a yes: \S+/);
    await gateway.json(
      'approvals',
      'approve',
      /waiting for a yes: (\S+)/.exec(readIf('err') ?? '')?.[1] ?? '',
    );
  }
  const pid = await up(name);
  const ways: readonly (readonly [string, () => unknown])[] = [
    ['alone', () => process.kill(pid, 'SIGINT')],
    ['typed', () => terminal.types('\u0003')],
    ['alone', () => process.kill(pid, 'SIGINT')],
    ['group', () => process.kill(-groupOf(pid), 'SIGINT')],
    ['typed', () => terminal.types('\u0003')],
  ];
  for (const [at, [way, interrupt]] of ways.entries()) {
    await expect.poll(() => isSettled(pid), PATIENCE).toBe(true);
    interrupt();
    await expect.poll(() => [way, readIf(`${name}.ran`)], PATIENCE).toEqual([way, 'x\n'.repeat(at + 1)]);
  }
  // What would come twice has come by the time that the next one could be told apart.
  await expect.poll(() => isSettled(pid), PATIENCE).toBe(true);
  expect(readIf(`${name}.ran`)).toBe('x\n'.repeat(ways.length));
  const [beside = ''] = bystanders(pid);
  writeFileSync(join(folder, `${name}.end`), '');
  expect(await terminal.ended).toBe(4);
  await expect.poll(() => isThere(Number.parseInt(beside, 10)), PATIENCE).toBe(false);
});

test.skipIf(!hasScript)('Ctrl-C while it waits takes it back', async () => {
  const terminal = new Terminal(script('never', 'touch never-ran'));
  await terminal.shows(/waiting for a yes: \S+/);
  terminal.types('\u0003');
  await terminal.shows('it was taken back');
  expect(await terminal.ended).toBe(14);
  expect(readIf('never-ran')).toBeNull();
});

function groupOf(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}

/** There is one, and it has been there for longer than it takes to be relied upon. */
function isSettled(pid: number): boolean {
  const [line = ''] = bystanders(pid);
  const beside = Number.parseInt(line, 10);
  if (Number.isNaN(beside)) return false;
  const seen = since.get(beside) ?? performance.now();
  since.set(beside, seen);
  return performance.now() - seen > 500;
}

const since = new Map<number, number>();

function isThere(pid: number): boolean {
  // One that waits for nothing but to be forgotten is not.
  return /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}

function readIf(name: string): string | null {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return null;
  }
}
