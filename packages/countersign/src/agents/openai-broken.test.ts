// The agent is another program on another machine: it is away, slow, wrong or hostile, and the turn always ends in an
// answer or in one of two problems. Everything here crosses a real socket.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { AgentStage, KEY, problemOf, question } from '../testing/agent-stage.ts';
import { event, FakeOpenAi, type Script } from '../testing/fake-openai.ts';
import { createAgent } from './registry.ts';

const stage = AgentStage.open();

describe('an agent that is away is agent_unreachable: the message waits', () => {
  test('nobody listens', async () => {
    await stage.server.goesAway();
    const problem = await problemOf(stage.ask());
    expect(problem).toMatchObject({ code: 'agent_unreachable', retryable: true });
    expect(problem.message).toContain('ECONNREFUSED');
  });

  test('the name does not resolve', async () => {
    expect((await problemOf(stage.ask({ url: 'http://nobody.invalid/v1' }))).code).toBe('agent_unreachable');
  });

  test('the connection is reset before any byte', async () => {
    expect((await stage.asked({ reset: true })).code).toBe('agent_unreachable');
  });

  test('the connection breaks before any word', async () => {
    expect((await stage.asked({ bytes: [': warming up\n\n'], end: 'reset' })).code).toBe('agent_unreachable');
  });

  for (const status of [408, 425, 429, 500, 502, 503, 504, 529]) {
    test(`status ${status}`, async () => {
      const problem = await stage.asked({ status, body: JSON.stringify({ error: { message: KEY } }) });
      expect(problem.code).toBe('agent_unreachable');
      expect(problem.message).toContain(String(status));
      expect(JSON.stringify(problem)).not.toContain(KEY);
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`a redirect is not followed (${status})`, async () => {
      const elsewhere = await FakeOpenAi.start();
      const headers = { location: `${elsewhere.url}/chat/completions?key=${KEY}` };
      const problem = await stage.asked({ status, headers }, { key: KEY });
      expect(problem.code).toBe('agent_unreachable');
      expect(problem.hint).toContain('agent.url');
      expect(problem.message).toContain(new URL(elsewhere.url).origin);
      expect(JSON.stringify(problem)).not.toContain(KEY);
      expect(elsewhere.requests).toHaveLength(0);
      await elsewhere.goesAway();
    });
  }

  test('it takes too long to begin', async () => {
    const problem = await stage.asked({ silent: true }, { signal: AbortSignal.timeout(50) });
    expect(problem).toMatchObject({ code: 'agent_unreachable', message: 'the agent did not finish in time' });
  });

  test('it takes too long to finish', async () => {
    const slow = { bytes: [event({ content: 'Hi' })], end: 'open' } as const;
    expect((await stage.asked(slow, { signal: AbortSignal.timeout(100) })).code).toBe('agent_unreachable');
  });

  test('it announces a body that never comes', async () => {
    const started = performance.now();
    expect((await stage.asked({ status: 500, headers: { 'content-length': '100' } })).code).toBe(
      'agent_unreachable',
    );
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('an agent that answers wrongly is agent_malformed: the turn ends', () => {
  for (const status of [201, 204, 400, 401, 403, 404, 405, 413, 422]) {
    test(`status ${status}`, async () => {
      const problem = await stage.asked({
        status,
        ...(status === 204 ? {} : { body: `{"error":{"message":"${KEY}"}}` }),
      });
      expect(problem.code).toBe('agent_malformed');
      expect(problem.message).toContain(String(status));
      expect(JSON.stringify(problem)).not.toContain(KEY);
    });
  }

  test('the name of the error is told, and what to look at', async () => {
    const body = '{"error":{"code":"model_not_found","message":"no such thing"}}';
    const problem = await stage.asked({ status: 404, body });
    expect(problem.message).toBe('the agent answered with status 404: model_not_found');
    expect(problem.hint).toContain('agent.model');
  });

  test('an error page without end is not collected', async () => {
    const chunk = Buffer.alloc(65_536, 'x');
    const flood = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n\r\n');
      const pour = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', pour);
      pour();
    });
    flood.listen(0, '127.0.0.1');
    await once(flood, 'listening');
    const address = flood.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const problem = await problemOf(stage.ask({ url: `http://127.0.0.1:${port}/v1` }));
    expect(problem.message).toBe('the agent answered with status 400');
    await new Promise((resolve) => flood.close(resolve));
  });

  test('something that is not HTTP', async () => {
    const other = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      socket.end('220 mail.example ESMTP\r\n');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const problem = await problemOf(stage.ask({ url: `http://127.0.0.1:${port}/v1` }));
    expect(problem).toMatchObject({ code: 'agent_malformed', message: 'the agent does not speak HTTP' });
    await new Promise((resolve) => other.close(resolve));
  });

  const garbage: Readonly<Record<string, Script>> = {
    'a web page': { bytes: ['<!doctype html><h1>Hi</h1>'], type: 'text/html' },
    'an empty body': { bytes: [] },
    'bytes of no text': { bytes: [Uint8Array.of(0, 255, 254, 10, 10)] },
    'an error in the stream': {
      bytes: [event({ content: 'Hi' }), `data: {"error":{"message":"${KEY}"}}\n\n`],
    },
    'an end in the middle': { bytes: [event({ content: 'Hi' })] },
    'a break in the middle': { bytes: [event({ content: 'Hi' })], end: 'reset' },
    'an answer too long': {
      bytes: new Array<string>(20).fill(event({ content: 'x'.repeat(65_536) })),
      end: 'open',
    },
    'a line too long': { bytes: ['data: ', ...new Array<string>(40).fill('x'.repeat(65_536))], end: 'open' },
  };
  for (const [name, script] of Object.entries(garbage)) {
    test(name, async () => {
      const problem = await stage.asked(script);
      expect(problem.code).toBe('agent_malformed');
      expect(JSON.stringify(problem)).not.toContain(KEY);
      await stage.last().cut;
      await expect.poll(() => stage.server.connections()).toBe(0);
    });
  }

  test('a compressed answer that nobody asked for', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await stage.asked({ status: 200, body: 'x', headers })).message).toContain('compressed');
  });

  test('a key that no header can hold is never sent nor shown', async () => {
    const before = stage.server.requests.length;
    const problem = await problemOf(stage.ask({ key: `${KEY}\r\nx-evil: 1` }));
    expect(problem.code).toBe('agent_malformed');
    expect(`${JSON.stringify(problem)}${String(problem.cause)}`).not.toContain(KEY);
    expect(stage.server.requests).toHaveLength(before);
  });
});

describe('giving up', () => {
  test('is told to the upstream within half a second', async () => {
    for (const script of [{ silent: true }, { bytes: [event({ content: 'Hi' })], end: 'open' }] as const) {
      const before = stage.server.requests.length;
      const stop = new AbortController();
      stage.server.next(script);
      const answer = problemOf(stage.ask({ signal: stop.signal }));
      await expect.poll(() => stage.server.requests.length).toBe(before + 1);
      const started = performance.now();
      stop.abort();
      expect(await stage.last().cut).toBe(true);
      expect(performance.now() - started).toBeLessThan(500);
      expect(await answer).toMatchObject({
        code: 'agent_unreachable',
        message: 'the question was called off',
      });
    }
  });

  test('before it began asks nobody', async () => {
    const before = stage.server.requests.length;
    expect((await problemOf(stage.ask({ signal: AbortSignal.abort() }))).code).toBe('agent_unreachable');
    expect(stage.server.requests).toHaveLength(before);
  });

  test('hands on no piece afterwards', async () => {
    const stop = new AbortController();
    const pieces: string[] = [];
    const onText = (piece: string) => {
      pieces.push(piece);
      stop.abort();
    };
    const problem = await stage.asked(
      { says: ['a', 'b', 'c'], everyMs: 20 },
      { signal: stop.signal, onText },
    );
    expect(problem.code).toBe('agent_unreachable');
    expect(pieces).toEqual(['a']);
  });

  test('two hundred times leaks no socket', async () => {
    const agent = createAgent(
      { kind: 'openai', url: stage.server.url, model: 'small', apiKey: null },
      { log: stage.log },
    );
    const codes: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const asking = Array.from({ length: 20 }, async (_, index) => {
        const stop = new AbortController();
        stage.server.next(index % 2 === 0 ? { silent: true } : { says: ['a', 'b', 'c', 'd'], everyMs: 5 });
        // Some before the connection stands, some while waiting, some in the middle of the answer.
        setTimeout(() => stop.abort(), index);
        codes.push((await problemOf(agent.ask(question(), () => {}, stop.signal))).code);
      });
      await Promise.all(asking);
    }
    expect(codes).toEqual(new Array(200).fill('agent_unreachable'));
    await expect.poll(() => stage.server.connections()).toBe(0);
  });
});
