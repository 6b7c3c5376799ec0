// The agent is another program on another machine: it is away, slow, wrong or hostile, and the turn always ends in an
// answer or in one of two problems. Everything here crosses a real socket.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Problem } from '@countersign/protocol/problem';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Question } from '../core/agent-port.ts';
import { event, FakeOpenAi, properStream, type Script } from '../testing/fake-openai.ts';
import { MemoryLog } from '../testing/fakes.ts';
import { createAgent } from './registry.ts';

const KEY = 'sk-very-secret';

let server: FakeOpenAi;
let log: MemoryLog;

beforeAll(async () => {
  server = await FakeOpenAi.start();
});
beforeEach(() => {
  log = new MemoryLog();
});
afterEach(async () => {
  await server.comesBack();
  server.usually({ says: ['Hello', ' there'] });
});
afterAll(() => server.goesAway());

function question(more: Partial<Question> = {}): Question {
  return {
    requestId: 'msg_aaaa',
    turn: 'turn_bbbb',
    sessionKey: 'agent:main:webchat:default:direct:secretperson',
    history: [],
    text: 'hi',
    ...more,
  };
}

interface AskOptions {
  readonly url?: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
  readonly onText?: (piece: string) => void;
  readonly question?: Question;
}

async function ask(options: AskOptions = {}): Promise<string> {
  const { url = server.url, key, signal = new AbortController().signal, onText = () => {} } = options;
  const apiKey = key === undefined ? null : { reveal: () => key };
  const agent = createAgent({ kind: 'openai', url, model: 'small', apiKey }, { log });
  return agent.ask(options.question ?? question(), onText, signal);
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const cause = await work.then(
    (value) => new Error(`it succeeded: ${String(value)}`),
    (error: unknown) => error,
  );
  if (cause instanceof Problem) return cause;
  throw cause;
}

async function asked(script: Script, options: AskOptions = {}): Promise<Problem> {
  server.next(script);
  return problemOf(ask(options));
}

const last = () => {
  const request = server.requests.at(-1);
  if (request === undefined) throw new Error('nothing was asked');
  return request;
};

describe('what the agent hears', () => {
  test('the conversation, oldest first, and to stream', async () => {
    const history = [
      { user: 'one', assistant: 'two' },
      { user: 'three', assistant: 'four' },
    ];
    expect(await ask({ question: question({ history, text: 'five' }) })).toBe('Hello from the fake.');
    expect(last().path).toBe('/v1/chat/completions');
    expect(last().body).toEqual({
      model: 'small',
      stream: true,
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'user', content: 'three' },
        { role: 'assistant', content: 'four' },
        { role: 'user', content: 'five' },
      ],
    });
  });

  test('two headers to correlate by, and nothing of the person', async () => {
    await ask();
    expect(last().headers).toMatchObject({
      'x-client-request-id': 'msg_aaaa',
      'x-countersign-turn': 'turn_bbbb',
    });
    expect(last().text + JSON.stringify(last().headers)).not.toMatch(/secretperson|"user":/);
  });

  test('a key only when there is one', async () => {
    await ask();
    expect(last().headers.authorization).toBeUndefined();
    await ask({ key: KEY });
    expect(last().headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('a base with slashes at its end is the same base', async () => {
    await ask({ url: `${server.url}//` });
    expect(last().path).toBe('/v1/chat/completions');
    await ask({ url: new URL(server.url).origin });
    expect(last().path).toBe('/chat/completions');
  });

  test('text arrives unchanged, whatever it holds', async () => {
    server.usually({ repeats: true });
    const text = 'a\u0000b\u202E😀\r\n"data: [DONE]"\n\n';
    expect(await ask({ question: question({ text }) })).toBe(`You said: ${text}`);
  });
});

describe('what the person hears', () => {
  test('the pieces, as they come', async () => {
    const pieces: string[] = [];
    server.next({ says: ['a', 'b', 'c'], everyMs: 5 });
    expect(await ask({ onText: (piece) => pieces.push(piece) })).toBe('abc');
    expect(pieces).toEqual(['a', 'b', 'c']);
  });

  test('an answer of a server that cannot stream, in one piece', async () => {
    const pieces: string[] = [];
    server.next({ whole: 'All at once.' });
    expect(await ask({ onText: (piece) => pieces.push(piece) })).toBe('All at once.');
    expect(pieces).toEqual(['All at once.']);
  });

  test('any split of the stream into writes gives the same text', async () => {
    const bytes = Buffer.from(properStream(['Grüße ', '世界 👩‍👩‍👧', '!']).join(': ping\r\n\r\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const writes = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        server.next({ bytes: writes.filter((write) => write.length > 0) });
        expect(await ask()).toBe('Grüße 世界 👩‍👩‍👧!');
      }),
      { numRuns: 40 },
    );
  });

  test('calls of tools are left out and noted in the log', async () => {
    server.next({ bytes: [event({ tool_calls: [{ index: 0 }] }), event({ content: 'Hi' }, 'stop')] });
    expect(await ask()).toBe('Hi');
    expect(log.lines).toEqual([
      { level: 'info', event: 'agent.tool_calls_ignored', fields: { turn: 'turn_bbbb' } },
    ]);
  });

  for (const end of ['open', 'reset'] as const) {
    test(`[DONE] ends the answer when the connection stays ${end === 'open' ? 'open' : 'only to break'}`, async () => {
      server.next({ bytes: properStream(['Hi']), end });
      expect(await ask()).toBe('Hi');
      expect(await last().cut).toBe(true);
    });

    test(`a reason to stop is enough when [DONE] never comes (${end})`, async () => {
      server.next({ bytes: [event({ content: 'Hi' }, 'stop')], end });
      expect(await ask()).toBe('Hi');
    });
  }
});

describe('an agent that is away is agent_unreachable: the message waits', () => {
  test('nobody listens', async () => {
    await server.goesAway();
    const problem = await problemOf(ask());
    expect(problem).toMatchObject({ code: 'agent_unreachable', retryable: true });
    expect(problem.message).toContain('ECONNREFUSED');
  });

  test('the name does not resolve', async () => {
    expect((await problemOf(ask({ url: 'http://nobody.invalid/v1' }))).code).toBe('agent_unreachable');
  });

  test('the connection is reset before any byte', async () => {
    expect((await asked({ reset: true })).code).toBe('agent_unreachable');
  });

  test('the connection breaks before any word', async () => {
    expect((await asked({ bytes: [': warming up\n\n'], end: 'reset' })).code).toBe('agent_unreachable');
  });

  for (const status of [408, 425, 429, 500, 502, 503, 504, 529]) {
    test(`status ${status}`, async () => {
      const problem = await asked({ status, body: JSON.stringify({ error: { message: KEY } }) });
      expect(problem.code).toBe('agent_unreachable');
      expect(problem.message).toContain(String(status));
      expect(JSON.stringify(problem)).not.toContain(KEY);
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`a redirect is not followed (${status})`, async () => {
      const elsewhere = await FakeOpenAi.start();
      const headers = { location: `${elsewhere.url}/chat/completions?key=${KEY}` };
      const problem = await asked({ status, headers }, { key: KEY });
      expect(problem.code).toBe('agent_unreachable');
      expect(problem.hint).toContain('agent.url');
      expect(problem.message).toContain(new URL(elsewhere.url).origin);
      expect(JSON.stringify(problem)).not.toContain(KEY);
      expect(elsewhere.requests).toHaveLength(0);
      await elsewhere.goesAway();
    });
  }

  test('it takes too long to begin', async () => {
    const problem = await asked({ silent: true }, { signal: AbortSignal.timeout(50) });
    expect(problem).toMatchObject({ code: 'agent_unreachable', message: 'the agent did not finish in time' });
  });

  test('it takes too long to finish', async () => {
    const slow = { bytes: [event({ content: 'Hi' })], end: 'open' } as const;
    expect((await asked(slow, { signal: AbortSignal.timeout(100) })).code).toBe('agent_unreachable');
  });

  test('it announces a body that never comes', async () => {
    const started = performance.now();
    expect((await asked({ status: 500, headers: { 'content-length': '100' } })).code).toBe(
      'agent_unreachable',
    );
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('an agent that answers wrongly is agent_malformed: the turn ends', () => {
  for (const status of [201, 204, 400, 401, 403, 404, 405, 413, 422]) {
    test(`status ${status}`, async () => {
      const problem = await asked({
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
    const problem = await asked({ status: 404, body });
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
    const problem = await problemOf(ask({ url: `http://127.0.0.1:${port}/v1` }));
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
    const problem = await problemOf(ask({ url: `http://127.0.0.1:${port}/v1` }));
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
      const problem = await asked(script);
      expect(problem.code).toBe('agent_malformed');
      expect(JSON.stringify(problem)).not.toContain(KEY);
      await last().cut;
      await expect.poll(() => server.connections()).toBe(0);
    });
  }

  test('a compressed answer that nobody asked for', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await asked({ status: 200, body: 'x', headers })).message).toContain('compressed');
  });

  test('a key that no header can hold is never sent nor shown', async () => {
    const before = server.requests.length;
    const problem = await problemOf(ask({ key: `${KEY}\r\nx-evil: 1` }));
    expect(problem.code).toBe('agent_malformed');
    expect(`${JSON.stringify(problem)}${String(problem.cause)}`).not.toContain(KEY);
    expect(server.requests).toHaveLength(before);
  });
});

describe('giving up', () => {
  test('is told to the upstream within half a second', async () => {
    for (const script of [{ silent: true }, { bytes: [event({ content: 'Hi' })], end: 'open' }] as const) {
      const before = server.requests.length;
      const stop = new AbortController();
      server.next(script);
      const answer = problemOf(ask({ signal: stop.signal }));
      await expect.poll(() => server.requests.length).toBe(before + 1);
      const started = performance.now();
      stop.abort();
      expect(await last().cut).toBe(true);
      expect(performance.now() - started).toBeLessThan(500);
      expect(await answer).toMatchObject({
        code: 'agent_unreachable',
        message: 'the question was called off',
      });
    }
  });

  test('before it began asks nobody', async () => {
    const before = server.requests.length;
    expect((await problemOf(ask({ signal: AbortSignal.abort() }))).code).toBe('agent_unreachable');
    expect(server.requests).toHaveLength(before);
  });

  test('hands on no piece afterwards', async () => {
    const stop = new AbortController();
    const pieces: string[] = [];
    const onText = (piece: string) => {
      pieces.push(piece);
      stop.abort();
    };
    const problem = await asked({ says: ['a', 'b', 'c'], everyMs: 20 }, { signal: stop.signal, onText });
    expect(problem.code).toBe('agent_unreachable');
    expect(pieces).toEqual(['a']);
  });

  test('two hundred times leaks no socket', async () => {
    const agent = createAgent({ kind: 'openai', url: server.url, model: 'small', apiKey: null }, { log });
    const codes: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const asking = Array.from({ length: 20 }, async (_, index) => {
        const stop = new AbortController();
        server.next(index % 2 === 0 ? { silent: true } : { says: ['a', 'b', 'c', 'd'], everyMs: 5 });
        // Some before the connection stands, some while waiting, some in the middle of the answer.
        setTimeout(() => stop.abort(), index);
        codes.push((await problemOf(agent.ask(question(), () => {}, stop.signal))).code);
      });
      await Promise.all(asking);
    }
    expect(codes).toEqual(new Array(200).fill('agent_unreachable'));
    await expect.poll(() => server.connections(), { timeout: 5_000 }).toBe(0);
  });
});

test('the line for people names model and address, and no key', () => {
  const apiKey = { reveal: () => KEY };
  const settings = { kind: 'openai', url: 'http://127.0.0.1:18789/v1/', model: 'a\u202Eb', apiKey } as const;
  expect(createAgent(settings, { log }).describe).toBe('the model a\\u{202E}b at http://127.0.0.1:18789/v1');
});

test('an openai agent without an address is a mistake of the configuration', () => {
  const settings = { kind: 'openai', url: null, model: 'small', apiKey: null } as const;
  expect(() => createAgent(settings, { log })).toThrow(expect.objectContaining({ code: 'config_invalid' }));
});
