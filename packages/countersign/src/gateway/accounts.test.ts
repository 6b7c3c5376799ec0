// R45: a program says which home its command gets. What is a home is looked up, and a folder that anybody may write in, or that
// another than its account owns, is none, whatever the user database says.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { accountHomes, accountsIn, isHome } from './accounts.ts';

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'cs-homes-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};
const { uid } = userInfo();

test('accounts as the file has them; a line that is none is none', () => {
  const text = [
    'ana:x:1000:1000:Ana,,,:/home/ana/:/bin/bash',
    'root:x:0:0::/:/bin/sh',
    '# a remark',
    'bob:x:-1:1::/tmp:/bin/sh',
    'eve:x:1001:1001::relative:/bin/sh',
    '+@nis::::::',
    '',
  ].join('\n');
  expect(accountsIn(text)).toEqual([
    { uid: 1000, home: '/home/ana' },
    { uid: 0, home: '/' },
  ]);
});

test('the account that this runs as has a home here', () => {
  expect(accountHomes()).toContain(userInfo().homedir);
  expect(isHome(userInfo().homedir)).toBe(true);
});

test('a folder of the account is its home; one that others write in is nobody’s', () => {
  const home = folder();
  const accounts = [{ uid, home }];
  expect(isHome(home, accounts)).toBe(true);
  expect(isHome(home, [])).toBe(false);
  for (const mode of [0o1777, 0o2775, 0o702]) {
    chmodSync(home, mode);
    expect(isHome(home, accounts), mode.toString(8)).toBe(false);
  }
});

test('a home that is another’s folder is none', () => {
  const home = folder();
  // Root’s own would do for anybody: as root it is given away first.
  if (uid === 0) chownSync(home, 12_345, 12_345);
  expect(isHome(home, [{ uid: uid + 1, home }])).toBe(false);
});

test('a file, a link to nowhere, and what is not there are no home of an account', () => {
  const where = folder();
  const at = (name: string) => join(where, name);
  writeFileSync(at('file'), '');
  symlinkSync(at('nowhere'), at('link'));
  mkdirSync(at('there'));
  const accounts = ['file', 'link', 'gone', 'there'].map((name) => ({ uid, home: at(name) }));
  expect(accounts.filter(({ home }) => isHome(home, accounts)).map(({ home }) => home)).toEqual([
    at('there'),
  ]);
});

test('where homes are, one that is not there could only be made by the system’s owner', () => {
  expect(isHome('/home/nobody-has-this-name', [])).toBe(true);
  expect(isHome('/home/nobody-has-this-name/x', [])).toBe(false);
  expect(isHome('/srv/nobody-has-this-name', [])).toBe(false);
  expect(isHome('/home/../tmp', [])).toBe(false);
});
