// Bytes pass as they come: nothing is parsed, repaired or held back, malformed streams included, and whoever goes away
// takes the other end along within half a second. T5: an abrupt client never ends the process.
import { createServer, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProxyHouse, type ProxyHouse } from '../../testing/proxy-house.ts';
import { recordedStreams } from '../../testing/recorded-streams.ts';

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true });

type Play = (response: ServerResponse) => void;
let play: Play = () => undefined;
let upstream: Server;
let open: ProxyHouse;
let headers: Record<string, string>;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume();
    request.on('error', () => {});
    response.on('error', () => {});
    play(response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', () => resolve()));
  const { port } = upstream.address() as AddressInfo;
  open = await openProxyHouse({ behind: `http://127.0.0.1:${port}/v1` });
  headers = { ...(await open.as('ana')), 'content-type': 'application/json' };
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  upstream.closeAllConnections();
  upstream.close();
});

const call = (signal?: AbortSignal) =>
  fetch(`${open.base}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: BODY,
    ...(signal === undefined ? {} : { signal }),
  });

test('200 streams come back byte for byte, malformed ones included', async () => {
  const streams = recordedStreams(200);
  expect(new Set(streams.map(({ whole }) => whole.toString('latin1'))).size).toBeGreaterThan(190);
  for (const { name, pieces, whole } of streams) {
    play = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': name });
      for (const piece of pieces) {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    };
    const answer = await call();
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('x-request-id')).toBe(name);
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole), name).toBe(true);
  }
});

test('compressed answers pass as they are', async () => {
  const bytes = gzipSync('foo');
  play = (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip', vary: 'accept-encoding' }).end(bytes);
  expect(await (await call()).text()).toBe('foo');
});

test('an event is there when it was sent, not when the next one is; and the head before any of them', async () => {
  let say: (text: string) => void = () => undefined;
  const began = Promise.withResolvers<void>();
  play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    say = (text) => (text === '' ? response.end() : response.write(text));
    began.resolve();
  };
  const answer = await call();
  await began.promise;
  const reader = answer.body?.getReader();
  for (const text of ['data: 1\n\n', 'data: 2\n\n', ': ping\n\n']) {
    say(text);
    const { value } = (await reader?.read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe(text);
  }
  say('');
  expect((await reader?.read())?.done).toBe(true);
});

describe('aborts', () => {
  /** Milliseconds until the upstream knows. */
  async function untilCut(abort: (began: Promise<void>) => Promise<void>): Promise<number> {
    const began = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<number>();
    play = (response) => {
      response.on('close', () => cut.resolve(performance.now()));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      began.resolve();
    };
    await abort(began.promise);
    const from = performance.now();
    return (await cut.promise) - from;
  }

  test('a client that aborts is gone for the upstream within 0.5 s, every time', async () => {
    for (let round = 0; round < 20; round++) {
      const ms = await untilCut(async (began) => {
        const ending = new AbortController();
        const answer = await call(ending.signal);
        await began;
        await answer.body?.getReader().read();
        ending.abort();
      });
      expect(ms).toBeLessThan(500);
    }
  });

  test('so is one that tears its connection down, or goes before the head is there', async () => {
    const torn = await untilCut(async (began) => {
      const asked = httpRequest(`${open.base}/v1/chat/completions`, { method: 'POST', headers });
      asked.on('error', () => {});
      asked.end(BODY);
      await began;
      asked.socket?.resetAndDestroy();
    });
    expect(torn).toBeLessThan(500);
    const early = Promise.withResolvers<number>();
    const here = Promise.withResolvers<void>();
    play = (response) => {
      response.on('close', () => early.resolve(performance.now()));
      here.resolve();
    };
    const ending = new AbortController();
    const asked = call(ending.signal).catch(() => undefined);
    await here.promise;
    const from = performance.now();
    ending.abort();
    await asked;
    expect((await early.promise) - from).toBeLessThan(500);
  });

  test('an upstream that dies ends the answer at once, and not as if it were whole', async () => {
    play = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      setImmediate(() => response.socket?.resetAndDestroy());
    };
    await expect((await call()).text()).rejects.toThrow();
  });

  test('connections torn down at any moment end nothing else', async () => {
    play = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write('data: 1\n\n'), 1);
      response.on('close', () => clearInterval(timer));
    };
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const whole = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n${head.join('')}content-length: ${BODY.length}\r\n\r\n${BODY}`;
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        return new Promise<void>((resolve) => {
          const socket = connect(open.port, '127.0.0.1', () => {
            socket.write(whole.slice(0, Math.ceil((whole.length * (n + 1)) / 90)));
            setTimeout(() => socket.resetAndDestroy(), n % 20);
          });
          socket.on('error', () => {});
          socket.on('close', () => resolve());
        });
      }),
    );
    play = (response) => response.end('alive');
    expect(await (await call()).text()).toBe('alive');
    const metrics = async () => (await open.house.call('host', 'GET', '/metrics')).text();
    await expect.poll(metrics).toMatch(/countersign_proxy_open 0\n/);
  });
});

test('who reads slowly is waited for: nothing is piled up here', async () => {
  const PIECE = Buffer.alloc(64 * 1024, 'x');
  const TOTAL = 1_024;
  let written = 0;
  let isStopped = false;
  play = async (response) => {
    for (; written < TOTAL && !response.destroyed; written++) {
      if (response.write(PIECE)) continue;
      isStopped = true;
      await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  };
  const size = await new Promise<number>((resolve, reject) => {
    const asked = httpRequest(`${open.base}/v1/chat/completions`, { method: 'POST', headers }, (answer) => {
      answer.pause();
      void expect
        .poll(() => isStopped)
        .toBe(true)
        .then(async () => {
          // Still the same a moment later: socket buffers are full and nothing else is.
          const before = await settled(() => written);
          expect(before).toBeLessThan(TOTAL / 2);
          let read = 0;
          answer.on('data', (chunk: Buffer) => {
            read += chunk.length;
          });
          answer.on('end', () => resolve(read));
          answer.resume();
        }, reject);
    });
    asked.on('error', reject);
    asked.end(BODY);
  });
  expect(size).toBe(PIECE.length * TOTAL);
});

/** The value once it is the same twenty looks in a row. */
async function settled(value: () => number): Promise<number> {
  let last = value();
  for (let same = 0; same < 20; same++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (value() !== last) same = 0;
    last = value();
  }
  return last;
}
