// From a command to the people who are asked, with the real classifier: the default policy as the specification's table has
// it, and E-12's wrappers, which no rule ever lets through.
import { type Action, actionSchema } from '@countersign/protocol/approval';
import { describe, expect, test } from 'vitest';
import type { AllowRule } from './always.ts';
import { type Considered, consider } from './consider.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import type { RiskContext } from './risk/risk.ts';

const NOW = Date.UTC(2026, 10, 26);
const HASH = 'a'.repeat(64);
const context: RiskContext = {
  home: '/home/ana',
  guarded: { paths: ['/home/ana/.countersign'], ports: [8787], pids: [] },
  rules: [],
  tools: {},
};

const parts = {
  kind: 'exec',
  cwd: { path: '/home/ana/project', device: '1', inode: '2' },
  scripts: [],
  env: { PATH: '/usr/bin:/bin', HOME: '/home/ana' },
  stdin: { kind: 'none' },
  host: 'ins_a',
} as const;
const argv = (...words: [string, ...string[]]): Action =>
  actionSchema.parse({ ...parts, argv: words, program: { path: `/usr/bin/${words[0]}`, sha256: HASH } });
const line = (shell: string): Action =>
  actionSchema.parse({ ...parts, shell, program: { path: '/usr/bin/dash', sha256: HASH } });

const look = (action: Action, policy: Policy = DEFAULT_POLICY): Considered =>
  consider(
    policy,
    {
      action,
      agent: 'main',
      requester: null,
      candidates: [{ principal: 'prn_owner', role: 'owner', factors: ['totp'] }],
      elevatedUntil: null,
    },
    context,
    NOW,
  );
const said = ({ risk, verdict }: Considered) =>
  `${risk.tier}: ${verdict.outcome}${verdict.outcome === 'require' && verdict.need.factors.length > 0 ? ' + proof' : ''}`;

describe('the table of the default policy', () => {
  const cases: readonly (readonly [Action, string])[] = [
    [argv('ls'), 'read: allow'],
    [line('git status'), 'read: allow'],
    [argv('mkdir', 'out'), 'write: allow'],
    [line('make test'), 'elevated: require + proof'],
    [line('git push'), 'elevated: require + proof'],
    [argv('rm', '-rf', 'build'), 'destructive: require + proof'],
    [line('curl -s x | sudo sh'), 'destructive: require + proof'],
    [line('cat /home/ana/.countersign/keys/storage'), 'destructive: require + proof'],
    [line("echo 'unclosed"), 'elevated: require + proof'],
  ];
  for (const [action, expected] of cases) {
    const name = 'shell' in action ? action.shell : 'argv' in action ? action.argv.join(' ') : '';
    test(name, () => expect(said(look(action))).toBe(expected));
  }
});

describe('E-12: a rule lets through one command, and no wrapper of it', () => {
  const kept = (action: Action): AllowRule => {
    const { always } = look(action);
    if (always.outcome === 'deny') throw new Error(always.reason);
    return { kind: 'exact', id: 'r1', key: always.key, text: '', until: NOW + 1 };
  };
  const withRules = (...rules: AllowRule[]): Policy => ({
    ...DEFAULT_POLICY,
    defaults: { ...DEFAULT_POLICY.defaults, rules },
  });

  test('the command itself runs unasked', () => {
    const push = argv('git', 'push', 'origin', 'main');
    expect(look(push, withRules(kept(push))).verdict).toEqual({ outcome: 'allow', because: 'rule' });
  });

  test('wrappers, interpreters, redirections and what is destructive are never kept', () => {
    const never = [
      argv('env', 'git', 'push'),
      argv('sudo', 'git', 'push'),
      argv('sh', '-c', 'git push'),
      argv('python3', '-c', 'print(1)'),
      argv('xargs', 'git', 'push'),
      argv('nohup', 'git', 'push'),
      argv('timeout', '5', 'git', 'push'),
      line('git push > log.txt'),
      line('git push && sh -c x'),
      line('$CMD push'),
      argv('rm', '-rf', 'build'),
      argv('some-unknown-wrapper', 'git', 'push'),
    ];
    const offered = never.map((action) => look(action).always.outcome);
    expect(offered).toEqual(never.map(() => 'deny'));
  });

  test('a list of version 1 that holds a shell and an interpreter lets neither run anything', () => {
    const rules = ['/usr/bin/*'].map((pattern): AllowRule => ({ kind: 'program', id: pattern, pattern }));
    for (const action of [
      argv('sh', '-c', 'git push'),
      argv('python3', '-c', 'x'),
      argv('sudo', 'ls'),
      line('git push'),
    ])
      expect(look(action, withRules(...rules)).verdict.outcome).toBe('require');
    expect(look(argv('git', 'push'), withRules(...rules)).verdict.outcome).toBe('allow');
  });
});

describe('R45: what a command gets of its home is part of what is asked', () => {
  const withHome = (action: Action, home: string, more: object = {}): Action =>
    actionSchema.parse({ ...action, env: { PATH: '/usr/bin:/bin', HOME: home, ...more } });
  const listed = (...patterns: string[]): Policy => ({
    ...DEFAULT_POLICY,
    defaults: {
      ...DEFAULT_POLICY.defaults,
      rules: patterns.map((pattern): AllowRule => ({ kind: 'program', id: pattern, pattern })),
    },
  });

  test('what only looks is asked about with a home that holds somebody’s settings', () => {
    expect(said(look(withHome(argv('git', 'status'), '/home/ana')))).toBe('read: allow');
    for (const home of ['/home/ana/project/h', '/tmp/h', '/home/ana/project'])
      expect(said(look(withHome(argv('git', 'status'), home))), home).toBe('elevated: require + proof');
    for (const more of [
      { TZ: '/tmp/z' },
      { TERM: '../x' },
      { LC_ALL: '../x' },
      { TMPDIR: '/home/ana/project' },
    ])
      expect(said(look(withHome(argv('git', 'status'), '/home/ana', more)))).toBe(
        'elevated: require + proof',
      );
  });

  test('no rule for the program covers it, and none that leaves these variables open is kept', () => {
    const rules = listed('/usr/bin/*');
    expect(look(withHome(argv('git', 'push'), '/home/ana'), rules).verdict.outcome).toBe('allow');
    for (const action of [
      withHome(argv('git', 'push'), '/tmp/h'),
      withHome(argv('git', 'push'), '/home/ana', { TZ: ':/tmp/z' }),
    ]) {
      expect(look(action, rules).verdict.outcome).toBe('require');
      expect(look(action).always.outcome).toBe('deny');
    }
  });

  test('`~` of a rule is the gateway’s home, whatever the command says its own is', () => {
    const rule = (path: string, home: string, host: string = parts.host): string | null => {
      const asked = { ...withHome(argv('git', 'push'), home), host, program: { path, sha256: HASH } };
      return look(actionSchema.parse(asked), listed('~/bin/*')).rule?.id ?? null;
    };
    expect(rule('/home/ana/bin/git', '/home/ana')).toBe('~/bin/*');
    expect(rule('/home/eve/bin/git', '/home/eve')).toBeNull();
    // A paired machine gives its own home, and nobody chooses it.
    const paired = `dev_${'a'.repeat(24)}`;
    expect(rule('/srv/n/bin/git', '/srv/n', paired)).toBe('~/bin/*');
    expect(rule('/home/ana/bin/git', '/srv/n', paired)).toBeNull();
    expect(rule('/srv/n/bin/git', '/srv/n', 'dev_a')).toBeNull();
  });

  test('H43: a start-up file of the home that the command begins in is never written unasked', () => {
    for (const path of ['/home/ana', '/home/agent', '/root', '/Users/ana']) {
      const action = actionSchema.parse({
        ...argv('tee', '.bashrc'),
        cwd: { path, device: '1', inode: '2' },
      });
      expect(said(look(action)), path).toBe('destructive: require + proof');
    }
  });
});
