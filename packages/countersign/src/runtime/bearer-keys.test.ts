// Keys of bearers: one purpose, one file; rotated by time alone, so that nothing that is still good stops verifying and a
// restart in the middle changes nothing.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyBearer } from '@countersign/protocol/token';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../testing/fakes.ts';
import { BearerKeys, KEY_LIFE_MS, LEAD_MS } from './bearer-keys.ts';
import { createBearerSigner } from './crypto/bearer-signer.ts';

let folder: string;
let clock: FakeClock;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'countersign-keys-')), 'keys');
  clock = new FakeClock();
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const open = () => new BearerKeys({ folder, clock });

function token(keys: BearerKeys): string {
  const iat = Math.floor(clock.now() / 1000);
  const of = {
    sub: 'u',
    tenant: 't',
    act: { sub: 'main' },
    sid: 's',
    channel: 'c',
    account: 'a',
    assurance: 'low',
  };
  const claims = { iss: 'urn:x', aud: 'tools', ...of, scope: 'tools', iat, exp: iat + 300, jti: 'j' };
  return createBearerSigner(keys).sign(claims, 'EdDSA', null);
}

const verify = (bearer: string, keys: BearerKeys) =>
  verifyBearer(bearer, { keys: keys.jwks(), audience: 'tools', issuer: 'urn:x', now: new Date(clock.now()) });

test('made once, for this user alone, and the same after a restart', () => {
  const first = open();
  const { kid } = first.current;
  expect(statSync(join(folder, 'bearer.json')).mode & 0o777).toBe(0o600);
  expect(open().current.kid).toBe(kid);
  expect(first.jwks()).toEqual({
    keys: [
      { kty: 'OKP', crv: 'Ed25519', x: expect.stringMatching(/^[\w-]{43}$/), kid, use: 'sig', alg: 'EdDSA' },
    ],
  });
  // Nothing of a private key is published.
  expect(JSON.stringify(first.jwks())).not.toMatch(/"d"|PRIVATE/);
});

test('a key that grows old is followed by one that is published a day before it signs', async () => {
  const keys = open();
  const { kid: old } = keys.current;
  clock.advance(KEY_LIFE_MS - 1);
  keys.tidy();
  expect(keys.jwks().keys).toHaveLength(1);
  clock.advance(1);
  keys.tidy();
  keys.tidy();
  expect(keys.jwks().keys).toHaveLength(2);
  expect(keys.current.kid).toBe(old);
  clock.advance(LEAD_MS - 1);
  const last = token(keys);
  clock.advance(1);
  expect(keys.current.kid).not.toBe(old);
  // The last token of the old one is good to its end, before and after a restart.
  for (const one of [keys, open()]) await expect(verify(last, one)).resolves.toBeDefined();
  await expect(verify(token(keys), open())).resolves.toBeDefined();
  clock.advance('30m');
  keys.tidy();
  expect(keys.jwks().keys.map(({ kid }) => kid)).toEqual([keys.current.kid]);
  expect(open().jwks()).toEqual(keys.jwks());
  await expect(verify(last, keys)).rejects.toMatchObject({ members: { reason: 'key' } });
});

test('a house that slept for a year signs with what it has, and rotates at the first look', () => {
  open();
  clock.advance('400d');
  const keys = open();
  const { kid } = keys.current;
  keys.tidy();
  expect(keys.current.kid).toBe(kid);
  clock.advance(LEAD_MS);
  expect(keys.current.kid).not.toBe(kid);
});

test('a file that is damaged, or open to others, is refused, and not quoted', () => {
  open();
  const path = join(folder, 'bearer.json');
  const before = readFileSync(path, 'utf8');
  for (const text of ['', '[]', '{}', before.slice(0, 60), before.replace('PRIVATE', 'PUBLIC')]) {
    writeFileSync(path, text);
    expect(open).toThrow(
      expect.objectContaining({ code: 'store_unavailable', message: expect.not.stringContaining('KEY') }),
    );
  }
});
