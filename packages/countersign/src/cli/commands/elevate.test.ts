// `elevate` and `approvals approve --totp` as typed, on a home without a gateway: a proof each time, said how it is given, and
// nothing without one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { totpAt } from '../../testing/factor-stage.ts';
import { FakeClock } from '../../testing/fakes.ts';
import { run } from '../run.ts';

const homes: string[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

function newHome() {
  const home = join(mkdtempSync(join(tmpdir(), 'cs-elevate-')), 'home');
  homes.push(join(home, '..'));
  const types = async (...args: string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const streams = {
      stdout: { write: (piece: string) => out.push(piece) },
      stderr: { write: (piece: string) => err.push(piece) },
      stdin: {},
    };
    const code = await run(args, { home, env: {}, streams, clock: new FakeClock() });
    return { code, out: out.join(''), err: err.join('') };
  };
  return {
    types,
    async json<T>(...args: string[]): Promise<T> {
      const { out, err } = await types(...args, '--json');
      if (out === '') throw new Error(err);
      const value: T = JSON.parse(out);
      return value;
    },
    async app() {
      const made = await this.json<{ id: string; secret: string }>('factors', 'enroll', 'totp');
      await types('factors', 'confirm', made.id, totpAt(made.secret, Date.now()));
      vi.setSystemTime(Date.now() + 30_000);
      return () => totpAt(made.secret, Date.now());
    },
  };
}

test('elevate: refused without a factor, without a code and with a used one; shown; ended without one', async () => {
  const { types, json, ...home } = newHome();
  await types('people', 'add', 'Olga', '--role', 'owner');
  expect(await types('elevate')).toMatchObject({ code: 0, out: 'nothing is elevated\n' });
  expect(await types('elevate', '15m')).toMatchObject({
    code: 11,
    err: expect.stringContaining('countersign factors enroll totp'),
  });
  const code = await home.app.call({ types, json, ...home });
  expect(await types('elevate', '15m')).toMatchObject({
    code: 11,
    err: expect.stringContaining('--totp CODE'),
  });
  expect(await types('elevate', 'soon', '--totp', code())).toMatchObject({ code: 2 });
  expect(await types('elevate', 'en')).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean countersign elevate end?'),
  });
  const begun = await json<object>('elevate', '15m', '--totp', code());
  expect(begun).toMatchObject({ agent: 'main', name: 'Olga', session: null, surface: 'host' });
  expect(await types('elevate', '15m', '--totp', code())).toMatchObject({ code: 11 });
  expect((await types('elevate')).out).toMatch(
    /elev_\w+ +main +Olga +what they ask it for, and what is asked for nobody in particular/,
  );
  expect(await json('gateway', 'status')).toMatchObject({ elevated: [{ agent: 'main' }] });
  expect((await types('gateway', 'status')).out).toMatch(/elevated +main, unasked/);
  expect(await json('elevate', 'end')).toEqual({ ended: 1 });
  expect(await types('elevate', 'end')).toMatchObject({ code: 0, out: 'nothing was elevated\n' });
  expect(await types('elevate', 'end', 'elev_zzzz')).toMatchObject({ code: 13 });
});

test('a name or a value with a typing error is said before a code is asked for, and costs none', async () => {
  const { types, json, ...home } = newHome();
  await types('people', 'add', 'Olga', '--role', 'owner');
  const code = await home.app.call({ types, json, ...home });
  const typo = ['policy', 'set', 'tiers.elevatd.timeout', '5m'];
  const banana = ['policy', 'set', 'tiers.elevated.timeout', 'banana'];
  const nobody = ['elevate', '15m', '--agent', 'nope'];
  for (const [words, says] of [
    [typo, 'no value of that name'],
    [banana, 'tiers.elevated.timeout'],
    [nobody, 'known: main'],
  ] as const) {
    for (const proof of [[], ['--totp', code()]])
      expect(await types(...words, ...proof), words.join(' ')).toMatchObject({
        code: words === nobody ? 13 : 10,
        err: expect.stringContaining(says),
      });
  }
  const fine = ['policy', 'set', 'tiers.elevated.timeout', '4m'];
  expect(await types(...fine)).toMatchObject({ code: 11, err: expect.stringContaining('proof') });
  expect(await types(...fine, '--totp', code())).toMatchObject({ code: 0 });
  vi.setSystemTime(Date.now() + 30_000);
  // An agent that the policy names is known.
  const named = ['policy', 'set', 'agents.coder.ask', 'always', '--totp', code()];
  expect(await types(...named)).toMatchObject({ code: 0 });
  vi.setSystemTime(Date.now() + 30_000);
  expect(await json('elevate', '15m', '--agent', 'coder', '--totp', code())).toMatchObject({
    agent: 'coder',
  });
});
