// What an agent of the OpenAI interface hears, for whom, and what of its answer the person hears. Over a real socket.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentStage, KEY, problemOf, question } from '../testing/agent-stage.ts';
import { event, properStream } from '../testing/fake-openai.ts';
import { createAgent } from './registry.ts';

const stage = AgentStage.open();

describe('what the agent hears', () => {
  test('the conversation, oldest first, and to stream', async () => {
    const history = [
      { user: 'one', assistant: 'two' },
      { user: 'three', assistant: 'four' },
    ];
    expect(await stage.ask({ question: question({ history, text: 'five' }) })).toBe('Hello from the fake.');
    expect(stage.last().path).toBe('/v1/chat/completions');
    expect(stage.last().body).toEqual({
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
    await stage.ask();
    expect(stage.last().headers).toMatchObject({
      'x-client-request-id': 'msg_aaaa',
      'x-countersign-turn': 'turn_bbbb',
    });
    expect(stage.last().text + JSON.stringify(stage.last().headers)).not.toMatch(/secretperson|"user":/);
  });

  test('a key only when there is one', async () => {
    await stage.ask();
    expect(stage.last().headers.authorization).toBeUndefined();
    await stage.ask({ key: KEY });
    expect(stage.last().headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('a base with slashes at its end is the same base', async () => {
    await stage.ask({ url: `${stage.server.url}//` });
    expect(stage.last().path).toBe('/v1/chat/completions');
    await stage.ask({ url: new URL(stage.server.url).origin });
    expect(stage.last().path).toBe('/chat/completions');
  });

  test('text arrives unchanged, whatever it holds', async () => {
    stage.server.usually({ repeats: true });
    const text = 'a\u0000b\u202E😀\r\n"data: [DONE]"\n\n';
    expect(await stage.ask({ question: question({ text }) })).toBe(`You said: ${text}`);
  });
});

describe('who is asked for', () => {
  test('I-04: who is asked for, where the audience lists this origin, and the trace', async () => {
    const { origin } = new URL(stage.server.url);
    const carried = {
      bearer: 'eyJ.a.b',
      header: 'x-countersign-bearer',
      handle: 'csh_abc',
      origins: [origin],
    };
    await stage.ask({ key: KEY, question: question({ carried }) });
    expect(stage.last().headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'x-countersign-bearer': 'eyJ.a.b',
      'x-countersign-session': 'csh_abc',
      'x-countersign-turn': 'turn_bbbb',
      traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
    });
    expect(stage.last().text).not.toMatch(/eyJ|csh_/);
    await stage.ask({ question: question({ carried: { ...carried, header: 'authorization' } }) });
    expect(stage.last().headers.authorization).toBe('Bearer eyJ.a.b');
  });

  test('H66: made for another origin, it stays here: no bearer and no handle; a redirect is an error', async () => {
    const carried = { bearer: 'eyJ.a.b', header: 'x-countersign-bearer', handle: 'csh_abc' };
    for (const origins of [[], ['http://127.0.0.1:1'], ['https://tools.example'], [stage.server.url]]) {
      await stage.ask({ question: question({ carried: { ...carried, origins } }) });
      expect(JSON.stringify(stage.last().headers)).not.toMatch(/eyJ|csh_/);
    }
    const { origin } = new URL(stage.server.url);
    stage.server.next({ status: 307, headers: { location: `${origin}/elsewhere` } });
    await problemOf(stage.ask({ question: question({ carried: { ...carried, origins: [origin] } }) }));
    expect(stage.server.requests.filter(({ path }) => path === '/elsewhere')).toEqual([]);
  });
});

describe('what the person hears', () => {
  test('the pieces, as they come', async () => {
    const pieces: string[] = [];
    stage.server.next({ says: ['a', 'b', 'c'], everyMs: 5 });
    expect(await stage.ask({ onText: (piece) => pieces.push(piece) })).toBe('abc');
    expect(pieces).toEqual(['a', 'b', 'c']);
  });

  test('an answer of a server that cannot stream, in one piece', async () => {
    const pieces: string[] = [];
    stage.server.next({ whole: 'All at once.' });
    expect(await stage.ask({ onText: (piece) => pieces.push(piece) })).toBe('All at once.');
    expect(pieces).toEqual(['All at once.']);
  });

  test('any split of the stream into writes gives the same text', async () => {
    const bytes = Buffer.from(properStream(['Grüße ', '世界 👩‍👩‍👧', '!']).join(': ping\r\n\r\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const writes = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        stage.server.next({ bytes: writes.filter((write) => write.length > 0) });
        expect(await stage.ask()).toBe('Grüße 世界 👩‍👩‍👧!');
      }),
      { numRuns: 40 },
    );
  });

  test('calls of tools are left out and noted in the log', async () => {
    stage.server.next({ bytes: [event({ tool_calls: [{ index: 0 }] }), event({ content: 'Hi' }, 'stop')] });
    expect(await stage.ask()).toBe('Hi');
    expect(stage.log.lines).toEqual([
      { level: 'info', event: 'agent.tool_calls_ignored', fields: { turn: 'turn_bbbb' } },
    ]);
  });

  for (const end of ['open', 'reset'] as const) {
    test(`[DONE] ends the answer when the connection stays ${end === 'open' ? 'open' : 'only to break'}`, async () => {
      stage.server.next({ bytes: properStream(['Hi']), end });
      expect(await stage.ask()).toBe('Hi');
      expect(await stage.last().cut).toBe(true);
    });

    test(`a reason to stop is enough when [DONE] never comes (${end})`, async () => {
      stage.server.next({ bytes: [event({ content: 'Hi' }, 'stop')], end });
      expect(await stage.ask()).toBe('Hi');
    });
  }
});

test('the line for people names model and address, and no key', () => {
  const apiKey = { reveal: () => KEY };
  const settings = { kind: 'openai', url: 'http://127.0.0.1:18789/v1/', model: 'a\u202Eb', apiKey } as const;
  expect(createAgent(settings, { log: stage.log }).describe).toBe(
    'the model a\\u{202E}b at http://127.0.0.1:18789/v1',
  );
});

test('an openai agent without an address is a mistake of the configuration', () => {
  const settings = { kind: 'openai', url: null, model: 'small', apiKey: null } as const;
  expect(() => createAgent(settings, { log: stage.log })).toThrow(
    expect.objectContaining({ code: 'config_invalid' }),
  );
});
