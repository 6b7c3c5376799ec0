import { describe, expect, test } from 'vitest';
import { askStatus, parseRefusal, sendClaim } from './api.ts';
import { type ClaimState, claimBody, nameOf, secretOf, viewOf } from './claim.ts';

const HOME = { secure: true, home: null };
const ELSEWHERE = { secure: true, home: 'http://localhost:8787/' };
const asked = (owned: boolean, code?: string): ClaimState => ({
  is: 'asked',
  status: { owned, gateway: 'g', nonce: 'n', ts: 1 },
  refusal: code === undefined ? null : parseRefusal(401, { code, title: 'No', hint: 'again' }),
  busy: false,
});

describe('the claim page shows', () => {
  test.each([
    ['how to claim, to somebody without a link', asked(false), null, HOME, 'unclaimed'],
    ['the form, to somebody with one', asked(false), 's', HOME, 'form'],
    ['where its home is, to somebody with a link at an IP', asked(false), 's', ELSEWHERE, 'wrong_place'],
    ['only that it is owned, once it is', asked(true), 's', HOME, 'owned'],
    ['the same when another browser was quicker', asked(false, 'already_owned'), 's', HOME, 'owned'],
    [
      'how to make a new link, when this one is no good',
      asked(false, 'challenge_failed'),
      's',
      HOME,
      'bad_link',
    ],
    ['the form again, when it was only too fast', asked(false, 'rate_limited'), 's', HOME, 'form'],
  ] as const)('%s', (_, state, secret, place, view) => {
    expect(viewOf(state, secret, place)).toBe(view);
  });
});

test('the secret comes from the fragment only', () => {
  expect(secretOf('#claim=abc')).toBe('abc');
  expect(secretOf('#claim=')).toBeNull();
  expect(secretOf('')).toBeNull();
});

test('a name has 1 to 64 characters as people count them', () => {
  expect(nameOf('  Ana ')).toEqual({ name: 'Ana' });
  expect(nameOf(' ')).toEqual({ fault: 'empty' });
  expect(nameOf('👩‍👩‍👧'.repeat(64))).toMatchObject({ name: expect.any(String) });
  expect(nameOf('👩‍👩‍👧'.repeat(65))).toEqual({ fault: 'too_long' });
});

test('the request signs everything it says, the secret and the name included', async () => {
  const signed: unknown[] = [];
  const key = {
    jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
    device: 'd',
    sign: (domain: string, value: unknown) => {
      signed.push(domain, value);
      return Promise.resolve('sig');
    },
  } as const;
  expect(await claimBody(key, { gateway: 'g', nonce: 'n', ts: 7 }, { secret: 's', name: 'Ana' })).toEqual({
    secret: 's',
    name: 'Ana',
    key: key.jwk,
    nonce: 'n',
    ts: 7,
    signature: 'sig',
  });
  expect(signed).toEqual([
    'countersign.claim.v1',
    { device: 'd', gateway: 'g', name: 'Ana', nonce: 'n', secret: 's', ts: 7 },
  ]);
});

describe('the gateway’s answers', () => {
  const answering =
    (status: number, body: string): typeof fetch =>
    () =>
      Promise.resolve(new Response(body, { status }));

  test('201 is taken; a problem is shown; a page of somebody else’s is a problem as well', async () => {
    expect(await sendClaim(answering(201, '{}'), {})).toBeNull();
    expect(await sendClaim(answering(401, '{"code":"challenge_failed","title":"No"}'), {})).toMatchObject({
      code: 'challenge_failed',
      title: 'No',
      hint: '',
    });
    expect(await sendClaim(answering(502, '<html>'), {})).toMatchObject({ status: 502, code: '' });
  });

  test('a status of no known form counts as no answer', async () => {
    await expect(askStatus(answering(200, '{"owned":"no"}'))).rejects.toThrow();
    await expect(
      askStatus(answering(500, '{"owned":true,"gateway":"g","nonce":"n","ts":1}')),
    ).rejects.toThrow();
  });
});
