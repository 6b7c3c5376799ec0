// Random and mutated bodies against the proxy on a real port. Whatever is sent: it lives, none of its answers is a failure
// of its own, nobody without an identity reaches the upstream, and no claim gets there with anybody.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { Pool } from 'undici';
import { expect } from 'vitest';
import { SeededRandom } from './fakes.ts';
import { Mutator } from './mutate.ts';
import { openProxyHouse } from './proxy-house.ts';

/** Bodies as runtimes send them, and as attackers would. */
const SEEDS: readonly string[] = [
  '{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"user":"bob"}',
  '{"model":"m","user":"a","USER":"b","\\u0075ser":"c","metadata":{"user_id":"x","topic":"t"}}',
  '{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"user_id: 4"}]}],"metadata":{"phone":"+49"}}',
  '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],"user":{}}',
  '{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"safety_identifier":"s","n":1e3}',
  '{"extra_headers":{"x-countersign-bearer":"eyJ"},"extra_body":{"user":"b"},"metadata":"{\\"sub\\":1}"}',
  '[[[[{"user":"a"}]]]]',
];
const OPEN = 32;
const TOP = /^(?:user|safety_?identifier|user_?id)$/i;

/** `count` bodies; every third comes without a handle. */
export async function fuzzProxy(count: number, seed: string): Promise<void> {
  const seen: { readonly bearer: unknown; readonly text: string }[] = [];
  const upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        bearer: request.headers['x-countersign-bearer'],
        text: Buffer.concat(chunks).toString('utf8'),
      });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', () => resolve()));
  const { port } = upstream.address() as AddressInfo;
  const limits = { concurrent: 1_000, perMinute: 1_000_000 };
  await using open = await openProxyHouse({
    behind: `http://127.0.0.1:${port}/v1`,
    proxy: { limits, scrub: { mode: 'remove' }, verifyLink: true },
  });
  const pool = new Pool(open.base, { connections: OPEN, headersTimeout: 60_000 });
  try {
    const named = { ...(await open.as('ana')), 'content-type': 'application/json' };
    const nobody = { authorization: `Bearer ${open.token}`, 'content-type': 'application/json' };
    const { sub } = decodeJwt(await bearerOf(open.base, named, seen));
    const statuses = new Map<number, number>();
    const random = new SeededRandom(seed);
    const mutator = new Mutator(random);
    let sent = 0;
    const worker = async () => {
      while (sent < count) {
        const n = sent++;
        const isNamed = n % 3 !== 2;
        const path = n % 2 === 0 ? '/v1/chat/completions' : '/v1/responses';
        const body = bodyOf(mutator, random, n);
        const answer = await pool.request({ method: 'POST', path, headers: isNamed ? named : nobody, body });
        await answer.body.dump();
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        if (!isNamed) expect(answer.statusCode).toBe(401);
        for (const { bearer, text } of seen.splice(0)) check(String(bearer), sub, text);
      }
    };
    await Promise.all(Array.from({ length: OPEN }, worker));
    expect([...statuses.keys()].filter((status) => ![200, 400, 401].includes(status))).toEqual([]);
    // Both happen, or nothing was tried.
    expect(statuses.get(200)).toBeGreaterThan(count / 20);
    expect(statuses.get(400)).toBeGreaterThan(count / 20);
  } finally {
    await pool.destroy();
    upstream.closeAllConnections();
    upstream.close();
  }
}

function check(bearer: string, sub: string | undefined, text: string): void {
  expect(decodeJwt(bearer).sub).toBe(sub);
  const body: unknown = JSON.parse(text);
  expect(Object.keys(body ?? {}).filter((name) => TOP.test(name.normalize('NFKC')))).toEqual([]);
}

async function bearerOf(
  base: string,
  headers: Record<string, string>,
  seen: { readonly bearer: unknown }[],
): Promise<string> {
  await (await fetch(`${base}/v1/responses`, { method: 'POST', headers, body: '{}' })).text();
  return String(seen.splice(0)[0]?.bearer);
}

function bodyOf(mutator: Mutator, random: SeededRandom, n: number): Buffer {
  if (n % 10 === 0) return Buffer.from(random.bytes(1 + (n % 200)));
  const seed = Buffer.from(mutator.one(SEEDS));
  return n % 10 < 4 ? seed : Buffer.from(mutator.bytes(seed));
}
