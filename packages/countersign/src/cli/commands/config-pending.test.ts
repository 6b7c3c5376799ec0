// `config pending` and `config accept` as typed, on a home without a gateway: what waits, whose word it needs, and what
// happens when somebody says it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FakeClock } from '../../testing/fakes.ts';
import { run } from '../run.ts';

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

const list = (...natives: string[]) =>
  `{ "channels": { "telegram": { "botToken": "1:x", "allowFrom": ${JSON.stringify(natives)} } } }`;

function newHome(text: string) {
  const home = join(mkdtempSync(join(tmpdir(), 'cs-pending-')), 'home');
  homes.push(join(home, '..'));
  const file = join(home, 'countersign.jsonc');
  return {
    file,
    write: (next: string) => writeFileSync(file, next, { mode: 0o600 }),
    read: () => readFileSync(file, 'utf8'),
    async types(...args: string[]) {
      const [out, err]: [string[], string[]] = [[], []];
      const streams = {
        stdout: { write: (piece: string) => out.push(piece) },
        stderr: { write: (piece: string) => err.push(piece) },
        stdin: {},
      };
      const code = await run(args, { home, env: {}, streams, clock: new FakeClock() });
      return { code, out: out.join(''), err: err.join('') };
    },
    /** The first look: whoever stands there now is known from here on. */
    async begin() {
      mkdirSync(home, { mode: 0o700 });
      this.write(text);
      expect((await this.types('config', 'pending')).out).toBe('nothing waits\n');
    },
  };
}

test('a list that lost much at once: shown, kept, accepted', async () => {
  const home = newHome(list('11', '22', '33'));
  await home.begin();
  home.write(list('33'));
  const shown = await home.types('config', 'pending');
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain('2 of 3 people of telegram are gone at once, and stay in: 11, 22');
  expect(shown.out).toContain('countersign config accept channels.telegram.allowFrom');
  const { items } = JSON.parse((await home.types('config', 'pending', '--json')).out);
  expect(items).toEqual([
    {
      path: 'channels.telegram.allowFrom',
      why: 'mass_removal',
      channel: 'telegram',
      account: 'default',
      inForce: ['11', '22', '33'],
      asked: ['33'],
      gone: ['11', '22'],
    },
  ]);
  expect((await home.types('doctor')).out).toContain('2 people are gone at once; nobody was put out');
  const accepted = await home.types('config', 'accept', 'channels.telegram.allowFrom');
  expect(accepted).toMatchObject({ code: 0, out: 'channels.telegram.allowFrom is accepted\n' });
  expect((await home.types('config', 'pending')).out).toBe('nothing waits\n');
  const again = await home.types('config', 'accept', 'channels.telegram.allowFrom');
  expect(again).toMatchObject({ code: 13, err: expect.stringContaining('nothing waits at') });
});

test('config set says when what it wrote waits', async () => {
  const home = newHome(list('11', '22', '33'));
  await home.begin();
  const set = await home.types('config', 'set', 'channels.telegram.allowFrom', '["33"]');
  expect(set.code).toBe(0);
  expect(set.err).toContain('it waits: 2 of 3 people');
  expect(JSON.parse((await home.types('config', 'get', 'channels.telegram.allowFrom')).out)).toEqual(['33']);
});

test('an entry that can never match is named by path and hint, by validate and by doctor', async () => {
  const home = newHome(list('11'));
  await home.begin();
  home.write(list('11', '@ana', '-100200'));
  for (const verb of [['config', 'validate'], ['doctor']]) {
    const { code, out, err } = await home.types(...verb);
    expect(code, verb.join(' ')).toBe(10);
    const said = out + err;
    expect(said).toContain('channels.telegram.allowFrom[1]');
    expect(said).toContain('a user name can change hands');
    expect(said).toContain('channels.telegram.allowFrom[2]');
    expect(said).toContain('a group is not a person');
    expect(said).toContain('the numeric id of a person');
  }
});
