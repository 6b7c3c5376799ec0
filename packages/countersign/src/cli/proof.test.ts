// A proof beside a call, as the command line sends it: once, to whom it belongs, and never as more than one header line.
import type { FetchInit } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { headersOf, provenFetch } from './proof.ts';

/** A gateway that wants a proof, and remembers what came with each call. */
function gateway(members: Record<string, unknown> = {}) {
  const heard: FetchInit['headers'][] = [];
  return {
    heard,
    fetch: async (_path: string, init: FetchInit) => {
      heard.push(init.headers);
      const proven = init.headers?.['x-countersign-factor'] !== undefined;
      const problem = new Problem('auth_factor_required', { members });
      return { status: proven ? 200 : 403, text: async () => (proven ? '{}' : JSON.stringify(problem)) };
    },
  };
}

function asking(code: string) {
  const asked: unknown[] = [];
  return {
    asked,
    code: async () => {
      asked.push('code');
      return code;
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
