// R60: each row of the table is one way to take a proof somewhere else. Everything but the first must fail, and alike.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { thumbprint, verifySignature } from '../runtime/crypto/public-key.ts';
import { DeviceKey, encoded, sha256 } from '../testing/device-key.ts';
import { AT_HOST, DeviceWorld, HOST } from '../testing/device-world.ts';
import { testPorts } from '../testing/store/open.ts';
import { DeviceProofs } from './dpop.ts';
import { Nonces } from './nonces.ts';

const URL_ = 'http://localhost:8787/api/v1/pairings?state=pending';
const HTU = 'http://localhost:8787/api/v1/pairings';

interface Stand extends AsyncDisposable {
  readonly world: DeviceWorld;
  readonly proofs: DeviceProofs;
  readonly key: DeviceKey;
  readonly token: string;
  /** How often a body was read. */
  reads(): number;
  claims(more?: object): Record<string, unknown>;
  call(proof: string | null, more?: Partial<Call>): Promise<string>;
}

interface Call {
  readonly url: string;
  readonly method: string;
  readonly body: string;
  readonly token: string;
  readonly scheme: string;
}

async function stand(kind: 'P-256' | 'Ed25519' = 'P-256'): Promise<Stand> {
  const world = await DeviceWorld.open();
  const { store, clock, devices } = world;
  const { random, hasher } = testPorts({ clock });
  const names = { publicUrl: 'https://assistant.example', chatUrl: null };
  const nonces = new Nonces({ store, clock, random, hasher });
  const keys = { thumbprint, verifySignature };
  const proofs = new DeviceProofs({
    store,
    clock,
    nonces,
    keys,
    tokens: devices.tokens,
    names: () => names,
  });
  await world.person('Ana');
  const key = new DeviceKey(kind);
  const asked = { key: key.jwk, thumbprint: key.thumbprint };
  const { requestId } = await world.asks('kitchen', asked);
  await devices.approve(requestId, HOST, AT_HOST);
  const { token } = await world.enters('kitchen', asked);
  let count = 0;
  let reads = 0;
  return {
    world,
    reads: () => reads,
    proofs,
    key,
    token,
    claims(more = {}) {
      count += 1;
      const body = { ath: sha256(token), bh: sha256(''), nonce: proofs.nonce() };
      return { htm: 'GET', htu: HTU, iat: 1, jti: `proof-${count}-of-it`, ...body, ...more };
    },
    async call(proof, { url = URL_, method = 'GET', body = '', token: shown = token, scheme = 'DPoP' } = {}) {
      const headers = new Headers({ authorization: `${scheme} ${shown}` });
      if (proof !== null) headers.set('dpop', proof);
      const request = new Request(url, { method, headers });
      try {
        const { caller } = await proofs.authenticate(request, async () => {
          reads += 1;
          return Buffer.from(body);
        });
        return caller.scopes.join(' ');
      } catch (cause) {
        return (cause as { code: string }).code;
      }
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

describe.each(['P-256', 'Ed25519'] as const)('a proof by a %s key', (kind) => {
  test('is good once, and its device may what it may now', async () => {
    await using at = await stand(kind);
    const proof = at.key.proof(at.claims());
    expect(await at.call(proof)).toBe('pairing read');
    expect(await at.call(proof)).toBe('auth_proof_invalid');
  });

  test('a nonce serves many proofs while it lives', async () => {
    await using at = await stand(kind);
    const nonce = at.proofs.nonce();
    for (let n = 0; n < 5; n += 1)
      expect(await at.call(at.key.proof(at.claims({ nonce })))).toBe('pairing read');
    at.world.clock.advance('5m');
    expect(await at.call(at.key.proof(at.claims({ nonce })))).toBe('pairing read');
    at.world.clock.advance(1);
    expect(await at.call(at.key.proof(at.claims({ nonce })))).toBe('use_dpop_nonce');
  });

  test('a body is part of it', async () => {
    await using at = await stand(kind);
    const body = '{"code":"ABCD2345"}';
    const claims = () => at.claims({ htm: 'POST', bh: sha256(body) });
    const post = { method: 'POST', body };
    expect(await at.call(at.key.proof(claims()), post)).toBe('pairing read');
    expect(await at.call(at.key.proof(claims()), { ...post, body: `${body} ` })).toBe('auth_proof_invalid');
    expect(await at.call(at.key.proof(claims()), { ...post, body: '' })).toBe('auth_proof_invalid');
  });
});

test.each<[string, Record<string, unknown>]>([
  ['another method', { htm: 'POST' }],
  ['a method in other letters', { htm: 'get' }],
  ['another path', { htu: 'http://localhost:8787/api/v1/people' }],
  ['a longer path', { htu: `${HTU}/x` }],
  ['another port', { htu: 'http://localhost:8788/api/v1/pairings' }],
  ['no port', { htu: 'http://localhost/api/v1/pairings' }],
  ['another host', { htu: 'http://127.0.0.1:8787/api/v1/pairings' }],
  ['somebody in the address', { htu: 'http://a@localhost:8787/api/v1/pairings' }],
  ['another scheme', { htu: 'ws://localhost:8787/api/v1/pairings' }],
  ['no address', { htu: '/api/v1/pairings' }],
  ['another token', { ath: sha256('cdt_other') }],
  ['no token', { ath: undefined }],
  ['another body', { bh: sha256('x') }],
  ['no body hash', { bh: undefined }],
  ['no name of its own', { jti: undefined }],
  ['a short name of its own', { jti: 'x' }],
  ['a time that is no number', { iat: 'now' }],
])('a proof with %s proves nothing', async (_what, claims) => {
  await using at = await stand();
  expect(await at.call(at.key.proof(at.claims(claims)))).toBe('auth_proof_invalid');
  expect(await at.call(at.key.proof(at.claims()))).toBe('pairing read');
});

test.each<[string, Record<string, unknown>]>([
  ['no nonce', { nonce: undefined }],
  ['an invented nonce', { nonce: 'abc.def.ghi' }],
  ['a nonce of another day', { nonce: '0.AAAA.AAAA' }],
  ['a nonce with more dots', { nonce: 'a.b.c.d.e' }],
])('a proof with %s is asked for ours', async (_what, claims) => {
  await using at = await stand();
  expect(await at.call(at.key.proof(at.claims(claims)))).toBe('use_dpop_nonce');
});

test('a nonce that was given for something else is none of ours', async () => {
  await using at = await stand();
  const { store, clock } = at.world;
  const { random, hasher } = testPorts({ clock });
  const { nonce, ts } = new Nonces({ store, clock, random, hasher }).issue('login');
  const claims = at.claims({ nonce: `${ts.toString(36)}.${nonce}` });
  expect(await at.call(at.key.proof(claims))).toBe('use_dpop_nonce');
});

test("a wrong clock of the client locks nobody out: freshness is the nonce's", async () => {
  await using at = await stand();
  for (const iat of [0, -1, 4_102_444_800, 1.5])
    expect(await at.call(at.key.proof(at.claims({ iat })))).toBe('pairing read');
});

test.each<[string, (at: Stand) => string]>([
  [
    'no algorithm',
    (at) => `${encoded({ typ: 'dpop+jwt', alg: 'none', jwk: at.key.jwk })}.${encoded(at.claims())}.`,
  ],
  [
    'a shared secret made of the public key',
    (at) => {
      const text = `${encoded({ typ: 'dpop+jwt', alg: 'HS256', jwk: at.key.jwk })}.${encoded(at.claims())}`;
      return `${text}.${createHmac('sha256', JSON.stringify(at.key.jwk)).update(text).digest('base64url')}`;
    },
  ],
  ['the private key in the header', (at) => at.key.proof(at.claims(), { jwk: at.key.privateJwk })],
  ['a symmetric key', (at) => at.key.proof(at.claims(), { jwk: { kty: 'oct', k: 'AAAA' } })],
  ['no key', (at) => at.key.proof(at.claims(), { jwk: undefined })],
  ['another type', (at) => at.key.proof(at.claims(), { typ: 'JWT' })],
  ['no type', (at) => at.key.proof(at.claims(), { typ: undefined })],
  ['the algorithm of another kind of key', (at) => at.key.proof(at.claims(), { alg: 'EdDSA' })],
  ['RSA', (at) => at.key.proof(at.claims(), { alg: 'RS256' })],
  ['something critical', (at) => at.key.proof(at.claims(), { crit: ['exp'], exp: 1 })],
  ['an unencoded payload', (at) => at.key.proof(at.claims(), { b64: false, crit: ['b64'] })],
  ['a changed payload', (at) => at.key.proof(at.claims()).replace(/\.[^.]+\./, `.${encoded(at.claims())}.`)],
  ['a cut signature', (at) => at.key.proof(at.claims()).slice(0, -4)],
  ['two proofs', (at) => `${at.key.proof(at.claims())}, ${at.key.proof(at.claims())}`],
  ['four parts', (at) => `${at.key.proof(at.claims())}.x`],
  ['no JSON', () => 'a.b.c'],
  ['too much', () => 'a'.repeat(5_000)],
])('a proof with %s is refused before it is looked at', async (_what, make) => {
  await using at = await stand();
  expect(await at.call(make(at))).toBe('auth_proof_invalid');
});

test('another key proves nothing about this token, and does not even use it up', async () => {
  await using at = await stand();
  const thief = new DeviceKey();
  expect(await at.call(thief.proof(at.claims()))).toBe('auth_required');
  const { device } = await at.world.enters('kitchen', { key: at.key.jwk, thumbprint: at.key.thumbprint });
  const next = await at.world.devices.tokens.renew(device.id, at.token);
  const withNext = { ath: sha256(next?.token ?? '') };
  expect(await at.call(thief.proof(at.claims(withNext)), { token: next?.token ?? '' })).toBe('auth_required');
  expect(await at.call(at.key.proof(at.claims()))).toBe('pairing read');
  expect(await at.call(at.key.proof(at.claims(withNext)), { token: next?.token ?? '' })).toBe('pairing read');
  expect(await at.call(at.key.proof(at.claims()))).toBe('auth_required');
});

test('H63: nobody but the device makes us read a body', async () => {
  await using at = await stand();
  const post = { method: 'POST', body: 'x'.repeat(9) };
  const claims = (more: object) => at.claims({ htm: 'POST', bh: sha256(post.body), ...more });
  await at.call(new DeviceKey().proof(claims({})), post);
  await at.call(at.key.proof(claims({ nonce: 'x' })), post);
  await at.call(at.key.proof(claims({ htm: 'GET' })), post);
  expect(at.reads()).toBe(0);
  expect(await at.call(at.key.proof(claims({})), post)).toBe('pairing read');
  expect(at.reads()).toBe(1);
});

test('without a proof, with another scheme, or with a token of nobody there is no device', async () => {
  await using at = await stand();
  expect(await at.call(null)).toBe('auth_proof_invalid');
  expect(await at.call(at.key.proof(at.claims()), { scheme: 'Bearer' })).toBe('auth_proof_invalid');
  const nobody = `cdt_${'a'.repeat(52)}`;
  expect(await at.call(at.key.proof(at.claims({ ath: sha256(nobody) })), { token: nobody })).toBe(
    'auth_required',
  );
  expect(await at.call(at.key.proof(at.claims()), { token: 'cdt_x' })).toBe('auth_proof_invalid');
});

test('R62: a device that was revoked, and one that ran out, are nobody at once', async () => {
  await using at = await stand();
  const [device] = await at.world.devices.list({ limit: 1 });
  if (device === undefined) throw new Error('no device');
  await at.world.devices.revoke(device.id, HOST);
  expect(await at.call(at.key.proof(at.claims()))).toBe('auth_required');
  await using later = await stand();
  later.world.clock.advance('15m');
  expect(await later.call(later.key.proof(later.claims()))).toBe('auth_required');
});

test('the address is the one the browser sees: behind a proxy the public one, on this machine either scheme', async () => {
  await using at = await stand();
  const path = '/api/v1/pairings';
  const through = async (url: string, htu: string) => at.call(at.key.proof(at.claims({ htu })), { url });
  const behind = `http://assistant.example${path}`;
  expect(await through(behind, `https://assistant.example${path}`)).toBe('pairing read');
  expect(await through(behind, `https://ASSISTANT.example:443${path}#x`)).toBe('pairing read');
  expect(await through(behind, behind)).toBe('auth_proof_invalid');
  expect(await through(behind, `https://assistant.example:8443${path}`)).toBe('auth_proof_invalid');
  expect(await through(`http://evil.example${path}`, `http://evil.example${path}`)).toBe(
    'auth_proof_invalid',
  );
  expect(await through(`http://evil.example${path}`, `https://assistant.example${path}`)).toBe(
    'auth_proof_invalid',
  );
  expect(await through(URL_, HTU.replace('http:', 'https:'))).toBe('pairing read');
  expect(await through(`${HTU}/a%7Eb%2fc`, `${HTU}/a~b%2Fc`)).toBe('pairing read');
  expect(await through(`${HTU}/a%2Fc`, `${HTU}/a/c`)).toBe('auth_proof_invalid');
});
