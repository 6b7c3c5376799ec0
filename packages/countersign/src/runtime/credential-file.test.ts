// C-06: a credentials file that a crash has cut in two, and a number that can only be linked anew. Here a change is whole
// or not at all, and what was good before stays good.
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SeededRandom } from '../testing/fakes.ts';
import { CredentialFile } from './credential-file.ts';
import { createVault } from './crypto/vault.ts';

const random = new SeededRandom('credentials');
const vaultOf = (byte: number) =>
  createVault(
    { vaultKey: () => new Uint8Array(32).fill(byte), hashKey: () => new Uint8Array(32) } as never,
    random,
  );

function place(more: { bind?: string; byte?: number; compactAfter?: number; folder?: string } = {}) {
  const folder =
    more.folder ?? join(mkdtempSync(join(tmpdir(), 'credentials-')), 'channels/whatsapp/default');
  const { bind = 'channels/whatsapp/default', byte = 1, compactAfter } = more;
  const made = { folder, bind, vault: vaultOf(byte), random };
  return compactAfter === undefined ? made : { ...made, compactAfter };
}

const entries = (file: ReadonlyMap<string, string>) => Object.fromEntries([...file].toSorted());

test('what was kept is there at the next start, and nobody else can read it', async () => {
  const here = place();
  const file = new CredentialFile(here);
  await file.change(
    new Map([
      ['creds', 'secret-words'],
      ['session:1', 'a'],
    ]),
  );
  await file.change(
    new Map([
      ['session:1', null],
      ['session:2', 'b'],
    ]),
  );
  expect(entries(await new CredentialFile(here).load())).toEqual({ creds: 'secret-words', 'session:2': 'b' });
  const path = join(here.folder, 'login.sealed');
  expect(readFileSync(path).includes('secret-words')).toBe(false);
  if (process.platform !== 'win32') {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(here.folder).mode & 0o777).toBe(0o700);
  }
});

test('a write cut short at any byte is no change: what stands before it is whole, and the next one is kept', async () => {
  const here = place();
  const path = join(here.folder, 'login.sealed');
  const file = new CredentialFile(here);
  await file.change(new Map([['creds', 'one']]));
  const good = statSync(path).size;
  await file.change(
    new Map([
      ['creds', 'two'],
      ['session:1', 'x'],
    ]),
  );
  const whole = readFileSync(path);
  for (let size = good; size < whole.length; size += 7) {
    writeFileSync(path, whole.subarray(0, size));
    const again = new CredentialFile(here);
    expect(entries(await again.load()), `cut at ${size}`).toEqual({ creds: 'one' });
    await again.change(new Map([['creds', 'three']]));
    expect(entries(await new CredentialFile(here).load())).toEqual({ creds: 'three' });
  }
});

test('a changed byte ends what can be believed there, and nothing after it is', async () => {
  const here = place();
  const path = join(here.folder, 'login.sealed');
  const file = new CredentialFile(here);
  await file.change(new Map([['creds', 'one']]));
  const good = statSync(path).size;
  await file.change(new Map([['creds', 'two']]));
  await file.change(new Map([['creds', 'three']]));
  const bytes = readFileSync(path);
  bytes[good + 10] = (bytes[good + 10] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  expect(entries(await new CredentialFile(here).load())).toEqual({ creds: 'one' });
});

test('written anew when it has grown, with the last good copy beside it', async () => {
  const here = place({ compactAfter: 2_000 });
  const file = new CredentialFile(here);
  for (let n = 0; n < 100; n++)
    await file.change(
      new Map([
        ['creds', `version ${n}`],
        [`pre-key:${n % 3}`, 'k'],
      ]),
    );
  expect(statSync(join(here.folder, 'login.sealed')).size).toBeLessThan(4_000);
  expect(readdirSync(here.folder).toSorted()).toEqual(['login.last.sealed', 'login.sealed']);
  expect((await new CredentialFile(here).load()).get('creds')).toBe('version 99');
  // The file is gone, or holds nothing: the copy stands in.
  truncateSync(join(here.folder, 'login.sealed'), 3);
  expect((await new CredentialFile(here).load()).get('creds')).toMatch(/^version \d+$/);
  rmSync(join(here.folder, 'login.sealed'));
  expect((await new CredentialFile(here).load()).get('creds')).toMatch(/^version \d+$/);
});

test.each(['gone', 'cut', 'empty'])(
  'where the copy stands in for a file that is %s, the next change is kept as well',
  async (how) => {
    const here = place({ compactAfter: 500 });
    const path = join(here.folder, 'login.sealed');
    const file = new CredentialFile(here);
    for (let n = 0; n < 40; n++) await file.change(new Map([['creds', `version ${n}`]]));
    if (how === 'gone') rmSync(path);
    else truncateSync(path, how === 'cut' ? 3 : 0);
    for (const round of ['a', 'b']) {
      const again = new CredentialFile(here);
      expect((await again.load()).has('creds')).toBe(true);
      await again.change(new Map([[round, 'kept']]));
    }
    const kept = await new CredentialFile(here).load();
    expect([kept.get('a'), kept.get('b'), kept.has('creds')]).toEqual(['kept', 'kept', true]);
  },
);

test('changes that come together are kept together, in their order', async () => {
  const here = place();
  const file = new CredentialFile(here);
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      file.change(
        new Map([
          ['creds', `${n}`],
          [`k:${n}`, `${n}`],
        ]),
      ),
    ),
  );
  const kept = await new CredentialFile(here).load();
  expect(kept.get('creds')).toBe('49');
  expect(kept.size).toBe(51);
});

test('another storage key, or the place of another account, opens nothing and says so', async () => {
  const here = place();
  await new CredentialFile(here).change(new Map([['creds', 'one']]));
  for (const other of [
    place({ folder: here.folder, byte: 2 }),
    place({ folder: here.folder, bind: 'channels/whatsapp/support' }),
  ])
    await assert.rejects(new CredentialFile(other).load(), /does not open/);
});

test('cleared is cleared: the copy too', async () => {
  const here = place({ compactAfter: 10 });
  const file = new CredentialFile(here);
  for (let n = 0; n < 10; n++) await file.change(new Map([['creds', 'x'.repeat(100)]]));
  await file.clear();
  expect(readdirSync(here.folder)).toEqual([]);
  expect(entries(await file.load())).toEqual({});
  await file.change(new Map([['creds', 'new']]));
  expect(entries(await new CredentialFile(here).load())).toEqual({ creds: 'new' });
});
