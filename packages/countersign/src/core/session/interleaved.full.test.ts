// Two people, one group, ten thousand messages, and an agent over HTTP: every request carries its own sender's bearer,
// whatever they say of themselves. kill -9 and a restart in the middle change nothing: the handles are the same, nothing
// is left out, and what was being asked is asked again under the same ids.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { verifyBearer } from '@countersign/protocol/token';
import { expect, test } from 'vitest';

const CHILD = fileURLToPath(new URL('../../testing/interleaved/child.ts', import.meta.url));
const MESSAGES = 10_000;
/** The process dies when the agent has been asked so often. */
const DEATHS = [700, 3_100, 6_900];

interface Told {
  readonly people?: Record<string, string>;
  readonly issuer?: string;
  readonly keys?: { readonly keys: readonly object[] };
  readonly done?: boolean;
}

interface Asked {
  readonly name: string;
  readonly number: number;
  readonly headers: IncomingMessage['headers'];
}

const answer = (text: string) =>
  JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  });

test(`I-01 H67: ${MESSAGES} messages of two people in one group, with kill -9 in the middle`, {
  timeout: 1_800_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-interleaved-'));
  const asked: Asked[] = [];
  let child: ChildProcess | null = null;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      const text = String(JSON.parse(body).messages.at(-1).content);
      const [, name = '', number = ''] = /^(ana|bob) (\d+):/.exec(text) ?? [];
      asked.push({ name, number: Number(number), headers: request.headers });
      // It dies with a question under way: that one is asked again.
      if (DEATHS.includes(asked.length)) child?.kill('SIGKILL');
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer(`heard ${number}`));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port }: AddressInfo = Object(server.address());
  const told: Told[] = [];
  let finished = false;
  let lives = 0;
  try {
    while (!finished) {
      lives += 1;
      child = spawn(process.execPath, [CHILD, home, `http://127.0.0.1:${port}/v1`, String(MESSAGES)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (child.stdout === null) throw new Error('no pipe');
      createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line)));
      const [code, signal] = await once(child, 'exit');
      finished = signal === null;
      if (finished) expect(code).toBe(0);
    }
  } finally {
    child?.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true });
  }
  expect(lives).toBe(DEATHS.length + 1);

  const first = told.find(({ people }) => people !== undefined);
  const { people = {}, issuer = '', keys = { keys: [] } } = first ?? {};
  // Same people and same keys after each restart.
  for (const one of told.filter(({ done }) => done !== true)) expect(one).toEqual(first);
  expect(new Set(asked.map(({ number }) => number)).size).toBe(MESSAGES);
  const handles = new Map<string, Set<unknown>>();
  const turns = new Map<unknown, Set<string>>();
  const believed = new Map<string, string>();
  for (const { name, number, headers } of asked) {
    const bearer = String(headers['x-countersign-bearer']);
    let sub = believed.get(bearer);
    if (sub === undefined) {
      // As of when it was made: the test looks long after it has ended.
      const [, claims = ''] = bearer.split('.');
      const { iat } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      sub = (await verifyBearer(bearer, { keys, audience: 'tools', issuer, now: new Date(iat * 1000) })).sub;
      believed.set(bearer, sub);
    }
    if (sub !== people[name]) throw new Error(`message ${number} of ${name} was asked for ${sub}`);
    handles.set(name, (handles.get(name) ?? new Set()).add(headers['x-countersign-session']));
    const ids = `${headers['x-client-request-id']} ${headers['x-countersign-turn']} ${headers['traceparent']}`;
    turns.set(number, (turns.get(number) ?? new Set()).add(ids));
  }
  expect([...handles.values()].map((each) => each.size)).toEqual([1, 1]);
  expect(new Set([...handles.values()].flatMap((each) => [...each])).size).toBe(2);
  for (const [number, ids] of turns) expect([number, ids.size]).toEqual([number, 1]);
  // Bearers are handed out again: far fewer than messages, and both people have theirs.
  expect(believed.size).toBeLessThan(MESSAGES / 20);
});
