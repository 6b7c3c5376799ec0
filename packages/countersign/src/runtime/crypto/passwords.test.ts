import { describe, expect, test } from 'vitest';
import { systemRandom } from '../random.ts';
import { createPasswords } from './passwords.ts';

const passwords = createPasswords(systemRandom);

describe('passwords', () => {
  test('R15: a hash is argon2id with its cost and a salt of its own', async () => {
    const [one, two] = await Promise.all([passwords.hash('secret'), passwords.hash('secret')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify('secret', one)).toBe(true);
    expect(await passwords.verify('secret', two)).toBe(true);
    expect(await passwords.verify('Secret', one)).toBe(false);
    expect(await passwords.verify('', one)).toBe(false);
  });

  test('a hash of another implementation verifies: the string is the common one', async () => {
    // A vector of the reference implementation's own tests: 64 MiB, two passes.
    const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await passwords.verify('password', known)).toBe(true);
    expect(await passwords.verify('passwore', known)).toBe(false);
  });

  test('a damaged string, or one that asks for the whole machine, is no hash of anything', async () => {
    const good = await passwords.hash('x');
    const bad = [
      '',
      'x',
      good.slice(0, -1),
      `${good}A`,
      good.replace('argon2id', 'argon2i'),
      good.replace('m=19456', 'm=9999999'),
      good.replace('m=19456', 'm=1'),
      good.replace('t=2', 't=0'),
      good.replace('t=2', 't=99'),
      good.replace('p=1', 'p=0'),
      good.replace('v=19', 'v=16'),
    ];
    for (const phc of bad) expect(await passwords.verify('x', phc)).toBe(false);
  });
});
