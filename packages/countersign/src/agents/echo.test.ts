// Without an agent something has to answer, and nobody may take it for one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Question } from '../core/agent-port.ts';
import { MemoryLog } from '../testing/fakes.ts';
import { createAgent } from './registry.ts';

const agent = createAgent(
  { kind: 'echo', url: null, model: 'default', apiKey: null },
  { log: new MemoryLog() },
);

async function ask(text: string, history: Question['history'] = [], signal = new AbortController().signal) {
  const pieces: string[] = [];
  const question: Question = {
    requestId: 'msg_a',
    turn: 'turn_b',
    traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
    carried: null,
    sessionKey: 'agent:main:main',
    history,
    text,
  };
  const answer = await agent.ask(question, (piece) => pieces.push(piece), signal);
  return { answer, pieces };
}

const before = [{ user: 'hi', assistant: 'hi' }];

test('it says on first use that it is no AI and how to set an agent, and repeats the text', async () => {
  const { answer } = await ask('hello there');
  expect(answer).toMatch(/not an AI/);
  expect(answer).toMatch(/agent\.url/);
  expect(answer).toMatch(/You wrote: hello there$/);
});

test('later it repeats and says no more', async () => {
  expect((await ask('hello', before)).answer).toBe('You wrote: hello');
});

test('the answer comes in a few pieces, none of them cut inside a character', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (text) => {
      const { answer, pieces } = await ask(text, before);
      expect(answer).toBe(`You wrote: ${text}`);
      expect(pieces.join('')).toBe(answer);
      expect(pieces.length).toBeLessThanOrEqual(4);
      for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
    }),
  );
});

test('it stops when it is told to', async () => {
  await expect(ask('hello', [], AbortSignal.abort())).rejects.toMatchObject({ code: 'agent_unreachable' });
});

test('it says what it is where the house is described', () => {
  expect(agent.describe).toMatch(/echo.*not an AI/);
});
