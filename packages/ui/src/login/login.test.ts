import { describe, expect, test } from 'vitest';
import { secondsLeft, spokenAt } from '../shared/left.ts';
import { sendChallenge, sendCode } from './api.ts';
import { challengeBody, parseAsked, parseStatus, ticketOf, verifyBody } from './login.ts';
import { LOGIN_START, type LoginEvent, type LoginStage, next } from './machine.ts';

const STATUS = { available: true, gateway: 'g', nonce: 'n', ts: 5_000, digits: 6 };
const key = {
  jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  device: 'd',
  sign: (domain: string, value: unknown) => Promise.resolve(`${domain} ${JSON.stringify(value)}`),
} as const;

describe('what is signed', () => {
  test('asking for a code, with a ticket only where one is given', async () => {
    expect(await challengeBody(key, STATUS, null)).toEqual({
      key: key.jwk,
      nonce: 'n',
      ts: 5_000,
      signature: 'countersign.login.v1 {"device":"d","gateway":"g","nonce":"n","ts":5000}',
    });
    expect(await challengeBody(key, STATUS, 'ABCD')).toMatchObject({
      ticket: 'ABCD',
      signature: expect.stringContaining('"ticket":"ABCD"'),
    });
  });

  test('R6: a code is signed for the request that caused it', async () => {
    expect(await verifyBody(key, STATUS, { requestId: 'chal_1', code: '123456' })).toEqual({
      requestId: 'chal_1',
      code: '123456',
      nonce: 'n',
      ts: 5_000,
      signature:
        'countersign.login.v1 {"device":"d","gateway":"g","nonce":"n","ts":5000,"requestId":"chal_1","code":"123456"}',
    });
  });
});

test('a code is good for as long as the gateway says, however wrong this browser’s clock is', () => {
  const answer = { requestId: 'chal_1', phrase: 'calm river', expiresAt: '1970-01-01T00:01:05.000Z' };
  const asked = parseAsked(answer, STATUS, 9_000_000);
  expect(asked).toEqual({ requestId: 'chal_1', phrase: 'calm river', until: 9_060_000, digits: 6 });
  expect(parseAsked({ ...answer, expiresAt: 'soon' }, STATUS, 0)).toBeNull();
  expect(parseStatus({ ...STATUS, digits: undefined })?.digits).toBeNull();
  expect(parseStatus({ ...STATUS, available: 'yes' })?.available).toBe(false);
  expect(parseStatus({ ...STATUS, ts: '5' })).toBeNull();
});

test('a ticket is read as people type it', () => {
  expect(ticketOf(' abcd-EFGH ')).toBe('ABCDEFGH');
  expect(ticketOf(' - ')).toBeNull();
});

test('what is left is seen by the second and heard three times', () => {
  const heard = [60, 31, 30, 11, 10, 1, 0].map(spokenAt);
  expect(heard).toEqual([null, null, 30, 30, 10, 10, 0]);
  expect([secondsLeft(1_001, 0), secondsLeft(1_000, 0), secondsLeft(0, 5)]).toEqual([2, 1, 0]);
});

describe('the calls', () => {
  const answering =
    (...answers: readonly (readonly [number, unknown])[]): typeof fetch =>
    (input) => {
      if (String(input).endsWith('/login')) return Promise.resolve(Response.json(STATUS));
      const [status, body] = answers[0] ?? [500, null];
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    };
  const ports = (...answers: readonly (readonly [number, unknown])[]) => ({
    key,
    fetch: answering(...answers),
    now: () => 0,
  });

  test('a challenge that was taken, and one that was not', async () => {
    const body = { requestId: 'chal_1', phrase: 'calm river', expiresAt: '1970-01-01T00:01:05.000Z' };
    expect(await sendChallenge(ports([202, body]), null)).toMatchObject({
      is: 'ok',
      value: { until: 60_000 },
    });
    const no = { code: 'policy_denied', title: 'No', detail: 'sign-in by chat code is turned off here' };
    expect(await sendChallenge(ports([403, no]), null)).toMatchObject({
      is: 'no',
      refusal: { code: 'policy_denied' },
    });
  });

  test('R13: every refused code is the same to the page; trouble of the gateway is not a refusal', async () => {
    const answer = { requestId: 'chal_1', code: '123456' };
    expect(await sendCode(ports([200, {}]), answer)).toBe(true);
    for (const status of [400, 401, 403, 404, 410, 429])
      expect(await sendCode(ports([status, { code: 'anything' }]), answer)).toBe(false);
    await expect(sendCode(ports([503, {}]), answer)).rejects.toThrow();
  });
});

describe('the page', () => {
  const asked = { requestId: 'chal_1', phrase: 'calm river', until: 60_000, digits: 6 };
  const after = (...events: readonly LoginEvent[]): LoginStage => events.reduce(next, LOGIN_START);
  const sent: readonly LoginEvent[] = [{ type: 'send' }, { type: 'sent', asked }];

  test('asks, shows the words, takes the code', () => {
    expect(after({ type: 'send' })).toMatchObject({ is: 'start', isBusy: true });
    expect(after(...sent)).toMatchObject({ is: 'asked', isBusy: false });
    expect(after(...sent, { type: 'submit' })).toMatchObject({ is: 'asked', isBusy: true });
    expect(after(...sent, { type: 'submit' }, { type: 'accepted' })).toEqual({ is: 'done' });
  });

  test('stays at the same request after a refusal: the code may have been mistyped', () => {
    const refused = after(...sent, { type: 'submit' }, { type: 'refused', fault: 'refused' });
    expect(refused).toMatchObject({ is: 'asked', asked, fault: 'refused', isBusy: false });
  });

  test('says when the time is over, but not over a code that is on its way', () => {
    expect(after(...sent, { type: 'timeOut' })).toMatchObject({ is: 'over' });
    expect(after(...sent, { type: 'submit' }, { type: 'timeOut' })).toMatchObject({ is: 'asked' });
    expect(after(...sent, { type: 'timeOut' }, ...sent)).toMatchObject({ is: 'asked' });
    const failed: LoginEvent = { type: 'notSent', fault: { is: 'network' } };
    expect(after(...sent, { type: 'timeOut' }, { type: 'send' }, failed)).toMatchObject({ is: 'over' });
    expect(after({ type: 'timeOut' })).toEqual(LOGIN_START);
  });
});
