// A call through our proxy (identity, bearer, audit, headers and body cleaned) against the same through a plain node:http
// proxy, upstream and both proxies in processes of their own. Invariant: both sides carry the same bytes.
import { fork } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { median, ratio } from './figures.ts';
import type { Row } from './house.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const BODY = JSON.stringify({
  model: 'm',
  stream: true,
  messages: [
    { role: 'system', content: 'You are a helpful assistant. '.repeat(20) },
    { role: 'user', content: 'what is the weather like in the mountains tomorrow?' },
  ],
});
const PATH = '/v1/chat/completions';
const ABORTS = 20;

interface Side {
  readonly port: number;
  readonly pool: Pool;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds of the process since it was asked last. */
  cpu(): Promise<number>;
  close(): Promise<void>;
}

async function side(what: string, behind = ''): Promise<Side> {
  const file = fileURLToPath(new URL('proxy-child.ts', import.meta.url));
  const child = fork(file, [what, behind], { execArgv: ['--no-warnings'] });
  const next = <T>() => new Promise<T>((resolve) => child.once('message', (told) => resolve(told as T)));
  const { port, headers } = await next<{ port: number; headers: Record<string, string> }>();
  const pool = new Pool(`http://127.0.0.1:${port}`);
  return {
    port,
    pool,
    headers: { ...headers, 'content-type': 'application/json' },
    async cpu() {
      const told = next<{ cpu: number }>();
      child.send('cpu');
      return (await told).cpu;
    },
    async close() {
      await pool.destroy();
      child.disconnect();
    },
  };
}

async function ask({ pool, headers }: Side, how: string): Promise<number> {
  const all = { ...headers, 'x-bench': how };
  const { body, statusCode } = await pool.request({ method: 'POST', path: PATH, headers: all, body: BODY });
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  return (await body.arrayBuffer()).byteLength;
}

interface Load {
  readonly how: string;
  readonly calls: number;
  readonly open: number;
}

/** Processor time of the proxy for one call. */
async function cost(of: Side, { how, calls, open }: Load): Promise<number> {
  await of.cpu();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await ask(of, how);
  };
  await Promise.all(Array.from({ length: open }, worker));
  return (await of.cpu()) / calls;
}

async function compare(plain: Side, ours: Side, load: Load) {
  const ratios: number[] = [];
  const each: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    // Each goes first as often as the other.
    const first = round % 2 === 0 ? await cost(plain, load) : null;
    const of = await cost(ours, load);
    const against = first ?? (await cost(plain, load));
    if (round < 0) continue; // Warm-up.
    ratios.push(of / against);
    each.push(of * 1_000);
  }
  return { ratios, text: `${ratio(ratios)}; ${Math.round(median(each))} µs a call` };
}

/** Milliseconds until the first byte of the body, on a connection that is open already. */
async function firstByte({ pool, headers }: Side): Promise<number> {
  const from = performance.now();
  const all = { ...headers, 'x-bench': 'paced' };
  const { body } = await pool.request({ method: 'POST', path: PATH, headers: all, body: BODY });
  let ms = 0;
  for await (const _ of body) if (ms === 0) ms = performance.now() - from;
  return ms;
}

async function firstBytes(plain: Side, ours: Side): Promise<number> {
  const later: number[] = [];
  for (let n = 0; n < 120; n++) {
    const first = n % 2 === 0 ? await firstByte(plain) : null;
    const of = await firstByte(ours);
    later.push(of - (first ?? (await firstByte(plain))));
  }
  return median(later.slice(20));
}

/** How many of the aborts reached the upstream within half a second. */
async function aborts(upstream: Side, { port, headers }: Side): Promise<number> {
  await cuts(upstream);
  for (let n = 0; n < ABORTS; n++) {
    await new Promise<void>((resolve) => {
      const all = { ...headers, 'x-bench': 'endless' };
      const asked = httpRequest(
        { port, host: '127.0.0.1', path: PATH, method: 'POST', headers: all },
        (answer) => {
          answer.once('data', () => {
            asked.destroy();
            resolve();
          });
          answer.on('error', () => {});
        },
      );
      asked.on('error', () => {});
      asked.end(BODY);
    });
  }
  await pause(500);
  return cuts(upstream);
}

async function cuts({ pool }: Side): Promise<number> {
  const { body } = await pool.request({ method: 'POST', path: '/', headers: { 'x-bench': 'cuts' } });
  return Number(await body.text());
}

const upstream = await side('upstream');
const behind = `http://127.0.0.1:${upstream.port}`;
const plain = await side('plain', behind);
const ours = await side('ours', behind);
const baseline = 'the same through a plain `node:http` proxy';
const rows: Row[] = [];
for (const [name, how] of [
  ['in one go', 'burst'],
  ['paced', 'paced'],
] as const) {
  console.error(`  streams ${name} …`);
  const { ratios, text } = await compare(plain, ours, { how, calls: 240, open: 8 });
  const what = `proxying one streamed completion (50 events, ${name}) with identity, bearer and audit (CPU)`;
  rows.push({ what, baseline, budget: '≤ 1.10 ×', measured: text, met: median(ratios) <= 1.1 });
}
console.error('  small documents …');
const small = await compare(plain, ours, { how: 'json', calls: 600, open: 8 });
rows.push({
  what: 'proxying one small JSON completion (CPU)',
  baseline,
  budget: '≤ 1.45 ×, goal 1.3',
  measured: small.text,
  met: median(small.ratios) <= 1.45,
});
console.error('  first bytes, aborts …');
const later = await firstBytes(plain, ours);
rows.push({
  what: 'first byte of a stream',
  baseline: 'the plain proxy',
  budget: '≤ 0.3 ms later at the median',
  measured: `${later.toFixed(2)} ms later`,
  met: later <= 0.3,
});
const reached = await aborts(upstream, ours);
rows.push({
  what: `client aborts that reached the upstream within 0.5 s, of ${ABORTS}`,
  baseline: '',
  budget: 'every one',
  measured: `${reached}`,
  met: reached === ABORTS,
});
await Promise.all([ours, plain, upstream].map((one) => one.close()));
console.log(JSON.stringify(rows));
