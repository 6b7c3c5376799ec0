// One process of the proxy benchmark: the upstream, the plain proxy, or ours. It says where it listens, and on request what
// processor time it took since it was asked last.
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { openProxyHouse } from '../packages/countersign/src/testing/proxy-house.ts';

const EVENTS = 50;
const PACE_MS = 2;
const event = (n: number) =>
  `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"word ${n} "}}]}\n\n`;
const STREAM = Array.from({ length: EVENTS }, (_, n) => event(n));
const WHOLE = JSON.stringify({
  id: 'chatcmpl-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Good day' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 },
});

const [what = '', behind = ''] = process.argv.slice(2);
let headers: Record<string, string> = {};
let port = 0;
if (what === 'upstream') port = await listening(upstream());
else if (what === 'plain') port = await listening(plain(new URL(behind)));
else {
  const limits = { concurrent: 10_000, perMinute: 1_000_000 };
  const house = await openProxyHouse({ behind: `${behind}/v1`, proxy: { limits } });
  port = house.port;
  headers = await house.as('ana');
}
let before = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(before);
  before = process.cpuUsage();
  process.send?.({ cpu: (user + system) / 1_000 });
});
process.on('disconnect', () => process.exit());
process.send?.({ port, headers });

/** What a model's server does: a document, events in one go, or events as they are thought of. */
function upstream(): Server {
  let cut = 0;
  return createServer((request, response) => {
    request.resume();
    response.on('error', () => {});
    const how = request.headers['x-bench'];
    if (how === 'cuts') {
      response.end(String(cut));
      cut = 0;
      return;
    }
    request.on('end', async () => {
      if (how === 'json') {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': WHOLE.length })
          .end(WHOLE);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (how === 'endless') {
        response.on('close', () => {
          cut += 1;
        });
        response.write(STREAM[0]);
        return;
      }
      for (const piece of STREAM) {
        if (response.destroyed) return;
        response.write(piece);
        if (how === 'paced') await pause(PACE_MS);
      }
      response.end();
    });
  });
}

/** The least that can be called a proxy. */
function plain({ hostname, port: to }: URL): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  return createServer((request, response) => {
    const { method, url, headers: sent } = request;
    const asked = httpRequest({ hostname, port: to, path: url, method, headers: sent, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => {
      if (!response.writableFinished) asked.destroy();
    });
    request.pipe(asked);
  });
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
