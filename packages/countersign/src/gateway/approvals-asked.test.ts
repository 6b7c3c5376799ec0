// What a program that asks may say and see: one body with one meaning, its own requests and nobody else's, one request however
// often it is sent.
import { describe, expect, test } from 'vitest';
import { LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

describe('R35: a body has one meaning', () => {
  test('a name twice, however it is written and however deep, is no request', async () => {
    await using stage = await openApprovalHouse();
    const body = JSON.stringify({ action: PUSH });
    for (const twice of [
      body.replace('"argv"', '"argv":["git","status"],"argv"'),
      body.replace('"argv"', '"\\u0061rgv":["git","status"],"argv"'),
      body.replace('"PATH"', '"PATH":"/tmp","PATH"'),
      body.replace('"PATH"', '"__proto__":"/tmp","PATH"'),
      body.replace('main"]', '\\ud800"]'),
    ]) {
      expect(twice).not.toBe(body);
      expect(await codeOf(stage.asking(twice)), twice).toBe('request_malformed');
    }
    expect(await codeOf(stage.asking(body))).toBe('ok');
  });
});

describe('R61: a program sees its own', () => {
  test('what others asked is not there for it, whole or by a beginning, and no list is', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    expect(await codeOf(stage.sees(asked.id, { by: stage.other }))).toBe('not_found');
    expect(await codeOf(stage.sees(asked.id, { by: stage.other, wait: 5 }))).toBe('not_found');
    expect(await codeOf(stage.sees(asked.id.slice(0, 12)))).toBe('not_found');
    expect(await codeOf(stage.sees(asked.short))).toBe('not_found');
    expect(await codeOf(stage.sees('appr_'))).toBe('not_found');
    const bearer = { authorization: `Bearer ${stage.program.token}` };
    expect(await codeOf(stage.house.call('agent', 'GET', '/api/v1/approvals', undefined, bearer))).toBe(
      'auth_forbidden',
    );
  });

  test('H52: a handle of another agent, or one nobody gave, is no request without one', async () => {
    await using stage = await openApprovalHouse();
    const theirs = await stage.handle('olga', 'other');
    for (const session of [theirs, 'csh_AAAAAAAAAAAAAAAAAAAAAA', 'x', stage.people.olga])
      expect(await codeOf(stage.asking({ action: LOOK, session }))).toBe('identity_required');
    const list = await jsonOf<{ items: unknown[] }>(
      stage.house.call('host', 'GET', '/api/v1/approvals?show=all'),
    );
    expect(list.items).toEqual([]);
    const mine = await stage.handle('olga');
    expect(await stage.asks(PUSH, { session: mine })).toMatchObject({ requester: stage.people.olga });
  });

  test('H52: without a session nobody is meant, and never the owner: the owner decides it as anybody’s', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    expect(asked).toMatchObject({ requester: null, facts: { session: null, requester: null } });
    expect(asked.need?.people.toSorted()).toEqual([stage.people.olga, stage.people.ari].toSorted());
  });
});

describe('asking again', () => {
  test('the same key for the same answers the same request; for another, a conflict; of another program, another request', async () => {
    await using stage = await openApprovalHouse();
    const one = await stage.asks(PUSH, { key: 'k-1' });
    expect((await stage.asks(PUSH, { key: 'k-1' })).id).toBe(one.id);
    await stage.atHost(one.id, { decision: 'deny' });
    expect(await stage.asks(PUSH, { key: 'k-1' })).toMatchObject({ id: one.id, state: 'denied' });
    expect(await codeOf(stage.asking({ action: LOOK }, { key: 'k-1' }))).toBe('state_conflict');
    expect((await stage.asks(PUSH, { key: 'k-1', by: stage.other })).id).not.toBe(one.id);
    expect((await stage.asks(PUSH, { key: 'k-2' })).id).not.toBe(one.id);
    for (const key of ['', 'x'.repeat(201), 'two words', 'ü'])
      expect(await codeOf(stage.asking({ action: PUSH }, { key })), key).toBe('request_malformed');
  });

  test('fifty at once with one key are one request', async () => {
    await using stage = await openApprovalHouse();
    const rows = await Promise.all(Array.from({ length: 50 }, () => stage.asks(PUSH, { key: 'once' })));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
  });
});
