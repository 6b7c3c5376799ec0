// I-13, R60: a hop is proven by a MAC over everything that it is. The attack: somebody who saw one call makes another of it.
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type HopOf, readHop, signHop } from './hop.ts';

const NOW = 1_795_000_000_000;
const SECRET = `chs_${'a'.repeat(52)}`;
const NONCE = 'nonce-0123456789';
const OF: HopOf = {
  token: 'tok_a',
  method: 'POST',
  path: '/api/v1/ingress/sessions',
  body: Buffer.from('{"sender":"1"}'),
};

const call = {
  name: z.string(),
  token: z.templateLiteral(['tok_', z.string()]),
  method: z.string(),
  path: z.string(),
  body: z.string(),
  ts: z.int(),
  nonce: z.string(),
  header: z.string(),
};
const vectors = z
  .object({
    secret: z.string(),
    good: z.array(z.object(call)),
    bad: z.array(z.object({ ...call, reason: z.enum(['forged', 'malformed']) })),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../../../vectors/hops.json', import.meta.url), 'utf8')));

describe('vectors/hops.json', () => {
  const { secret } = vectors;
  for (const { name, header, ts, nonce, body, ...of } of vectors.good) {
    test(name, () => {
      const whole = { ...of, body: Buffer.from(body) };
      expect(signHop(whole, { ts, nonce }, secret)).toBe(header);
      expect(readHop(header, whole, secret, ts)).toEqual({ ts, nonce });
    });
  }
  for (const { name, header, ts, body, reason, ...of } of vectors.bad) {
    test(`no: ${name}`, () => {
      expect(readHop(header, { ...of, body: Buffer.from(body) }, secret, ts)).toBe(reason);
    });
  }
});

test('the MAC is the one the guide writes down', () => {
  const digest = createHash('sha256').update(OF.body).digest('hex');
  const text = `countersign.hop.v1\ntok_a\n${NOW}\n${NONCE}\nPOST /api/v1/ingress/sessions\n${digest}`;
  const mac = createHmac('sha256', SECRET).update(text).digest('base64url');
  expect(signHop(OF, { ts: NOW, nonce: NONCE }, SECRET)).toBe(`v1.${NOW}.${NONCE}.${mac}`);
});

test('is read back, within a minute of either clock', () => {
  const header = signHop(OF, { ts: NOW, nonce: NONCE }, SECRET);
  for (const off of [-60_000, 0, 60_000])
    expect(readHop(header, OF, SECRET, NOW + off)).toEqual({ ts: NOW, nonce: NONCE });
  for (const off of [-60_001, 60_001]) expect(readHop(header, OF, SECRET, NOW + off)).toBe('stale');
  expect(readHop(null, OF, SECRET, NOW)).toBe('missing');
});

test('any part changed, and it proves nothing', () => {
  const header = signHop(OF, { ts: NOW, nonce: NONCE }, SECRET);
  const [v = '', ts = '', nonce = '', mac = ''] = header.split('.');
  const others: readonly HopOf[] = [
    { ...OF, token: 'tok_b' },
    { ...OF, method: 'GET' },
    { ...OF, path: '/api/v1/ingress/sessions/' },
    { ...OF, body: Buffer.from('{"sender":"2"}') },
    { ...OF, body: Buffer.alloc(0) },
  ];
  for (const of of others) expect(readHop(header, of, SECRET, NOW)).toBe('forged');
  expect(readHop(header, OF, `${SECRET}b`, NOW)).toBe('forged');
  expect(readHop([v, String(NOW + 1), nonce, mac].join('.'), OF, SECRET, NOW)).toBe('forged');
  expect(readHop([v, ts, `${nonce}x`, mac].join('.'), OF, SECRET, NOW)).toBe('forged');
  for (const text of [
    '',
    'v1',
    'v2.1.2.3',
    `${header}.`,
    ` ${header}`,
    `${header},${header}`,
    header.slice(1),
  ])
    expect(readHop(text, OF, SECRET, NOW), text).toBe('malformed');
});

test('no random header is taken, and no two calls share a MAC', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readHop(text, OF, SECRET, NOW)).toBeTypeOf('string');
    }),
  );
  const calls = fc.record({
    token: fc.constantFrom<HopOf['token']>('tok_a', 'tok_a\n1', 'tok_b'),
    method: fc.constantFrom('POST', 'GET'),
    path: fc.constantFrom('/a', '/a\n', '/b'),
    body: fc.uint8Array({ maxLength: 8 }),
  });
  fc.assert(
    fc.property(calls, calls, (one, other) => {
      const [a, b] = [one, other].map((of) => signHop(of, { ts: NOW, nonce: NONCE }, SECRET));
      const parts = (of: HopOf) => [of.token, of.method, of.path, Buffer.from(of.body).toString('hex')];
      // Ids and paths hold no line break: made of parts that could run into one another, they would be refused before.
      if ([one, other].some((of) => /\n/.test(of.token + of.path))) return;
      expect(a === b).toBe(JSON.stringify(parts(one)) === JSON.stringify(parts(other)));
    }),
  );
});
