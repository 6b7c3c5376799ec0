// R45, H43: the home of a command is chosen by whoever asks, and so is the folder it runs in. `git status` with a home that
// holds `core.fsmonitor = ./evil` runs evil; `tee .bashrc` in a home is run by the next shell. Neither is anything to run unasked.
import type { Tier } from '@countersign/protocol/tier';
import { describe, expect, test } from 'vitest';
import { classify } from './classify.ts';
import type { Risk, RiskContext } from './risk.ts';

const HERE = 'ins_a';
const PAIRED = `dev_${'a'.repeat(24)}`;
const ENV = {
  PATH: '/usr/bin:/bin',
  HOME: '/home/agent',
  USER: 'agent',
  LANG: 'de_DE.UTF-8',
  TERM: 'xterm-256color',
};
const context: RiskContext = {
  home: '/home/gateway',
  host: HERE,
  accounts: ['/home/gateway', '/home/agent', '/data/builder', '/var/lib/postgresql'],
  isHome: (path) => path === '/home/agent' || path === '/data/builder',
  guarded: { paths: ['/home/gateway/.countersign'], ports: [8787], pids: [] },
  rules: [],
  tools: {},
};

interface Where {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly host?: string;
}
const started = (words: string, { cwd = '/home/agent/work', env = {}, host = HERE }: Where = {}): Risk =>
  classify(
    {
      ...{ kind: 'exec', argv: words.split(' '), cwd: { path: cwd }, env: { ...ENV, ...env }, host },
      program: { path: `/usr/bin/${words.split(' ')[0]}` },
    },
    context,
  );
const tier = (words: string, where?: Where): Tier => started(words, where).tier;
const line = (shell: string, { cwd = '/home/agent/work', env = {}, host = HERE }: Where = {}): Tier =>
  classify({ kind: 'exec', shell, cwd: { path: cwd }, env: { ...ENV, ...env }, host }, context).tier;
const rules = (risk: Risk): string[] => risk.reasons.map(({ rule }) => rule);

describe('R45: a home that is nobody’s here', () => {
  const NOBODYS = [
    '/home/agent/work',
    '/home/agent/work/h',
    '/home/shared',
    '/home/agent/../agent/work',
    '/tmp/h',
    '/',
    '',
    '.',
    'home/agent',
    '/proc/self/cwd',
  ];
  test.each(NOBODYS)('%j raises what only looks, says so, and is never allowed for always', (home) => {
    const risk = started('git status', { env: { HOME: home } });
    expect([risk.tier, risk.always.ok]).toEqual(['elevated', false]);
    expect(rules(risk)).toContain('env.home');
  });

  test('the home of an account, the gateway’s own, and one with a stroke at its end raise nothing', () => {
    for (const home of ['/home/agent', '/home/agent/', '/data/builder', '/home/gateway'])
      expect(rules(started('git status', { env: { HOME: home } })), home).toEqual(['nothing']);
    expect(started('git status').always.ok).toBe(true);
  });

  test('a machine that was not looked at: what only its owner makes, or it is asked about', () => {
    for (const home of ['/home/ana', '/Users/Ana Lyst', '/root', '/var/home/ana'])
      expect(tier('git status', { host: 'laptop', env: { HOME: home } }), home).toBe('read');
    for (const home of ['/tmp/h', '/home/ana/x', '/home/..', '/srv/x', '/home/a\nb'])
      expect(tier('git status', { host: 'laptop', env: { HOME: home } }), home).toBe('elevated');
  });

  test('a paired machine gives its own; only its whole id is its name', () => {
    expect(tier('git status', { host: PAIRED, env: { HOME: '/var/lib/node' } })).toBe('read');
    expect(tier('git status', { host: 'dev_a', env: { HOME: '/var/lib/node' } })).toBe('elevated');
  });
});

describe('R45: what else every command gets', () => {
  const ODD = {
    TMPDIR: ['/home/agent/work/t', 't', '/tmp/../home/agent', '/tmpx'],
    TERM: ['../x', '/tmp/x', 'x/y', '.'],
    TZ: [
      '/tmp/zone',
      ':/tmp/zone',
      '../zone',
      ':../../zone',
      '/etc/passwd',
      '/usr/share/zoneinfo/../../../tmp/x',
    ],
    LANG: ['/tmp/x', '../../x', 'de/../x', '..'],
    LC_ALL: ['/tmp/x', './x'],
    USER: ['../x', '/x', '-x'],
  };
  test.each(Object.entries(ODD))('%s that leads to files', (name, values) => {
    for (const value of values) {
      const risk = started('git status', { env: { [name]: value } });
      expect([risk.tier, risk.always.ok], `${name}=${value}`).toEqual(['elevated', false]);
      expect(line(`${name}='${value}' git status`), `${name}=${value}`).toBe('elevated');
    }
  });

  const USUAL = {
    TMPDIR: ['/tmp', '/tmp/', '/tmp/claude-1000', '/var/tmp', '/var/folders/ab/c_d/T/', '/run/user/1000'],
    TERM: ['xterm', 'screen.xterm-256color', 'dumb', ''],
    TZ: [
      'UTC',
      'Europe/Berlin',
      ':Europe/Berlin',
      'America/Argentina/Buenos_Aires',
      'EST5EDT,M3.2.0,M11.1.0',
      '<+03>-3',
      '',
    ],
    LANG: ['C', 'C.UTF-8', 'de_DE@euro', 'en_US.UTF-8', ''],
    LC_ALL: ['C', 'POSIX'],
    USER: ['ana', 'ana.lyst', 'www-data', 'svc$', ''],
  };
  test.each(Object.entries(USUAL))('%s as it is everywhere', (name, values) => {
    for (const value of values) {
      expect(rules(started('git status', { env: { [name]: value } })), `${name}=${value}`).toEqual([
        'nothing',
      ]);
      expect(line(`${name}='${value}' git status`), `${name}=${value}`).toBe('read');
    }
  });

  test('H45: a variable that is named and that programs obey', () => {
    for (const name of [
      'APT_CONFIG',
      'KUBECONFIG',
      'CPATH',
      'LIBRARY_PATH',
      'PKG_CONFIG_PATH',
      'BAT_PAGER',
      'DELTA_PAGER',
    ])
      expect(tier('git status', { env: { [name]: './x' } }), name).toBe('elevated');
    for (const name of [
      'INPUTRC',
      'NIX_PATH',
      'COREPACK_HOME',
      'RPM_CONFIGDIR',
      'TZDIR',
      'MISE_CONFIG_FILE',
      'GH_PAGER',
    ])
      expect(tier('git status', { env: { [name]: './x' } }), name).toBe('elevated');
    for (const value of ['/home/agent/work/sh', './bash', '/tmp/bin/sh'])
      expect(tier('git status', { env: { SHELL: value } }), value).toBe('elevated');
    expect(tier('git status', { env: { SHELL: '/bin/zsh', DISPLAY: ':0', CI: '1' } })).toBe('read');
  });
});

describe('H43: the places of a home, in whichever home', () => {
  const HOMES = [
    '/home/agent',
    '/home/gateway',
    '/home/somebody',
    '/Users/ana',
    '/root',
    '/data/builder',
    '/var/home/x',
  ];
  const WRITTEN = [
    '.bashrc',
    '.profile',
    '.gitconfig',
    '.ssh/authorized_keys',
    '.config/autostart/x.desktop',
  ];
  const READ = ['.config/gh/hosts.yml', '.claude.json', '.bash_history', '.ssh/id_rsa', '.aws/credentials'];

  test.each(HOMES)('%s', (home) => {
    for (const host of [HERE, PAIRED, 'laptop']) {
      for (const name of [...WRITTEN, '.local/bin/git', 'bin/ls']) {
        expect(tier(`tee ${name}`, { cwd: home, host }), name).toBe('destructive');
        expect(line(`cp x ${home}/${name}`, { host }), name).toBe('destructive');
        expect(line(`cd ${home} && echo x > ${name}`, { host }), name).toBe('destructive');
      }
      for (const name of READ) expect(tier(`cat ${name}`, { cwd: home, host }), name).toBe('elevated');
    }
  });

  test('the home that the command itself gets, wherever that is, and where it leads', () => {
    const env = { HOME: '/opt/bot' };
    expect(tier('tee .bashrc', { cwd: '/opt/bot', env, host: PAIRED })).toBe('destructive');
    expect(line('echo x > ~/.bashrc', { cwd: '/opt/bot', env, host: PAIRED })).toBe('destructive');
    expect(line('cat $HOME/.claude.json', { cwd: '/opt/bot', env, host: PAIRED })).toBe('elevated');
    const linked = {
      ...context,
      realPath: (path: string) => (path === '/home/agent' ? '/data/agent' : null),
    };
    const action = {
      kind: 'exec',
      argv: ['tee', '.bashrc'],
      cwd: { path: '/data/agent' },
      env: ENV,
      host: HERE,
    } as const;
    expect(classify(action, linked).tier).toBe('destructive');
  });

  test('a pattern that could be a home is one', () => {
    for (const pattern of [
      '/h*/agent/.bashrc',
      '/home/*/.bashrc',
      '/home/a?ent/.bash*',
      '/da*/*/.bashrc',
      '/U*/*/.zshrc',
    ])
      expect(line(`tee ${pattern}`, { cwd: '/' }), pattern).toBe('destructive');
    expect(line('cat /h*/*/.bash_history', { cwd: '/' })).toBe('elevated');
  });

  test('`~` is the home of the command, not of the gateway: it is inside where that is', () => {
    expect(line('cat ~/work/notes.txt')).toBe('read');
    expect(line('cat ~/work/notes.txt', { env: { HOME: '/data/builder' } })).toBe('elevated');
    expect(line('rm -rf ~/.countersign', { env: { HOME: '/home/gateway' } })).toBe('destructive');
  });

  test('a home that a shell would part into words is not read as one', () => {
    expect(line('cat $HOME/notes.txt', { env: { HOME: '/home/agent/work /etc' } })).toBe('elevated');
    expect(line('tee ~/.bashrc', { env: { HOME: '/home/*' } })).toBe('destructive');
  });

  test('without a home in the environment nobody knows what `~` is', () => {
    const action = {
      kind: 'exec',
      shell: 'cat $HOME/x',
      cwd: { path: '/home/gateway' },
      env: {},
      host: HERE,
    } as const;
    expect(classify(action, context).tier).toBe('elevated');
  });

  test('a working folder below a home is a folder like any other', () => {
    expect(tier('cat notes.txt')).toBe('read');
    expect(tier('tee notes.txt')).toBe('write');
    for (const cwd of ['/home/agent/dotfiles', '/home/agent/work/skel', '/data/builder/job'])
      expect(tier('tee .bashrc', { cwd }), cwd).toBe('write');
    expect(tier('ls -la', { cwd: '/home/agent' })).toBe('read');
    expect(tier('cat notes.txt', { cwd: '/home/agent' })).toBe('read');
  });
});

describe('H43: a tool that names files', () => {
  const reads = (path: string, host: string): Risk =>
    classify(
      { kind: 'tool', tool: 'Read', arguments: { file_path: path }, cwd: { path: '/home/agent/work' }, host },
      context,
    );
  test('a home of another account, or of another machine, is one', () => {
    for (const host of [HERE, PAIRED])
      for (const path of [
        '/home/agent/.claude.json',
        '/data/builder/.bash_history',
        '~/.config/gh/hosts.yml',
      ])
        expect(reads(path, host).tier, path).toBe('elevated');
  });
  test('`~` of another machine is no folder below the working folder', () => {
    expect(reads('~/notes.txt', PAIRED).tier).toBe('elevated');
  });
});
