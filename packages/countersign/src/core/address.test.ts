// H64: a sender who can pick the spelling of an address, or any of 2^64 addresses of one site, would have as many buckets.
import { isIP, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldAddress } from './address.ts';

const group = (value: number) => value.toString(16);
const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });

describe('H64: one sender, one bucket', () => {
  test('any IPv4 address equals its mapped form, however that is written', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const hex = `${group(a * 256 + b)}:${group(c * 256 + d)}`;
        const folded = foldAddress(address);
        expect(folded?.text).toBe(address);
        for (const mapped of [
          `::ffff:${address}`,
          `::FFFF:${address}`,
          `0:0:0:0:0:ffff:${address}`,
          `::ffff:${hex}`,
          `0000:0000:0000:0000:0000:ffff:${hex}`,
          `::ffff:${address}%eth0`,
        ]) {
          expect(foldAddress(mapped)).toEqual(folded);
        }
      }),
    );
  });

  test('addresses of one /64 are one, whatever their second half is', () => {
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        fc.pre(one.slice(0, 4).some((value) => value !== 0));
        const sibling = [...one.slice(0, 4), ...other.slice(4)];
        expect(foldAddress(sibling.map(group).join(':'))).toEqual(foldAddress(one.map(group).join(':')));
      }),
    );
  });

  test('addresses of two /64 are two', () => {
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        fc.pre(one.slice(0, 4).join() !== other.slice(0, 4).join());
        const [a, b] = [one, other].map((each) => foldAddress(each.map(group).join(':'))?.text);
        expect(a).not.toBe(b);
      }),
    );
  });

  test('short and long spellings of one address are one', () => {
    for (const same of [
      '2001:db8::1',
      '2001:0DB8:0:0::1',
      '2001:db8:0:0:0:0:0:1',
      '2001:db8::ffff:1.2.3.4',
    ]) {
      expect(foldAddress(same)).toEqual({ text: '2001:db8:0:0::/64', loopback: false });
    }
  });
});

test('loopback is told in every spelling, and nothing else is loopback', () => {
  for (const here of [
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
  ]) {
    expect(foldAddress(here)?.loopback, here).toBe(true);
  }
  for (const elsewhere of [
    '128.0.0.1',
    '::',
    '::2',
    '::1:0',
    '1::1',
    '::127.0.0.1',
    '::fffe:127.0.0.1',
    '10.127.0.1',
  ]) {
    expect(foldAddress(elsewhere)?.loopback, elsewhere).toBe(false);
  }
});

describe('what is no address has no bucket', () => {
  const texts = [
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1.2.3.4:80',
    '0x7f.0.0.1',
    ':',
    ':::',
    '1:2:3',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '::12345',
    '::g',
    '1.2.3.4::',
    '[::1]',
    '::1\n%x',
  ];
  for (const text of texts) {
    test(JSON.stringify(text), () => expect(foldAddress(text)).toBeNull());
  }

  test('it agrees with Node about what an address is', () => {
    const letters = fc.constantFrom('0', '1', '25', '255', 'f', 'ffff', 'g', '.', ':', '::', '1.2.3.4');
    const addresses = fc.oneof(
      fc.array(letters, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(addresses, (text) => {
        expect(foldAddress(text) !== null, text).toBe(isIP(text) !== 0);
        if (isIPv4(text)) expect(foldAddress(text)?.text).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
