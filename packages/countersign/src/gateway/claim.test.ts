// The first owner: the starting terminal's secret, a browser's key, once. And the attacks on it: another key, name or
// secret under the same signature, a nonce twice, a stranger's guess, a second owner.
import { base32 } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { BrowserKey, jsonOf, openHouse, type TestHouse } from '../testing/house.ts';

interface Told {
  readonly owned: boolean;
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: number;
}

async function told(house: TestHouse): Promise<Told> {
  return jsonOf(house.call('tcp', 'GET', '/api/v1/claim'));
}

async function secretOf(house: TestHouse): Promise<string> {
  const { url } = await jsonOf<{ url: string }>(house.call('host', 'POST', '/api/v1/claim/link', {}));
  expect(url).toMatch(/^http:\/\/localhost:8787\/#claim=[a-z2-7]{32}$/);
  return url.split('#claim=')[1] ?? '';
}

async function codeOf(answer: Response): Promise<string> {
  return (await jsonOf<{ code: string }>(answer)).code;
}

test('the holder of the link becomes the owner, with the browser key as web chat peer', async () => {
  await using house = await openHouse();
  const browser = new BrowserKey();
  const body = browser.claim(await told(house), { secret: await secretOf(house), name: 'Ana' });
  const answer = await house.call('tcp', 'POST', '/api/v1/claim', body);
  expect(answer.status).toBe(201);
  const taken = await jsonOf<{ person: string }>(answer);
  expect(taken).toMatchObject({ name: 'Ana', role: 'owner' });
  const person = await jsonOf<{ peers: object[] }>(
    house.call('host', 'GET', `/api/v1/people/${taken.person}`),
  );
  const identifier = base32(Buffer.from(browser.device, 'base64url'));
  expect(person.peers).toMatchObject([{ channel: 'webchat', account: 'default', identifier }]);
  expect((await told(house)).owned).toBe(true);
});

test('R67: the claiming browser is called in the list as every browser is, and nothing else of its header is kept', async () => {
  for (const [agent, called] of [
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 {code} x', 'Chrome on Linux'],
    [`curl/8\t${'x'.repeat(100)}`, `curl/8\\u{0009}${'x'.repeat(64 - 14)}…`],
    [undefined, 'a browser'],
  ] as const) {
    await using house = await openHouse();
    const body = new BrowserKey().claim(await told(house), { secret: await secretOf(house), name: 'Ana' });
    const headers: Record<string, string> = agent === undefined ? {} : { 'user-agent': agent };
    expect((await house.call('tcp', 'POST', '/api/v1/claim', body, headers)).status).toBe(201);
    const { items } = await jsonOf<{ items: { name: string }[] }>(
      house.call('host', 'GET', '/api/v1/devices'),
    );
    expect(items.map(({ name }) => name)).toEqual([called]);
  }
});

test('owned already: nobody claims and nobody issues a link any more', async () => {
  await using house = await openHouse();
  const secret = await secretOf(house);
  await house.call(
    'tcp',
    'POST',
    '/api/v1/claim',
    new BrowserKey().claim(await told(house), { secret, name: 'Ana' }),
  );
  const second = await house.call(
    'tcp',
    'POST',
    '/api/v1/claim',
    new BrowserKey().claim(await told(house), { secret, name: 'Eve' }),
  );
  expect([second.status, await codeOf(second)]).toEqual([409, 'already_owned']);
  const link = await house.call('host', 'POST', '/api/v1/claim/link', {});
  expect([link.status, await codeOf(link)]).toEqual([409, 'already_owned']);
});

test('a link is made at the host only, and never claimed there', async () => {
  await using house = await openHouse();
  expect((await house.call('tcp', 'POST', '/api/v1/claim/link', {})).status).toBe(401);
  expect((await house.call('agent', 'POST', '/api/v1/claim/link', {})).status).toBe(401);
});

test('nothing under the signature can be exchanged', async () => {
  await using house = await openHouse();
  const secret = await secretOf(house);
  const state = await told(house);
  const good = new BrowserKey().claim(state, { secret, name: 'Ana' });
  const other = new BrowserKey().claim(state, { secret, name: 'Ana' });
  const fresh = await told(house);
  const forged = [
    { ...good, name: 'Eve' },
    { ...good, secret: `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}` },
    { ...good, key: other.key },
    { ...good, signature: other.signature },
    { ...good, nonce: fresh.nonce },
    { ...good, ts: good.ts + 1 },
    { ...good, nonce: `${good.nonce}x` },
    { ...good, nonce: good.nonce.replace('.', '..') },
  ];
  for (const body of forged) {
    const answer = await house.call('tcp', 'POST', '/api/v1/claim', body);
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'auth_proof_invalid']);
  }
  expect((await house.call('tcp', 'POST', '/api/v1/claim', good)).status).toBe(201);
});

test('a signature for another gateway opens nothing here', async () => {
  await using house = await openHouse();
  const state = await told(house);
  const body = new BrowserKey().claim(
    { ...state, gateway: 'x'.repeat(43) },
    { secret: await secretOf(house), name: 'Ana' },
  );
  expect((await house.call('tcp', 'POST', '/api/v1/claim', body)).status).toBe(401);
});

test('R60: a nonce counts once, also for the right key with a wrong secret', async () => {
  await using house = await openHouse();
  const secret = await secretOf(house);
  const state = await told(house);
  const browser = new BrowserKey();
  const wrong = await house.call(
    'tcp',
    'POST',
    '/api/v1/claim',
    browser.claim(state, { secret: 'wrong', name: 'Ana' }),
  );
  expect([wrong.status, await codeOf(wrong)]).toEqual([401, 'challenge_failed']);
  const again = await house.call(
    'tcp',
    'POST',
    '/api/v1/claim',
    browser.claim(state, { secret, name: 'Ana' }),
  );
  expect([again.status, await codeOf(again)]).toEqual([401, 'auth_proof_invalid']);
});

test('a newer link voids the older one', async () => {
  await using house = await openHouse();
  const older = await secretOf(house);
  const newer = await secretOf(house);
  const late = await house.call(
    'tcp',
    'POST',
    '/api/v1/claim',
    new BrowserKey().claim(await told(house), { secret: older, name: 'Eve' }),
  );
  expect(await codeOf(late)).toBe('challenge_failed');
  const right = await house.call(
    'tcp',
    'POST',
    '/api/v1/claim',
    new BrowserKey().claim(await told(house), { secret: newer, name: 'Ana' }),
  );
  expect(right.status).toBe(201);
});

test('twenty who hold the same link at once: one owner', async () => {
  await using house = await openHouse();
  const secret = await secretOf(house);
  const claims = await Promise.all(
    Array.from({ length: 20 }, async (_, index) =>
      new BrowserKey().claim(await told(house), { secret, name: `p${index}` }),
    ),
  );
  const answers = await Promise.all(claims.map((body) => house.call('tcp', 'POST', '/api/v1/claim', body)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const { items } = await jsonOf<{ items: object[] }>(house.call('host', 'GET', '/api/v1/people'));
  expect(items).toHaveLength(1);
});

test('guessing ends in rate_limited, with the time to wait', async () => {
  await using house = await openHouse();
  await secretOf(house);
  const codes: string[] = [];
  let last: Response | undefined;
  for (let guess = 0; guess < 12; guess++) {
    last = await house.call(
      'tcp',
      'POST',
      '/api/v1/claim',
      new BrowserKey().claim(await told(house), { secret: `g${guess}`, name: 'Eve' }),
    );
    codes.push(await codeOf(last.clone()));
  }
  expect(codes.slice(0, 10)).toEqual(Array(10).fill('challenge_failed'));
  expect(codes.at(-1)).toBe('rate_limited');
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a private key sent along makes the claim malformed', async () => {
  await using house = await openHouse();
  const body = new BrowserKey().claim(await told(house), { secret: await secretOf(house), name: 'Ana' });
  const answer = await house.call('tcp', 'POST', '/api/v1/claim', {
    ...body,
    key: { ...body.key, d: 'x'.repeat(43) },
  });
  expect(answer.status).toBe(400);
});

test.each(['   ', '\u202Eanna'])('a name is shown as it is: %j', async (name) => {
  await using house = await openHouse();
  const body = new BrowserKey().claim(await told(house), { secret: await secretOf(house), name });
  const answer = await house.call('tcp', 'POST', '/api/v1/claim', body);
  if (name.trim() === '') expect(answer.status).toBe(400);
  else expect(await answer.json()).toMatchObject({ name: '\\u{202E}anna' });
});
