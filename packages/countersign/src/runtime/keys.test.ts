import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createHasher } from './crypto/hasher.ts';
import { type KeySource, loadSigningKey, loadStorageKey, type StorageKey } from './keys.ts';
import { systemRandom } from './random.ts';

const folderOf = () => mkdtempSync(join(tmpdir(), 'cs-keys-'));
const print = (key: StorageKey) => createHasher(key).keyed('nonce', 'x');
const load = (folder: string, source: KeySource = { kind: 'home' }, mayCreate = true) =>
  loadStorageKey({ folder, random: systemRandom, source, mayCreate });

test('keys are made on first use, private whatever the umask, and are the same ever after', async () => {
  const folder = folderOf();
  const umask = process.umask(0);
  try {
    expect(print(await load(folder))).toBe(print(await load(folder)));
    const one = loadSigningKey({ folder, random: systemRandom }, 'gateway').export({ format: 'jwk' });
    expect(loadSigningKey({ folder, random: systemRandom }, 'gateway').export({ format: 'jwk' })).toEqual(
      one,
    );
  } finally {
    process.umask(umask);
  }
  expect(readdirSync(folder).sort()).toEqual(['gateway.pem', 'storage.key']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'storage.key'))).toHaveLength(32);
});

test('twenty who make the key at once all get the same one', async () => {
  const folder = folderOf();
  const keys = await Promise.all(Array.from({ length: 20 }, () => load(folder)));
  expect(new Set(keys.map(print)).size).toBe(1);
});

test.each([0o640, 0o604, 0o660, 0o602])(
  'a key that others may read or write (%o) is refused, with the way out',
  async (mode) => {
    const folder = folderOf();
    await load(folder);
    loadSigningKey({ folder, random: systemRandom }, 'gateway');
    for (const name of ['storage.key', 'gateway.pem']) chmodSync(join(folder, name), mode);
    const refused = expect.objectContaining({
      code: 'config_invalid',
      hint: expect.stringContaining('chmod 600'),
    });
    await expect(load(folder)).rejects.toEqual(refused);
    expect(() => loadSigningKey({ folder, random: systemRandom }, 'gateway')).toThrow(refused);
  },
);

test('a key of the wrong length, a link and a broken signing key are refused and left as they are', async () => {
  const folder = folderOf();
  writeFileSync(join(folder, 'storage.key'), 'short', { mode: 0o600 });
  writeFileSync(join(folder, 'gateway.pem'), 'not a key', { mode: 0o600 });
  await expect(load(folder)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(() => loadSigningKey({ folder, random: systemRandom }, 'gateway')).toThrow('is not an Ed25519 key');
  expect(readFileSync(join(folder, 'storage.key'), 'utf8')).toBe('short');
  const other = folderOf();
  symlinkSync(join(folder, 'storage.key'), join(other, 'storage.key'));
  await expect(load(other)).rejects.toMatchObject({ code: 'config_invalid' });
});

test('where there is a store already, a lost key is said to be lost and not replaced', async () => {
  const folder = folderOf();
  await expect(load(folder, { kind: 'home' }, false)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(readdirSync(folder)).toEqual([]);
});

test('keys.file and keys.command give the key from elsewhere, raw, in hex or in base64', async () => {
  const folder = folderOf();
  const bytes = Buffer.alloc(32, 5);
  const file = join(folder, 'elsewhere');
  const prints = new Set<string>();
  for (const text of [
    bytes,
    `${bytes.toString('hex')}\n`,
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ]) {
    writeFileSync(file, text, { mode: 0o600 });
    prints.add(print(await load(folder, { kind: 'file', path: file })));
  }
  const argv = [process.execPath, '-e', 'process.stdout.write(process.argv[1])', bytes.toString('base64')];
  prints.add(print(await load(folder, { kind: 'command', argv })));
  expect(prints.size).toBe(1);
  expect(readdirSync(folder)).toEqual(['elsewhere']);
});

test('a command that fails, prints no key or is not there is a problem that repeats nothing it said', async () => {
  const run = (code: string) => load(folderOf(), { kind: 'command', argv: [process.execPath, '-e', code] });
  const all = [
    run('console.error("hunter2"); process.exit(3)'),
    run('console.log("hunter2")'),
    run('process.stdout.write("x".repeat(10000))'),
    load(folderOf(), { kind: 'command', argv: ['/no/such/program'] }),
  ];
  for (const result of await Promise.allSettled(all)) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
    expect(inspect(result)).not.toContain('hunter2');
  }
});

test('a command is no shell line', async () => {
  const folder = folderOf();
  const argv = [
    process.execPath,
    '-e',
    'process.exit(process.argv[1] === "$(touch x)" ? 7 : 1)',
    '$(touch x)',
  ];
  await expect(load(folder, { kind: 'command', argv })).rejects.toThrow('failed (7)');
});

test('a storage key prints nothing of itself', async () => {
  const key = await load(folderOf());
  expect(JSON.stringify(key)).toBe('"[secret]"');
  expect(inspect(key, { depth: 9 })).not.toMatch(/Uint8Array|Buffer/);
});
