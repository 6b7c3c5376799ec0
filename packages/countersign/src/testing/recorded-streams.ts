// Streams as servers of the OpenAI interface send them, well or badly: some written down after real ones, most made from
// a seed out of the same pieces. A proxy has to give each back byte for byte, in whatever pieces it comes.
import type { Random } from '../core/ports.ts';
import { SeededRandom } from './fakes.ts';

export interface RecordedStream {
  readonly name: string;
  /** One write each. */
  readonly pieces: readonly Buffer[];
  readonly whole: Buffer;
}

const chunk = (delta: object, more: object = {}) =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, ...more }],
  });

/** Events as they are sent, and as they should not be. */
const EVENTS: readonly string[] = [
  `data: ${chunk({ role: 'assistant', content: '' })}\n\n`,
  `data: ${chunk({ content: 'Grüße, 世界 👩‍👩‍👧 \u2028' })}\n\n`,
  `data: ${chunk({ content: 'a\\nb \\"usage\\": {\\"prompt_tokens\\": 9}' })}\r\n\r\n`,
  `data: ${chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'f', arguments: '{"user_id":' } }] })}\n\n`,
  `data: ${chunk({}, { finish_reason: 'stop' })}\n\n`,
  `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}\n\n`,
  `event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":3,"output_tokens":4}}}\n\n`,
  'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}\n\n',
  'data: [DONE]\n\n',
  ': keep-alive\n\n',
  ':\n\n',
  'id: 7\nretry: 10\ndata: a\ndata: b\n\n',
  // Malformed, in the ways that are seen.
  'data: {"choices":[{"delta":{"content":"never clo\n\n',
  'data\n\n',
  'data:{"no":"space"}\n\n',
  'data: [DONE]',
  '\uFEFFdata: {}\n\n',
  '{"error":{"message":"in the middle","code":502}}\n',
  '<html><body>502 Bad Gateway</body></html>',
  'data: a\r\rdata: b\r\r',
  '\0\0\0',
  'event: error\ndata: {"error":{"message":"overloaded"}}\n\n',
  '\n\n\n\n',
  `data: ${'x'.repeat(70_000)}\n\n`,
];

/** The same for the same seed. */
export function recordedStreams(count: number, seed = 'streams'): RecordedStream[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, n) => {
    const whole = Buffer.concat(Array.from({ length: 1 + below(random, 12) }, () => eventOf(random)));
    return { name: `stream ${n}`, whole, pieces: cut(whole, random) };
  });
}

function eventOf(random: Random): Buffer {
  const event = Buffer.from(EVENTS[below(random, EVENTS.length)] ?? '', 'utf8');
  // Now and then bytes that are no text at all.
  return below(random, 12) === 0 ? Buffer.concat([event, random.bytes(1 + below(random, 40))]) : event;
}

/** Anywhere: inside of a character, of a line, of an event. */
function cut(whole: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const size = 1 + below(random, below(random, 3) === 0 ? 7 : 4_000);
    pieces.push(whole.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function below(random: Random, limit: number): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() % limit;
}
