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

  constructor(line: string) {
    const command = `stty cols 91 rows 17; exec ${process.execPath} ${BIN} exec -- ${line}`;
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

test.skipIf(!hasScript)('Ctrl-C while it waits takes it back', async () => {
  const terminal = new Terminal(script('never', 'touch never-ran'));
  await terminal.shows(/waiting for a yes: \S+/);
  terminal.types('\u0003');
  await terminal.shows('it was taken back');
  expect(await terminal.ended).toBe(14);
  expect(readIf('never-ran')).toBeNull();
});

function readIf(name: string): string | null {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return null;
  }
}
