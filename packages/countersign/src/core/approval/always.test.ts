// E-12, H47: "always allow" of a wrapper allowed everything after it. What is kept is one command, exactly; what was brought
// from elsewhere never reaches further than there.
import { type Action, actionSchema, type ExecArgv } from '@countersign/protocol/approval';
import { describe, expect, test } from 'vitest';
import {
  type AllowRule,
  alwaysKey,
  alwaysUntil,
  type Classified,
  mayKeep,
  ruleFor,
  ruleText,
} from './always.ts';

const NOW = Date.UTC(2026, 10, 26);
const HASH = 'a'.repeat(64);
const ENV = { PATH: '/usr/bin:/bin', HOME: '/home/ana', LANG: 'C.UTF-8', TERM: 'xterm' };

const command: ExecArgv = {
  kind: 'exec',
  argv: ['git', 'push', 'origin', 'main'],
  cwd: { path: '/home/ana/project', device: '1', inode: '2' },
  program: { path: '/usr/bin/git', sha256: HASH },
  scripts: [],
  env: ENV,
  stdin: { kind: 'none' },
  host: 'ins_a',
};
const with_ = (more: Record<string, unknown>): Action => actionSchema.parse({ ...command, ...more });
const line = (shell: string): Action => {
  const { argv: _argv, ...rest } = command;
  return { ...rest, shell, program: { path: '/usr/bin/dash', sha256: HASH } };
};
const fine: Classified = { tier: 'elevated', always: { ok: true } };

function kept(action: Action = command, until = NOW + 1_000): AllowRule {
  const offer = mayKeep(action, 'main', fine);
  if (offer.outcome === 'deny') throw new Error(offer.reason);
  return { kind: 'exact', id: 'r1', key: offer.key, text: '', until };
}

const hits = (
  rule: AllowRule,
  action: Action,
  more: { agent?: string; risk?: Classified; now?: number } = {},
) =>
  ruleFor(
    [rule],
    { action, agent: more.agent ?? 'main', risk: more.risk ?? fine, home: '/home/ana' },
    more.now ?? NOW,
  ) === rule;

describe('an exact rule', () => {
  test('fits the same command, and ends to the millisecond', () => {
    expect(hits(kept(), command)).toBe(true);
    expect(hits(kept(), command, { now: NOW + 999 })).toBe(true);
    expect(hits(kept(), command, { now: NOW + 1_000 })).toBe(false);
  });

  const others: Readonly<Record<string, Action>> = {
    'another argument': with_({ argv: ['git', 'push', 'origin', 'dev'] }),
    'an argument more': with_({ argv: [...command.argv, '--force'] }),
    'arguments joined': with_({ argv: ['git', 'push origin main'] }),
    'a trailing space': with_({ argv: ['git', 'push', 'origin', 'main '] }),
    'another folder': with_({ cwd: { ...command.cwd, path: '/tmp' } }),
    'another folder in the same place': with_({ cwd: { ...command.cwd, inode: '3' } }),
    'an updated program': with_({ program: { path: '/usr/bin/git', sha256: 'b'.repeat(64) } }),
    'a program elsewhere': with_({ program: { path: '/tmp/git', sha256: HASH } }),
    'another PATH': with_({ env: { ...ENV, PATH: '/tmp:/usr/bin' } }),
    'another HOME': with_({ env: { ...ENV, HOME: '/tmp' } }),
    'a variable more': with_({ env: { ...ENV, GIT_SSH_COMMAND: 'x' } }),
    'another host': with_({ host: 'dev_a' }),
    'the same words in a shell': line('git push origin main'),
    'a script': with_({ scripts: [{ path: '/a', sha256: HASH }] }),
    'bytes to read': with_({ stdin: { kind: 'bytes', sha256: HASH, size: 1 } }),
  };
  for (const [name, action] of Object.entries(others))
    test(`does not fit ${name}`, () => expect(hits(kept(), action)).toBe(false));

  test('does not fit another agent', () => {
    expect(hits(kept(), command, { agent: 'ops' })).toBe(false);
  });

  test('fits with another language, terminal or time zone, and with somebody at the terminal', () => {
    const elsewhere = with_({
      env: { ...ENV, LANG: 'de_DE.UTF-8', LC_TIME: 'C', TERM: 'dumb', TZ: 'UTC' },
      stdin: { kind: 'terminal' },
    });
    expect(hits(kept(), elsewhere)).toBe(true);
  });

  test('fits nothing that has become destructive, or that the classifier takes for a wrapper today', () => {
    expect(hits(kept(), command, { risk: { tier: 'destructive', always: { ok: true } } })).toBe(false);
    const wrapper: Classified = { tier: 'read', always: { ok: false, why: 'a wrapper' } };
    expect(hits(kept(), command, { risk: wrapper })).toBe(false);
  });
});

test('a rule has an end: a minute away at least, ninety days at most', () => {
  const day = 86_400_000;
  const ends = [59_999, 60_000, 30 * day, 90 * day, 90 * day + 1, Number.POSITIVE_INFINITY, Number.NaN].map(
    (ms) => alwaysUntil(ms, NOW),
  );
  expect(ends).toEqual([null, NOW + 60_000, NOW + 30 * day, NOW + 90 * day, null, null, null]);
});

describe('what is never kept', () => {
  test('what is destructive, what the classifier forbids, a message, bytes to read', () => {
    const message = actionSchema.parse({
      kind: 'message',
      to: { channel: 'telegram', account: 'default', identifier: '1' },
      text: 'hi',
      attachments: [],
      host: 'ins_a',
    });
    const reasons = [
      mayKeep(command, 'main', { tier: 'destructive', always: { ok: true } }),
      mayKeep(command, 'main', { tier: 'write', always: { ok: false, why: 'sudo runs another program' } }),
      mayKeep(message, 'main', fine),
      mayKeep(with_({ stdin: { kind: 'bytes', sha256: HASH, size: 1 } }), 'main', fine),
    ].map((offer) => (offer.outcome === 'deny' ? offer.reason : 'kept'));
    expect(reasons).toEqual([
      'what is destructive is asked about every time',
      'sudo runs another program',
      'a message is asked about every time',
      'it reads bytes that may differ each time',
    ]);
  });
});

describe('patterns of version 1', () => {
  const program = (pattern: string): AllowRule => ({ kind: 'program', id: 'r', pattern });

  test('a real path, with stars within a folder and across', () => {
    expect(hits(program('/usr/bin/git'), command)).toBe(true);
    expect(hits(program('/usr/bin/*'), command)).toBe(true);
    expect(hits(program('/usr/**'), command)).toBe(true);
    expect(hits(program('/usr/*'), command)).toBe(false);
    expect(hits(program('/usr/bin/gi?'), command)).toBe(true);
    expect(hits(program('/usr/bin/GIT'), command)).toBe(false);
    expect(hits(program('/usr.bin.git'), command)).toBe(false);
    expect(hits(program('/usr/bin/(git|rm)'), command)).toBe(false);
  });

  test('~ is the home, as a place and not as a pattern', () => {
    const own = with_({ argv: ['tool'], program: { path: '/home/ana/bin/tool', sha256: HASH } });
    expect(hits(program('~/bin/*'), own)).toBe(true);
    expect(
      ruleFor([program('~/bin/*')], { action: own, agent: 'main', risk: fine, home: null }, NOW),
    ).toBeNull();
    const star = { action: own, agent: 'main', risk: fine, home: '/home/*' };
    expect(ruleFor([program('~/bin/*')], star, NOW)).toBeNull();
  });

  test('H48: a bare name is found wherever PATH leads, so it fits nothing', () => {
    for (const pattern of ['git', '*', '**', 'g*', '~', 'usr/bin/git'])
      expect(hits(program(pattern), command)).toBe(false);
  });

  test('the same program by another name is another command', () => {
    expect(hits(program('/usr/bin/git'), with_({ argv: ['./rm', '-rf', '/'] }))).toBe(false);
    expect(hits(program('/usr/bin/git'), with_({ argv: ['/usr/bin/git', 'status'] }))).toBe(true);
  });

  test('a variable more than every command gets is another command', () => {
    expect(hits(program('/usr/bin/git'), with_({ env: { ...ENV, LD_PRELOAD: '/tmp/x.so' } }))).toBe(false);
  });

  test('E-12: a shell line never fits, though its shell does', () => {
    expect(hits(program('/usr/bin/dash'), line('git push'))).toBe(false);
    expect(hits(program('/usr/bin/**'), line('git push'))).toBe(false);
  });

  test('a tool by server and name, exactly', () => {
    const rule: AllowRule = { kind: 'tool', id: 'r', server: 'files', tool: 'read' };
    const tool = (name: string) =>
      actionSchema.parse({ kind: 'tool', tool: name, arguments: { a: 1 }, cwd: null, host: 'ins_a' });
    expect(hits(rule, tool('mcp__files__read'))).toBe(true);
    for (const name of ['mcp__files__read_all', 'files__read', 'mcp__Files__read', 'mcp__x__files__read'])
      expect(hits(rule, tool(name))).toBe(false);
  });

  test('a dead rule fits nothing', () => {
    expect(hits({ kind: 'dead', id: 'r', pattern: '/usr/bin/git', why: '' }, command)).toBe(false);
  });
});

test('the rule is shown whole before it is kept', () => {
  expect(ruleText(command, 'main')).toMatchInlineSnapshot(`
    "main may do this, unasked:
    run a program
    | git push origin main
    in: /home/ana/project
    program: /usr/bin/git
    on: ins_a"
  `);
});

test('the key is of the command, not of who looks at it', () => {
  expect(alwaysKey(command, 'main')).toMatch(/^[0-9a-f]{64}$/);
  expect(alwaysKey({ ...command, env: { ...ENV } }, 'main')).toBe(alwaysKey(command, 'main'));
});
