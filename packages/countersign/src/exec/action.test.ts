// An action is what its executor found out alone: where it really runs, which files it starts, and nothing that was not
// named. The attacks: a link in the place of a folder, a program or a script (H44), and a variable that comes along (R45).
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionDigest } from '@countersign/protocol/action-digest';
import { onTestFinished, test as plain } from 'vitest';
import { execAction, type Plan, toolAction } from './action.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

class Folder {
  readonly path: string;

  constructor() {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), 'cs-exec-')));
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }));
  }

  at(name: string): string {
    return join(this.path, name);
  }

  file(name: string, text: string, mode = 0o644): string {
    writeFileSync(this.at(name), text);
    chmodSync(this.at(name), mode);
    return this.at(name);
  }

  plan(run: Plan['run'], more: Partial<Plan> = {}): Plan {
    return {
      run,
      cwd: this.path,
      env: { PATH: `${this.path}:/usr/bin:/bin`, HOME: this.path },
      named: [],
      stdin: { kind: 'none' },
      host: 'ins_a',
      ...more,
    };
  }

  argv(...argv: string[]) {
    return execAction(this.plan({ argv }));
  }
}

const test = plain.extend<{ folder: Folder }>({
  // biome-ignore lint/correctness/noEmptyPattern: how vitest passes fixtures
  folder: async ({}, use) => use(new Folder()),
});

test('the program is the file that PATH leads to, by its real path and its content', async ({
  folder,
  expect,
}) => {
  folder.file('tool-1.2', '#!/bin/sh\n', 0o755);
  symlinkSync(folder.at('tool-1.2'), folder.at('tool'));
  const action = await folder.argv('tool', '-x');
  expect(action).toMatchObject({
    argv: ['tool', '-x'],
    program: { path: folder.at('tool-1.2'), sha256: sha256('#!/bin/sh\n') },
    scripts: [],
  });
  // What stands earlier in PATH and cannot be started is no program.
  mkdirSync(folder.at('cat'));
  expect((await folder.argv('cat')).program.path).not.toContain(folder.path);
});

test('H44: the folder is the real one, and which one it was; a link that leads elsewhere is another action', async ({
  folder,
  expect,
}) => {
  for (const name of ['one', 'two']) mkdirSync(folder.at(name));
  const link = folder.at('link');
  symlinkSync(folder.at('one'), link);
  const ask = () => execAction(folder.plan({ argv: ['true'] }, { cwd: link }));
  const before = await ask();
  const { dev, ino } = statSync(folder.at('one'), { bigint: true });
  expect(before.cwd).toEqual({ path: folder.at('one'), device: `${dev}`, inode: `${ino}` });
  rmSync(link);
  symlinkSync(folder.at('two'), link);
  expect(await actionDigest(await ask())).not.toBe(await actionDigest(before));
});

test('H44: scripts are bound by content, however they are handed over', async ({ folder, expect }) => {
  folder.file('build', '#!/bin/sh\n');
  folder.file('notes.txt', 'notes');
  folder.file('run.py', 'print()');
  folder.file('tool', 'x', 0o755);
  const names = async (...argv: string[]) =>
    (await folder.argv(...argv)).scripts.map(({ path }) => path.slice(folder.path.length + 1));
  expect(await names('cat', 'notes.txt', 'run.py')).toEqual(['run.py']);
  expect(await names('env', 'A=b', './tool', 'build')).toEqual(['tool', 'build']);
  expect(await names('sh', '-e', 'notes.txt', 'notes.txt')).toEqual(['notes.txt']);
  expect(await names('nice', 'sh', 'notes.txt')).toEqual(['notes.txt']);
  expect(await names('node', '--import=./run.py', 'notes.txt')).toEqual(['run.py', 'notes.txt']);
  const before = await actionDigest(await folder.argv('sh', 'build'));
  folder.file('build', '#!/bin/sh\nrm -rf /\n');
  expect(await actionDigest(await folder.argv('sh', 'build'))).not.toBe(before);
});

test('H44: of a shell line, too, in quotes or behind anything that parts words', async ({
  folder,
  expect,
}) => {
  folder.file('a.sh', 'a');
  folder.file('b c.sh', 'b');
  const { path } = folder;
  const ask = (shell: string) => execAction(folder.plan({ shell }));
  const action = await ask(`true;sh<~/a.sh&&(bash "b c.sh")|cat '${path}/a.sh'`);
  expect(action.scripts).toEqual([
    { path: join(path, 'a.sh'), sha256: sha256('a') },
    { path: join(path, 'b c.sh'), sha256: sha256('b') },
  ]);
  expect(action).toMatchObject({ shell: expect.stringContaining('true;sh') });
  expect(action.program.path).toMatch(/sh$/);
});

test('R45: nothing of the environment comes along but what always does and what was named', async ({
  folder,
  expect,
}) => {
  const env = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C',
    LD_PRELOAD: '/tmp/x.so',
    GIT_SSH_COMMAND: 'sh',
    BASH_ENV: '/tmp/x',
    COUNTERSIGN_HOME: '/h',
    CI: '1',
    constructor: undefined,
  };
  const ask = (...named: string[]) => execAction(folder.plan({ argv: ['true'] }, { env, named }));
  expect((await ask()).env).toEqual({ PATH: '/usr/bin:/bin', LC_ALL: 'C' });
  expect((await ask('CI', 'LD_PRELOAD')).env).toMatchObject({ CI: '1', LD_PRELOAD: '/tmp/x.so' });
  for (const name of ['COUNTERSIGN_HOME', 'countersign_token'])
    await expect(ask(name)).rejects.toThrow('is never passed on');
  for (const name of ['NOT_SET', 'constructor', 'toString'])
    await expect(ask(name)).rejects.toThrow('is not set here');
  for (const name of ['A=b', '', '__proto__'])
    await expect(ask(name)).rejects.toThrow('--env takes the name');
});

test('what cannot be derived is an error that says so, and no guess', async ({ folder, expect }) => {
  folder.file('plain', 'no program');
  await expect(folder.argv('no-such-program')).rejects.toThrow('there is no program "no-such-program"');
  await expect(folder.argv('./plain')).rejects.toThrow('there is no program "./plain"');
  await expect(folder.argv('./')).rejects.toThrow('there is no program');
  await expect(folder.argv()).rejects.toThrow('there is no command');
  await expect(folder.argv('')).rejects.toThrow('there is no command');
  await expect(folder.argv('echo', 'a\u{FFFD}b')).rejects.toThrow('not UTF-8');
  await expect(folder.argv('echo', 'a\0b')).rejects.toThrow('cannot be asked about');
  const gone = folder.plan({ argv: ['true'] }, { cwd: folder.at('gone') });
  await expect(execAction(gone)).rejects.toThrow('cannot be looked at');
  const empty = folder.plan({ argv: ['true'] }, { env: {} });
  await expect(execAction(empty)).rejects.toThrow('there is no program');
  await expect(execAction(folder.plan({ shell: '' }))).rejects.toThrow('there is no command');
});

test('more scripts than anybody reads are not asked about', async ({ folder, expect }) => {
  const all = Array.from({ length: 65 }, (_, n) => folder.file(`${n}.sh`, ''));
  await expect(folder.argv('cat', ...all)).rejects.toThrow('more than 64');
  expect((await folder.argv('cat', ...all.slice(1))).scripts).toHaveLength(64);
});

test('a tool call is taken as it came; what has no one meaning is refused', async ({ folder, expect }) => {
  const where = { cwd: folder.path, host: 'ins_a' };
  expect(await toolAction('Write', { content: 'a\r\n' }, where)).toMatchObject({
    kind: 'tool',
    tool: 'Write',
    arguments: { content: 'a\r\n' },
    cwd: { path: folder.path },
  });
  for (const args of [{ a: '\u{D800}' }, { a: Number.NaN }, JSON.parse('{"__proto__": 1}')])
    await expect(toolAction('x', args, where)).rejects.toThrow('cannot be asked about');
});

test('a word that can be the name of no file is a word, and no mistake', async ({ folder, expect }) => {
  const loop = folder.at('loop');
  symlinkSync(loop, loop);
  for (const word of ['x'.repeat(5_000), `${'x/'.repeat(3_000)}y`, loop, `${folder.file('plain', '')}/below`])
    expect((await folder.argv('echo', word)).scripts, word.slice(0, 20)).toEqual([]);
});
