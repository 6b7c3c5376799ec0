import { browserName } from '@countersign/protocol/browser-name';
import type { DeviceRow } from '@countersign/protocol/device';
import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import { pathOf } from '../shared/qr-path.ts';
import { shellWord } from '../shared/shell-word.ts';
import { relative } from '../shared/time.ts';
import { asksOf, ownRow, rightsOf, sorted } from './rights.ts';

const row = (more: Partial<DeviceRow>): DeviceRow => ({
  id: 'dev_1',
  state: 'paired',
  role: 'operator',
  scopes: ['approvals', 'manage', 'pairing', 'read'],
  name: 'Firefox on Linux',
  key: 'mine',
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

describe('what this browser may do', () => {
  test('is what is active now, and what a proof adds is the rest of what it holds', () => {
    expect(rightsOf(row({ active: ['pairing', 'read'] }))).toEqual({
      now: ['read', 'pairing'],
      afterProof: ['approvals', 'manage'],
    });
    expect(rightsOf(row({})).afterProof).toEqual([]);
  });

  test('is told by the paired row of its key, never by an ended one', () => {
    expect(ownRow([row({ id: 'dev_0', state: 'revoked' }), row({})], 'mine')?.id).toBe('dev_1');
    expect(ownRow([row({ key: 'other' })], 'mine')).toBeNull();
  });
});

test('each row stands once: who is in, and who waits, oldest first', () => {
  const late = row({ id: 'devreq_2', state: 'pending', key: 'b', createdAt: '2026-01-03T00:00:00.000Z' });
  const early = row({ id: 'devreq_1', state: 'pending', key: 'a', createdAt: '2026-01-02T00:00:00.000Z' });
  const other = row({ id: 'dev_2', key: 'other' });
  const own = row({ id: 'devreq_0', state: 'pending' });
  const { others, waiting } = sorted([row({}), other, late, early, late, own], 'mine');
  expect(others.map(({ id }) => id)).toEqual(['dev_2']);
  expect(waiting.map(({ id }) => id)).toEqual(['devreq_1', 'devreq_2']);
});

test('R19: what it asks for is said in the gateway’s words, else, and in another language, in ours', () => {
  const words = { read: 'R', pairing: 'P', approvals: 'A', manage: 'M', node: 'N' };
  expect(asksOf(row({ asks: ['see it all'] }), words)).toEqual(['see it all']);
  expect(asksOf(row({ asks: ['see it all'], scopes: ['read'] }), words, 'de')).toEqual(['R']);
  expect(asksOf(row({ scopes: ['node'] }), words)).toEqual(['N']);
});

test('a browser calls itself by its kind and system', () => {
  const linux = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';
  expect(browserName(`${linux} Chrome/156.0.0.0 Safari/537.36`)).toBe('Chrome on Linux');
  expect(browserName(`${linux} Chrome/156.0.0.0 Safari/537.36 Edg/156.0`)).toBe('Edge on Linux');
  expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) Version/20 Safari/604.1')).toBe(
    'Safari on iPhone',
  );
  expect(browserName('')).toBe('Browser');
});

test('a name in a command to copy is one word of it', () => {
  expect(shellWord('Olga')).toBe('Olga');
  expect(shellWord('Ana Maria')).toBe("'Ana Maria'");
  expect(shellWord("x'; rm -rf ~ #")).toBe("'x'\\''; rm -rf ~ #'");
  expect(shellWord('--yes')).toBe("'--yes'");
});

test('a QR path draws each dark module once', () => {
  const { data } = encode('countersign', { ecc: 'M', border: 0 });
  const dark = data.flat().filter(Boolean).length;
  const runs = [...pathOf(data).matchAll(/h(\d+)v1/g)].map(([, length]) => Number(length));
  expect(runs.reduce((sum, length) => sum + length, 0)).toBe(dark);
});

test('times are said as people say them', () => {
  const now = Date.parse('2026-01-10T12:00:00Z');
  expect(relative(now - 5_000, now)).toBe('now');
  expect(relative(now - 90_000, now)).toBe('1 minute ago');
  expect(relative(now + 3 * 3_600_000, now)).toBe('in 3 hours');
  expect(relative(now - 26 * 3_600_000, now)).toBe('yesterday');
});
