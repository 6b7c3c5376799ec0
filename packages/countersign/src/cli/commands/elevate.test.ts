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
  const begun = await json<object>('elevate', '15m', '--totp', code());
  expect(begun).toMatchObject({ agent: 'main', name: 'Olga', session: null, surface: 'host' });
  expect(await types('elevate', '15m', '--totp', code())).toMatchObject({ code: 11 });
  expect((await types('elevate')).out).toMatch(/elev_\w+ +main +Olga +what nobody else asks/);
  expect(await json('gateway', 'status')).toMatchObject({ elevated: [{ agent: 'main' }] });
  expect((await types('gateway', 'status')).out).toMatch(/elevated +main, unasked/);
  expect(await json('elevate', 'end')).toEqual({ ended: 1 });
  expect(await types('elevate', 'end')).toMatchObject({ code: 0, out: 'nothing was elevated\n' });
  expect(await types('elevate', 'end', 'elev_zzzz')).toMatchObject({ code: 13 });
});
