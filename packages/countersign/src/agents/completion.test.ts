// Agents are other people's programs: whatever bytes they send, the reader ends in the same text or in a problem.
import { Problem } from '@countersign/protocol/problem';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { event, properStream, wholeAnswer } from '../testing/fake-openai.ts';
import { type Completion, CompletionReader, MAX_ANSWER } from './completion.ts';

const encode = (text: string) => new TextEncoder().encode(text);

function read(chunks: readonly Uint8Array[]): Completion & { readonly pieces: string[] } {
  const pieces: string[] = [];
  const reader = new CompletionReader((piece) => pieces.push(piece));
  for (const chunk of chunks) {
    reader.feed(chunk);
    if (reader.done) break;
  }
  return { ...reader.end(), pieces };
}

const readText = (...texts: readonly string[]) => read(texts.map(encode)).text;

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (cause) {
    if (cause instanceof Problem) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}

/** `bytes` cut at the given places. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('every way servers write a stream', () => {
  const hi = event({ content: 'Hi' });
  const stop = event({}, 'stop');
  const done = 'data: [DONE]\n\n';
  const cases: Readonly<Record<string, readonly [string, string]>> = {
    'a proper stream': [properStream(['Hel', 'lo']).join(''), 'Hello'],
    'comments between events': [`: ping\n\n${hi}: OPENROUTER PROCESSING\n\n${stop}:\n${done}`, 'Hi'],
    'CRLF line ends': [properStream(['Hi']).join('').replaceAll('\n', '\r\n'), 'Hi'],
    'bare CR line ends': [properStream(['Hi']).join('').replaceAll('\n', '\r'), 'Hi'],
    'a byte order mark first': [`\uFEFF${hi}${done}`, 'Hi'],
    'data over several lines': [
      'data: {"choices":\ndata: [{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n',
      'Hi',
    ],
    'no space after the colon': [`${hi}${done}`.replaceAll('data: ', 'data:'), 'Hi'],
    'no [DONE], but a reason to stop': [`${hi}${stop}`, 'Hi'],
    'no blank line at the end': [`${hi}${stop}`.trimEnd(), 'Hi'],
    'a [DONE] without a reason': [`${hi}${done}`, 'Hi'],
    'a [DONE] without its line end': [`${hi}data: [DONE]`, 'Hi'],
    'an empty reason with every piece': [
      `${event({ content: 'H' }, '')}${event({ content: 'i' }, '')}${done}`,
      'Hi',
    ],
    'the reason in the last piece': [`${event({ content: 'H' })}${event({ content: 'i' }, 'stop')}`, 'Hi'],
    'empty choices and usage': [
      `data: {"choices":[]}\n\n${hi}data: {"usage":{"total_tokens":3}}\n\n${done}`,
      'Hi',
    ],
    'choices that are null': [`data: {"choices":null}\n\n${hi}${done}`, 'Hi'],
    'a role alone, and content that is null': [
      `${event({ role: 'assistant', content: null })}${hi}${done}`,
      'Hi',
    ],
    'a delta that is missing': [`data: {"choices":[{"index":0}]}\n\n${hi}${done}`, 'Hi'],
    'content as parts': [
      `${event({ content: [{ type: 'text', text: 'H' }, 'i', { type: 'image' }] })}${done}`,
      'Hi',
    ],
    'a refusal instead of content': [`${event({ refusal: 'No.' })}${stop}`, 'No.'],
    'a second choice beside the first': [
      `data: {"choices":[{"index":1,"delta":{"content":"X"}}]}\n\n${hi}${done}`,
      'Hi',
    ],
    'fields nobody asked for': [`event: chunk\nid: 7\nretry: 10\n${hi}${done}`, 'Hi'],
    'an error that is null': [`data: {"error":null,"choices":[{"delta":{"content":"Hi"}}]}\n\n${done}`, 'Hi'],
    'the whole message again at the end': [
      `${hi}data: {"choices":[{"delta":{},"message":{"content":"Hi"},"finish_reason":"stop"}]}\n\n${done}`,
      'Hi',
    ],
    'words after [DONE]': [`${hi}${done}${event({ content: ' and more' })}`, 'Hi'],
    'one JSON document': [wholeAnswer('Hi'), 'Hi'],
    'one JSON document, indented, without a reason': [
      '\n {\n"choices": [{"message": {"content": "Hi"}}]}\n',
      'Hi',
    ],
    'one JSON document with parts': [wholeAnswer([{ type: 'text', text: 'Hi' }]), 'Hi'],
    'lone halves of a character': [`${event({ content: 'a\uD83D' })}${done}`, 'a\uFFFD'],
  };
  for (const [name, [stream, text]] of Object.entries(cases)) {
    test(name, () => expect(readText(stream)).toBe(text));
  }

  test('a character cut in two by the agent is handed on whole', () => {
    const { text, pieces } = read([
      encode(event({ content: 'a\uD83D' }) + event({ content: '\uDE00b' }, 'stop')),
    ]);
    expect(text).toBe('a😀b');
    expect(pieces).toEqual(['a', '😀b']);
  });

  test('the pieces are the text', () => {
    const { text, pieces } = read([encode(properStream(['one ', 'two ', '', 'three']).join(''))]);
    expect(pieces).toEqual(['one ', 'two ', 'three']);
    expect(pieces.join('')).toBe(text);
  });

  test('calls of tools are left out and noted', () => {
    const call = event({ tool_calls: [{ index: 0, function: { name: 'rm', arguments: '{}' } }] });
    expect(read([encode(`${call}${hi}${stop}`)])).toMatchObject({ text: 'Hi', toolCalls: true });
  });
});

describe('what is not a completion is agent_malformed and quotes nothing', () => {
  const secret = 'sk-very-secret';
  const big = 'x'.repeat(MAX_ANSWER / 2 + 1);
  const cases: Readonly<Record<string, string | Uint8Array>> = {
    nothing: '',
    'a [DONE] alone': 'data: [DONE]\n\n',
    'white space only': `${event({ content: ' \n' })}data: [DONE]\n\n`,
    'an end in the middle': event({ content: 'Hi' }),
    'an event cut in the middle': `${event({ content: 'Hi' })}data: {"choi`,
    'a web page': `<!doctype html><title>${secret}</title>`,
    'data that is not JSON': `data: ${secret}\n\n`,
    'JSON that is no object': `data: ["${secret}"]\n\n`,
    'choices that are no list': `data: {"choices":"${secret}"}\n\n`,
    'content that is a number': 'data: {"choices":[{"delta":{"content":7}}]}\n\n',
    'an error in the stream': `${event({ content: 'Hi' })}data: {"error":{"message":"${secret}"}}\n\n`,
    'an error that is a string': `data: {"error":"${secret}"}\n\n`,
    'an event called error': `event: error\ndata: {"detail":"${secret}"}\n\n`,
    'an error in one document': `{"error":{"message":"${secret}"}}`,
    'a document cut in the middle': `{"choices":[{"message":{"content":"${secret}`,
    'calls of tools and no word': event({ tool_calls: [{ index: 0 }] }, 'tool_calls'),
    'a filtered answer': event({}, 'content_filter'),
    'bytes that are no UTF-8': Uint8Array.of(0xff, 0xfe, 0xfd),
    'a stream that ends inside a character': Uint8Array.of(...encode('data: "'), 0xf0, 0x9f),
    'an answer of more than a mebibyte': `${event({ content: big })}${event({ content: big }, 'stop')}`,
    'a document of more than a mebibyte': wholeAnswer(`${big}${big}`),
  };
  for (const [name, stream] of Object.entries(cases)) {
    test(name, () => {
      const bytes = typeof stream === 'string' ? encode(stream) : stream;
      const problem = problemOf(() => read([bytes]));
      expect(problem.code).toBe('agent_malformed');
      expect(JSON.stringify(problem)).not.toContain(secret);
      expect(String(problem.cause)).not.toContain(secret);
    });
  }

  test('the plain name of an error is told, nothing else of it', () => {
    const named = (code: string) => `data: {"error":{"code":"${code}","message":"${secret}"}}\n\n`;
    expect(problemOf(() => readText(named('context_length_exceeded'))).message).toContain(
      'context_length_exceeded',
    );
    expect(problemOf(() => readText(named(secret))).message).not.toContain(secret);
  });

  for (const line of ['data: ', ': ', 'x']) {
    test(`a line without end that begins with "${line}" is given up, not collected`, () => {
      const reader = new CompletionReader(() => {});
      const chunk = encode('y'.repeat(65_536));
      const feed = () => {
        reader.feed(encode(line));
        for (let fed = 0; fed < 2 * MAX_ANSWER; fed += chunk.length) reader.feed(chunk);
      };
      expect(problemOf(feed).code).toBe('agent_malformed');
    });
  }
});

test('an answer of exactly a mebibyte stands', () => {
  const text = 'é'.repeat(MAX_ANSWER / 4);
  expect(readText(event({ content: text }), event({ content: text }, 'stop'))).toHaveLength(MAX_ANSWER / 2);
});

test('a listener that throws is our own fault, not the agent’s', () => {
  const reader = new CompletionReader(() => {
    throw new Error('no page');
  });
  expect(problemOf(() => reader.feed(encode(event({ content: 'Hi' })))).code).toBe('internal');
});

describe('bytes cut anywhere', () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.nat(), { maxLength: 40 });
  const ends = fc.constantFrom('\n', '\r\n', '\r');

  test('any split of a stream gives the same text', () => {
    fc.assert(
      fc.property(texts, cuts, ends, (said, places, end) => {
        const pieces = [...said, '!'];
        const bytes = encode(properStream(pieces).join(': ping\n\n').replaceAll('\n', end));
        expect(read(split(bytes, places)).text).toBe(pieces.join(''));
      }),
      { numRuns: 300 },
    );
  });

  test('one byte at a time gives the same text', () => {
    const bytes = encode(properStream(['Grüße, ', '世界 ', '👩‍👩‍👧']).join(''));
    expect(read([...bytes].map((byte) => Uint8Array.of(byte))).text).toBe('Grüße, 世界 👩‍👩‍👧');
  });

  test('any split of one document gives the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), cuts, (said, places) => {
        expect(read(split(encode(wholeAnswer(`${said}!`)), places)).text).toBe(`${said}!`);
      }),
      { numRuns: 200 },
    );
  });

  test('any bytes at all end in an answer or in agent_malformed', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([place, junk]) => {
        const bytes = encode(properStream(['Hi', ' you']).join(''));
        const at = place % bytes.length;
        return Uint8Array.of(...bytes.subarray(0, at), ...junk, ...bytes.subarray(at + junk.length));
      }),
    );
    fc.assert(
      fc.property(noise, cuts, (bytes, places) => {
        let code = 'none';
        try {
          expect(read(split(bytes, places)).text.trim()).not.toBe('');
        } catch (cause) {
          code = cause instanceof Problem ? cause.code : String(cause);
        }
        expect(['none', 'agent_malformed']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});
