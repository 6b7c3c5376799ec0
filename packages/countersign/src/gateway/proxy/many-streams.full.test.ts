// H63: a thousand streams at once hold, each with its own bytes to its end, and all of them are gone when they end.
import { createServer, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openProxyHouse } from '../../testing/proxy-house.ts';

const COUNT = 1_000;
const EVENTS = 20;
/** Everybody is in this one process, and a busy machine takes its time until it has read what a thousand of them wrote. */
const PATIENT = { headersMs: 240_000, requestMs: 240_000, lookEveryMs: 1_000 };
const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true });

test('1,000 streams at once hold', { timeout: 300_000 }, async () => {
  const waiting: ServerResponse[] = [];
  const all = Promise.withResolvers<void>();
  const upstream = createServer((request, response) => {
    request.resume();
    response
      .writeHead(200, { 'content-type': 'text/event-stream', 'x-id': String(waiting.length) })
      .flushHeaders();
    waiting.push(response);
    if (waiting.length === COUNT) all.resolve();
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', () => resolve()));
  const { port } = upstream.address() as AddressInfo;
  try {
    await using open = await openProxyHouse({ behind: `http://127.0.0.1:${port}/v1`, patience: PATIENT });
    const headers = { ...(await open.as('ana')), 'content-type': 'application/json' };
    const answers = Promise.all(Array.from({ length: COUNT }, () => whole(open.base, headers)));
    // One that breaks ends the test, with its reason.
    await Promise.race([all.promise, answers]);
    expect(await (await open.house.call('host', 'GET', '/metrics')).text()).toContain(
      'countersign_proxy_open 1000\n',
    );
    // All speak in turns: none waits for another.
    for (let event = 0; event < EVENTS; event++) {
      for (const [id, response] of waiting.entries()) response.write(`data: ${id} ${event}\n\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const response of waiting) response.end();
    for (const { id, text } of await answers) {
      expect(text).toBe(Array.from({ length: EVENTS }, (_, event) => `data: ${id} ${event}\n\n`).join(''));
    }
    const metrics = async () => (await open.house.call('host', 'GET', '/metrics')).text();
    await expect.poll(metrics).toContain('countersign_proxy_open 0\n');
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});

function whole(base: string, headers: Record<string, string>): Promise<{ id: string; text: string }> {
  return new Promise((resolve, reject) => {
    const to = `${base}/v1/chat/completions`;
    const asked = httpRequest(to, { method: 'POST', headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ id: String(answer.headers['x-id']), text }));
    });
    asked.on('error', reject);
    asked.end(BODY);
  });
}
