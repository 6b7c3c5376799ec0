// A proof beside a call, as the command line sends it: once, to whom it belongs, and never as more than one header line.
import type { FetchInit } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { headersOf, provenFetch } from './proof.ts';

/** A gateway that wants a proof, takes one code of many, and remembers what came with each call. */
function gateway(members: Record<string, unknown> = {}, right?: string) {
  const heard: FetchInit['headers'][] = [];
  return {
    heard,
    fetch: async (_path: string, init: FetchInit) => {
      heard.push(init.headers);
      const proven = init.headers?.['x-countersign-factor'] !== undefined;
      const problem = new Problem('auth_factor_required', { members });
      if (proven && right !== undefined && init.headers?.['x-countersign-factor'] !== `totp ${right}`)
        return { status: 401, text: async () => JSON.stringify(new Problem('challenge_failed')) };
      return { status: proven ? 200 : 403, text: async () => (proven ? '{}' : JSON.stringify(problem)) };
    },
  };
}

function asking(...codes: string[]) {
  const asked: unknown[] = [];
  return {
    asked,
    code: async (again: boolean) => {
      asked.push(again ? 'again' : 'code');
      return codes.shift() ?? 'none left';
    },
    owner: async (owners: readonly unknown[]) => {
      asked.push(owners);
      return 'prn_olga';
    },
  };
}

test('in a terminal the code is asked for once, and the call repeated with it', async () => {
  const { fetch, heard } = gateway();
  const ask = asking('123456');
  const answer = await provenFetch(fetch, {}, { interactive: true }, ask)('/x', { method: 'POST' });
  expect(answer.status).toBe(200);
  expect(ask.asked).toEqual(['code']);
  expect(heard).toEqual([{}, { 'x-countersign-factor': 'totp 123456' }]);
});

test('after a slip the code is asked for again, twice at most; then it is refused as it was', async () => {
  const slip = gateway({}, '222222');
  const ask = asking('111111', '222222');
  const answer = await provenFetch(slip.fetch, {}, { interactive: true }, ask)('/x', { method: 'POST' });
  expect([answer.status, ask.asked]).toEqual([200, ['code', 'again']]);

  const wrong = gateway({}, '222222');
  const tries = asking('1', '2', '3', '222222');
  const last = await provenFetch(wrong.fetch, {}, { interactive: true }, tries)('/x', { method: 'POST' });
  expect([last.status, tries.asked]).toEqual([401, ['code', 'again', 'again']]);
  expect(JSON.parse(await last.text())).toMatchObject({ code: 'challenge_failed' });
});

test('a code that was given on the line is tried once: nobody is asked for another', async () => {
  const { fetch, heard } = gateway({}, '222222');
  const ask = asking('222222');
  const answer = await provenFetch(
    fetch,
    { totp: '1' },
    { interactive: true },
    ask,
  )('/x', { method: 'POST' });
  expect([answer.status, ask.asked, heard.length]).toEqual([401, [], 1]);
});

test('of several owners one is picked first, unless --as said which', async () => {
  const owners = [
    { id: 'prn_olga', name: 'Olga' },
    { id: 'prn_otto', name: 'Otto' },
  ];
  for (const [as, sent] of [
    [undefined, 'prn_olga'],
    ['Ólga', '%C3%93lga'],
  ] as const) {
    const { fetch, heard } = gateway({ owners });
    const ask = asking('123456');
    await provenFetch(fetch, { as }, { interactive: true }, ask)('/x', { method: 'POST' });
    expect(ask.asked).toEqual(as === undefined ? [owners, 'code'] : ['code']);
    expect(heard.at(-1)).toMatchObject({ 'x-countersign-as': sent });
  }
});

test('without anybody to ask the refusal stands, whole', async () => {
  const { fetch } = gateway();
  const answer = await provenFetch(fetch, {}, { interactive: false }, asking('1'))('/x', { method: 'POST' });
  expect(answer.status).toBe(403);
  expect(JSON.parse(await answer.text())).toMatchObject({ code: 'auth_factor_required' });
});

test('other refusals are passed on as they came', async () => {
  const text = JSON.stringify(new Problem('auth_forbidden'));
  const fetch = async () => ({ status: 403, text: async () => text });
  const ask = asking('1');
  const answer = await provenFetch(fetch, {}, { interactive: true }, ask)('/x', { method: 'POST' });
  expect([answer.status, await answer.text(), ask.asked]).toEqual([403, text, []]);
});

test('two proofs, or one with a line break in it, are no proof', () => {
  expect(headersOf({ recovery: 'a-bcde', as: 'Olga' })).toEqual({
    'x-countersign-factor': 'recovery a-bcde',
    'x-countersign-as': 'Olga',
  });
  for (const wrong of [{ totp: '1', recovery: '2' }, { totp: '1\r\nx: y' }, { totp: '１２３' }])
    expect(() => headersOf(wrong)).toThrow(Problem);
});
