// A machine's own folder. The attacks: a setup code that sends the key elsewhere or over a wire that others read, a key that
// others may read, two starts at once that end with two names.
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNodeKey } from './key.ts';
import { readPlace, readSetupCode, writePlace } from './place.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'cs-node-'));
const code = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43), kid: 'k' } as const;

test('a setup code is standard base64 of exactly an address and a token', () => {
  const good = { url: 'https://house.example', token: 'abc' };
  expect(readSetupCode(` ${code(good)}\n`)).toEqual(good);
  expect(readSetupCode(code({ url: 'http://localhost:8787/', token: 'abc' }))).toMatchObject({
    url: 'http://localhost:8787',
  });
  const bad = [
    '',
    'not base64!',
    code(null),
    code({ ...good, more: 1 }),
    code({ url: good.url }),
    code({ ...good, url: 'file:///etc/passwd' }),
    code({ ...good, url: 'http://house.example' }),
    code({ ...good, url: 'http://localhost.house.example' }),
    code({ ...good, url: 'http://127.0.0.1.house.example' }),
    Buffer.from(JSON.stringify(good)).toString('base64url').replaceAll('=', '').concat('_'),
  ];
  for (const one of bad)
    expect(() => readSetupCode(one), one).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('its key is made once, for this user alone, also when two start at once', async () => {
  const place = join(folder(), 'node');
  const keys = await Promise.all([1, 2, 3, 4].map(() => openNodeKey(place)));
  expect(new Set(keys.map(({ thumbprint }) => thumbprint)).size).toBe(1);
  expect(readdirSync(place)).toEqual(['key.pem']);
  expect(statSync(join(place, 'key.pem')).mode & 0o777).toBe(0o600);
  expect(statSync(place).mode & 0o777).toBe(0o700);
  expect((await openNodeKey(place)).thumbprint).toBe(keys[0]?.thumbprint);
});

test('a key that others may read, a link, and what is no key are refused, and none is made in their place', async () => {
  for (const spoil of [
    (path: string) => {
      writeFileSync(path, 'no key');
      chmodSync(path, 0o600);
    },
    (path: string) => symlinkSync('/etc/hostname', path),
    (path: string) => writeFileSync(path, 'no key', { mode: 0o644 }),
  ]) {
    const place = folder();
    spoil(join(place, 'key.pem'));
    await expect(openNodeKey(place)).rejects.toMatchObject({ code: 'config_invalid' });
  }
});

test('what was pinned is read back, and nothing is read from what is none of ours', async () => {
  const place = folder();
  expect(await readPlace(place)).toBeNull();
  const pinned = { url: 'http://localhost:8787', gateway: 'g', gatewayKey: KEY, device: 'dev_x' };
  await writePlace(place, pinned);
  expect(await readPlace(place)).toEqual(pinned);
  expect(statSync(join(place, 'node.json')).mode & 0o777).toBe(0o600);
  for (const text of ['', '{}', JSON.stringify({ ...pinned, url: 'http://house.example' })]) {
    writeFileSync(join(place, 'node.json'), text);
    await expect(readPlace(place)).rejects.toMatchObject({
      code: expect.stringMatching(/config_invalid|usage/),
    });
  }
});

test('a folder that others may write, or that is another user’s, holds no pin that counts', async () => {
  const place = folder();
  await writePlace(place, { url: 'https://house.example', gateway: 'g', gatewayKey: KEY });
  expect(await readPlace(place)).not.toBeNull();
  for (const mode of [0o770, 0o707, 0o777]) {
    chmodSync(place, mode);
    for (const open of [readPlace, openNodeKey])
      await expect(open(place), mode.toString(8)).rejects.toMatchObject({ code: 'config_invalid' });
  }
  chmodSync(place, 0o700);
  if (process.geteuid?.() !== 0) return;
  chownSync(place, 1, 1);
  for (const open of [readPlace, openNodeKey])
    await expect(open(place)).rejects.toMatchObject({ code: 'config_invalid' });
});
