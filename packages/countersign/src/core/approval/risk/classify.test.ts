// H47, H48, H53, R36, R45, R46: every labelled line gets the tier it was labelled with. The labels are written by hand, from
// the table of tiers; change one only with docs/spec/risk.md.
import { readFileSync } from 'node:fs';
import type { Tier } from '@countersign/protocol/tier';
import { describe, expect, test } from 'vitest';
import { classify } from './classify.ts';
import type { OwnerRule, Risk, RiskContext } from './risk.ts';

interface Vectors {
  readonly facts: { readonly cwd: string; readonly home: string; readonly guarded: RiskContext['guarded'] };
  readonly commands: readonly { readonly command: string; readonly tier: Tier; readonly group: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../../../../vectors/commands.json', import.meta.url), 'utf8'),
) as Vectors;
const { facts, commands } = vectors;
const context: RiskContext = { home: facts.home, guarded: facts.guarded, rules: [], tools: {} };
const cwd = { path: facts.cwd };
const line = (shell: string, more: Partial<RiskContext> = {}): Risk =>
  classify({ kind: 'exec', shell, cwd }, { ...context, ...more });

describe('labelled commands', () => {
  const groups = Map.groupBy(commands, ({ group }) => group);
  test.each([...groups.keys()])('%s', (group) => {
    const wrong = (groups.get(group) ?? []).flatMap(({ command, tier }) => {
      const got = line(command);
      return got.tier === tier ? [] : [`${command}: ${tier}, got ${got.tier} by ${got.reasons[0]?.rule}`];
    });
    expect(wrong).toEqual([]);
  });

  test('every answer has a reason, highest first, each about a command that is listed', () => {
    for (const { command } of commands) {
      const { tier, reasons, commands: listed } = line(command);
      expect(reasons[0]?.tier, command).toBe(tier);
      for (const reason of reasons) {
        expect(reason.why).not.toBe('');
        if (reason.command !== undefined) expect(listed[reason.command], command).toBeDefined();
      }
    }
  });
});

describe('argv is judged as what it is', () => {
  const argv = (...words: string[]): Tier => classify({ kind: 'exec', argv: words, cwd }, context).tier;
  test('a program started without a shell gets its words as they are', () => {
    expect(argv('ls', '; rm -rf x')).toBe('read');
    expect(argv('rm', '-rf', 'x')).toBe('destructive');
    expect(argv('bash', '-c', 'rm -rf x')).toBe('destructive');
    expect(argv('env', 'A=1', 'sudo', 'ls')).toBe('destructive');
  });
  test('H43: a name with a space behind it is another name', () => expect(argv('ls ')).toBe('elevated'));
  test('an empty name and no words are no program that a rule knows', () =>
    expect(argv('')).toBe('elevated'));
});

describe('facts of the host count', () => {
  test('a program out of the working folder is brought along, whatever it is called', () => {
    const started = (path: string): Tier =>
      classify({ kind: 'exec', argv: ['ls'], cwd, program: { path } }, context).tier;
    expect(started('/usr/bin/ls')).toBe('read');
    expect(started('/home/u/code/ls')).toBe('elevated');
    expect(started('/tmp/ls')).toBe('elevated');
    expect(started('/home/u/.countersign/ls')).toBe('destructive');
  });
  test('R45: a loader, interpreter or git variable in its environment', () => {
    const withEnv = (env: Record<string, string>): Tier =>
      classify({ kind: 'exec', argv: ['ls'], cwd, env }, context).tier;
    expect(withEnv({ PATH: '/usr/bin', HOME: '/home/u', LANG: 'C' })).toBe('read');
    for (const name of [
      'LD_PRELOAD',
      'DYLD_INSERT_LIBRARIES',
      'NODE_OPTIONS',
      'PYTHONPATH',
      'GIT_SSH_COMMAND',
      'BASH_ENV',
      'PERL5OPT',
    ]) {
      expect(withEnv({ [name]: 'x' }), name).toBe('elevated');
    }
    expect(withEnv({ COUNTERSIGN_HOME: '/tmp' })).toBe('destructive');
  });
  test('where a link leads counts as well as where it stands', () => {
    const realPath = (path: string): string | null =>
      path.endsWith('/link') ? '/home/u/.countersign/client.json' : null;
    expect(line('cat link').tier).toBe('read');
    const on = (host: string): Tier =>
      classify({ kind: 'exec', shell: 'cat link', cwd, host }, { ...context, realPath, host: 'ins_a' }).tier;
    // A name that no paired machine has is a program's own word for where it runs.
    for (const host of ['ins_a', 'ins_b', 'laptop', 'dev_x']) expect(on(host), host).toBe('destructive');
    // On another machine it is another file, and a link here says nothing of it.
    expect(on(`dev_${'a'.repeat(24)}`)).toBe('read');
  });
  test('in Countersign’s own folder nothing is harmless', () => {
    expect(classify({ kind: 'exec', shell: 'ls', cwd: { path: '/home/u/.countersign' } }, context).tier).toBe(
      'destructive',
    );
  });
  test('without a home nothing under ~ is taken for known', () => {
    expect(line('cat ~/a.txt', { home: null }).tier).toBe('elevated');
    expect(line('echo x > ~/.bashrc', { home: null }).tier).toBe('destructive');
  });
});

describe('the owner’s rules', () => {
  const rule = (id: string, match: OwnerRule['match'], tier: Tier): OwnerRule => ({
    id,
    match,
    tier,
    why: `rule ${id}`,
  });
  test('lower what a table says of a program, word by word', () => {
    const rules = [rule('1', { command: ['npm', 'test'] }, 'write')];
    expect(line('npm test', { rules }).tier).toBe('write');
    expect(line('npm test --x', { rules }).tier).toBe('elevated');
    expect(line('npm test && npm ci', { rules }).tier).toBe('elevated');
  });
  test('never lower what stands around it: redirections, variables, paths, doubts', () => {
    const rules = [rule('1', { command: ['npm', 'test', '**'] }, 'read')];
    for (const text of ['npm test > ~/.bashrc', 'NODE_OPTIONS=-r./x npm test', 'npm test "', 'npm test $x']) {
      expect(['elevated', 'destructive'], text).toContain(line(text, { rules }).tier);
    }
  });
  test('never lower the floor', () => {
    const rules = ['sudo', 'rm', 'docker', 'curl', 'cat', 'countersign'].map((name) =>
      rule(name, { command: [name, '**'] }, 'read'),
    );
    for (const text of [
      'sudo ls',
      'docker run -v /:/h a',
      'cat ~/.countersign/x',
      'curl http://localhost:8787/',
      'countersign claim',
    ]) {
      expect(line(text, { rules }).tier, text).toBe('destructive');
    }
  });
  test('raise whatever they fit', () => {
    expect(line('ls', { rules: [rule('1', { command: ['ls', '**'] }, 'destructive')] }).tier).toBe(
      'destructive',
    );
    expect(
      line('cat secret/a', { rules: [rule('1', { path: '/home/u/code/secret' }, 'destructive')] }).tier,
    ).toBe('destructive');
    expect(
      line('cat secrets/a', { rules: [rule('1', { path: '/home/u/code/secret' }, 'destructive')] }).tier,
    ).not.toBe('destructive');
  });
  test('a star stands for a word, never for the program', () => {
    const rules = [rule('1', { command: ['*', 'x'] }, 'read')];
    expect(line('mytool x', { rules }).tier).toBe('elevated');
  });
});

describe('tools', () => {
  const tool = (name: string, args: Record<string, unknown>, more: Partial<RiskContext> = {}): Tier =>
    classify({ kind: 'tool', tool: name, arguments: args, cwd }, { ...context, ...more }).tier;
  test('a tool that runs a line is judged by the line', () => {
    expect(tool('Bash', { command: 'ls' })).toBe('read');
    expect(tool('Bash', { command: 'sudo ls' })).toBe('destructive');
    expect(tool('run_shell_command', { command: 'npm ci' })).toBe('elevated');
    expect(tool('shell', { command: ['bash', '-c', 'rm -rf x'] })).toBe('destructive');
    expect(tool('Bash', { line: 'ls' })).toBe('elevated');
  });
  test('a tool that names files is judged by the files', () => {
    expect(tool('Read', { file_path: '/home/u/code/a.ts' })).toBe('read');
    expect(tool('Read', { file_path: '/home/u/.ssh/id_rsa' })).toBe('elevated');
    expect(tool('Write', { file_path: '/home/u/code/a.ts', content: 'x' })).toBe('write');
    expect(tool('Write', { file_path: '/home/u/.bashrc', content: 'x' })).toBe('destructive');
    expect(tool('Edit', { file_path: '~/.countersign/countersign.jsonc' })).toBe('destructive');
    expect(tool('WebFetch', { url: 'https://example.com' })).toBe('read');
    expect(tool('WebFetch', { url: 'http://127.0.0.1:8787/' })).toBe('destructive');
  });
  test('H53: what a tool says of itself is not read', () => {
    expect(
      tool('mcp__x__y', {
        readOnly: true,
        approved: true,
        tier: 'read',
        annotations: { readOnlyHint: true },
      }),
    ).toBe('elevated');
    expect(tool('bash ', { command: 'ls' })).toBe('elevated');
    expect(tool('__proto__', {})).toBe('elevated');
    expect(tool('constructor', {})).toBe('elevated');
  });
  test('the host’s registry says what a tool is; Countersign’s own stays out of reach', () => {
    const tools = { mcp__x__y: { tier: 'read', why: 'looks', reads: ['path'] } } as const;
    expect(tool('mcp__x__y', { path: 'a' }, { tools })).toBe('read');
    expect(tool('mcp__x__y', { other: '/home/u/.countersign/client.json' }, { tools })).toBe('destructive');
  });
  test('a message to somebody unknown is asked for', () => {
    expect(classify({ kind: 'message' }, context).tier).toBe('elevated');
  });
});

describe('E-12, R46: "always allow" is never offered for more than one exact command', () => {
  test.each([
    ['npm test', true],
    ['make', true],
    ['git push', true],
    ['ls -la', true],
    ['env npm test', false],
    ['sh -c ls', false],
    ['bash x.sh', false],
    ['python x.py', false],
    ['npx eslint', false],
    ['nice make', false],
    ['find . -name x', false],
    ['xargs ls', false],
    ['awk 1 a', false],
    ['make > x', false],
    ['make | tee x', false],
    ['make; ls', false],
    ['A=1 make', false],
    ['ls *', false],
    ['ls $x', false],
    ['ls $(x)', false],
    ['sudo ls', false],
    ['rm -rf x', false],
    ['mytool', false],
    ['ls "', false],
    ['$x', false],
    ['busybox ls', false],
    ['time make', true],
    ['docker run a', false],
    ['ssh h ls', false],
    ['node -e 1', false],
    ['countersign exec ls', false],
  ])('%s: %s', (text, ok) => {
    const { always } = line(text);
    expect(always.ok).toBe(ok);
    if (!always.ok) expect(always.why).not.toBe('');
  });
});

test('R42: a mistake of the classifier itself is destructive, and never an exception', () => {
  const context: RiskContext = {
    home: '/home/u',
    guarded: { paths: [], ports: [], pids: [] },
    get rules(): never {
      throw new RangeError('the stack ended');
    },
    tools: {},
  };
  const found = classify({ kind: 'exec', argv: ['ls'], cwd: { path: '/home/u/code' } }, context);
  expect(found).toMatchObject({ tier: 'destructive', commands: [], always: { ok: false } });
  expect(found.reasons).toEqual([expect.objectContaining({ rule: 'unreadable' })]);
});

test('R42: whatever is no action at all is destructive, and never an exception', () => {
  let nest: unknown = 'x';
  for (let depth = 0; depth < 50_000; depth += 1) nest = [nest];
  const nothing: readonly unknown[] = [
    null,
    undefined,
    'exec',
    {},
    { kind: 'reboot' },
    { kind: 'exec' },
    { kind: 'exec', cwd },
    { kind: 'exec', shell: 7, cwd },
    { kind: 'exec', argv: ['ls', null], cwd },
    { kind: 'exec', argv: ['ls'], cwd: null },
    { kind: 'tool', tool: 'Bash', arguments: { command: nest }, cwd },
  ];
  for (const action of nothing) {
    // A caller without types.
    const found = Reflect.apply(classify, undefined, [action, context]) as Risk;
    expect(found).toMatchObject({ tier: 'destructive', always: { ok: false } });
    expect(found.reasons).toEqual([expect.objectContaining({ rule: 'unreadable' })]);
  }
});

test('more than five hundred commands in one line are not looked at one by one', () => {
  expect(line('true;'.repeat(499)).tier).toBe('read');
  expect(line('true;'.repeat(501))).toMatchObject({ tier: 'destructive' });
  expect(line(`${'true;'.repeat(501)}`).commands).toHaveLength(500);
  expect(line(`${'"${a:-'.repeat(200)}`).reasons[0]).toMatchObject({ rule: 'line.size' });
});

describe('what is started is not what it is called', () => {
  const started = (argv: readonly string[], path: string, env: Readonly<Record<string, string>> = {}) =>
    classify({ kind: 'exec', argv: [...argv], cwd, program: { path }, env }, context);

  test('H43, R44: a link with a harmless name is judged by the file it leads to, too', () => {
    expect(started(['ls', 'evil'], '/usr/bin/ls').tier).toBe('read');
    expect(started(['ls', 'evil'], '/usr/bin/dash').tier).toBe('elevated');
    expect(started(['ls', '-rf', '/srv'], '/usr/bin/rm').tier).toBe('destructive');
    // Programs of many names do what the name says.
    expect(started(['ls', 'evil'], '/usr/bin/busybox').tier).toBe('read');
  });

  test('H43, R36: a search path of somebody’s own makes names in a line, and behind a wrapper, somebody’s own programs', () => {
    const own = { PATH: '/tmp/evil:/usr/bin:/bin' };
    const by = (shell: string, env: Readonly<Record<string, string>>) =>
      classify({ kind: 'exec', shell, cwd, program: { path: '/usr/bin/bash' }, env }, context).tier;
    expect(by('ls', { PATH: '/usr/local/bin:/usr/bin/:/bin' })).toBe('read');
    expect(by('ls', own)).toBe('elevated');
    expect(by('ls', { PATH: '/usr/bin:' })).toBe('elevated');
    expect(started(['env', 'ls'], '/usr/bin/env', own).tier).toBe('elevated');
    // What the shell is itself is looked for nowhere, but where another program looks for it, or the shell was told to.
    expect(by('cd . && echo hi; X=1; test -n "$X" || exit 3', own)).toBe('read');
    for (const line of [
      'find . -exec test {} ;',
      'xargs echo',
      'env true',
      'command echo',
      'enable -n echo; echo',
    ])
      expect([line, by(line, own)]).toEqual([line, 'elevated']);
    // The program itself is bound by its file.
    expect(started(['ls'], '/usr/bin/ls', own).tier).toBe('read');
  });

  test('R45: folders of configuration that are brought along are seen', () => {
    expect(started(['git', 'status'], '/usr/bin/git', { HOME: facts.home }).tier).toBe('read');
    expect(started(['git', 'status'], '/usr/bin/git', { XDG_CONFIG_HOME: '/tmp/h' }).tier).toBe('elevated');
  });
});
