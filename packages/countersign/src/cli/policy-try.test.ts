// `policy test` and `policy import` as typed: what they say is what would happen (E-13), with the rules, the PATH and the folder
// of whoever asks, and with what works elevated; and a document that lets more run than before says so.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { totpAt } from '../testing/factor-stage.ts';
import { FakeClock } from '../testing/fakes.ts';
import { run } from './run.ts';

const SYSTEM = '/usr/bin:/bin';
let place: string;
let env: Record<string, string>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  place = realpathSync(mkdtempSync(join(tmpdir(), 'cs-try-')));
  mkdirSync(join(place, 'work'));
  env = { PATH: SYSTEM, HOME: homedir() };
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(place, { recursive: true, force: true });
});

async function types(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const streams = {
    stdout: { write: (piece: string) => out.push(piece) },
    stderr: { write: (piece: string) => err.push(piece) },
    stdin: {},
  };
  const code = await run(args, { home: join(place, 'home'), env, streams, clock: new FakeClock() });
  return { code, out: out.join(''), err: err.join('') };
}

const tries = async (...words: string[]) => {
  const { out, err } = await types('policy', 'test', '--json', '--cwd', join(place, 'work'), ...words);
  if (out === '') throw new Error(err);
  const found: object = JSON.parse(out);
  return found;
};

const imports = (document: object, ...more: string[]) => {
  const file = join(place, 'policy.json');
  writeFileSync(file, JSON.stringify(document));
  return types('policy', 'import', file, ...more);
};

test('E-13: a program with its words is tried with the rule that would let it run; a line has none', async () => {
  await types('people', 'add', 'Olga', '--role', 'owner');
  const rule = { pattern: realpathSync('/usr/bin/git') };
  const defaults = { security: 'allowlist', ask: 'on-miss' };
  expect(await imports({ version: 1, defaults, agents: { main: { allowlist: [rule] } } })).toMatchObject({
    code: 0,
  });
  expect(await tries('--', 'git', '--version')).toMatchObject({ outcome: 'allow', because: 'rule' });
  expect(await tries('git --version')).toMatchObject({ outcome: 'require' });
});

test('E-13: the PATH of whoever asks counts, and a folder that is not there is no answer', async () => {
  await types('people', 'add', 'Olga', '--role', 'owner');
  expect(await tries('ls | wc -l')).toMatchObject({ outcome: 'allow' });
  env['PATH'] = `${join(place, 'work')}:${SYSTEM}`;
  expect(await tries('ls | wc -l')).toMatchObject({ tier: 'elevated', outcome: 'require' });
  const { out } = await types('policy', 'test', 'ls | wc -l');
  expect(out).toContain('another PATH may raise it');
  const away = await types('policy', 'test', '--cwd', join(place, 'nowhere'), 'ls');
  expect(away).toMatchObject({ code: 2, out: '', err: expect.stringContaining('the folder') });
});

test('a program that is not here is looked at by its words, and that is said', async () => {
  await types('people', 'add', 'Olga', '--role', 'owner');
  const { code, out } = await types('policy', 'test', '--', 'no-such-program', '-x');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('looked at as a line') });
});

test('E-13: what works elevated is said to run, and what is destructive is not', async () => {
  await types('people', 'add', 'Olga', '--role', 'owner');
  const { out } = await types('factors', 'enroll', 'totp', '--json');
  const made: { id: string; secret: string } = JSON.parse(out);
  await types('factors', 'confirm', made.id, totpAt(made.secret, Date.now()));
  expect(await tries('git push')).toMatchObject({ outcome: 'require' });
  vi.setSystemTime(Date.now() + 30_000);
  expect(await types('elevate', '15m', '--totp', totpAt(made.secret, Date.now()))).toMatchObject({ code: 0 });
  expect(await tries('git push')).toMatchObject({ outcome: 'allow', because: 'elevated' });
  expect(await tries('git push; rm -rf /')).toMatchObject({ tier: 'destructive', outcome: 'require' });
});

test('a document that lets more run than the policy it replaces says where, before and after', async () => {
  const document = { version: 1, defaults: { security: 'full', ask: 'off' } };
  for (const more of [['--dry-run'], []]) {
    const { code, out } = await imports(document, ...more);
    expect(code).toBe(0);
    expect(out).toContain('note: defaults.security: looser than before: allowlist → full');
    expect(out).toContain('note: defaults.ask: looser than before: on-miss → off');
  }
  const back = await imports({ version: 1, defaults: { security: 'deny', ask: 'always' } });
  expect(back.code).toBe(0);
  expect(back.out).not.toContain('looser');
});
