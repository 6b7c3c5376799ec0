// P-turns: one message that the agent cannot bear, and an agent that is away: a table of what happens, and who may ask then.
import { makeId, type SessionId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import { AgentPause, type May } from './agent-pause.ts';

const sessions: Readonly<Record<string, SessionId>> = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((name, n) => [name, makeId('session', new Uint8Array(15).fill(n + 1))]),
);

type Step =
  | readonly [at: number, who: string, may: May]
  | readonly [at: number, who: string, what: 'failed' | 'answered' | 'told' | 'left' | 'gone']
  | readonly [at: number, who: string, what: 'answered', free: readonly string[]];

const s = 1_000;
const THREE_FAIL: readonly Step[] = [
  [0, 'a', 'ask'],
  [0, 'b', 'ask'],
  [0, 'c', 'ask'],
  [0, 'a', 'failed'],
  [0, 'b', 'failed'],
  [0, 'c', 'failed'],
];

const CASES: Readonly<Record<string, readonly Step[]>> = {
  'a session that fails alone waits 1, 2, 4 … seconds, a minute at most; nobody else waits': [
    [0, 'a', 'failed'],
    [999, 'a', 'rest'],
    [999, 'b', 'ask'],
    [1 * s, 'a', 'ask'],
    [1 * s, 'a', 'failed'],
    [2_999, 'a', 'rest'],
    [3 * s, 'a', 'failed'],
    [7 * s, 'a', 'failed'],
    [15 * s, 'a', 'failed'],
    [31 * s, 'a', 'failed'],
    [62_999, 'a', 'rest'],
    [63 * s, 'a', 'failed'],
    [122_999, 'a', 'rest'],
    [123 * s, 'a', 'failed'],
    [182_999, 'a', 'rest'],
    [183 * s, 'a', 'ask'],
  ],
  'an answer to another cuts its pause short once, and not again': [
    [0, 'a', 'failed'],
    [100, 'b', 'answered', ['a']],
    [100, 'a', 'ask'],
    [100, 'a', 'failed'],
    [200, 'b', 'answered', []],
    [2_099, 'a', 'rest'],
    [2_100, 'a', 'ask'],
  ],
  'its own answer makes it like any other': [
    [0, 'a', 'failed'],
    [1 * s, 'a', 'failed'],
    [3 * s, 'a', 'answered', []],
    [7 * s, 'a', 'failed'],
    [8 * s, 'a', 'ask'],
  ],
  'answers in between: failures of many sessions are not an agent that is away': [
    [0, 'a', 'failed'],
    [0, 'b', 'failed'],
    [0, 'd', 'answered', ['a', 'b']],
    [0, 'c', 'failed'],
    [0, 'e', 'ask'],
  ],
  'three that fail in a row: the agent is away, and one at a time asks, who was asked for least lately first':
    [
      ...THREE_FAIL,
      [999, 'a', 'rest'],
      [999, 'd', 'tell'],
      [999, 'd', 'told'],
      [999, 'd', 'rest'],
      [1 * s, 'd', 'rest'],
      [1 * s, 'a', 'ask'],
      [1 * s, 'b', 'rest'],
      [1 * s, 'a', 'failed'],
      [2_999, 'b', 'rest'],
      [3 * s, 'a', 'rest'],
      [3 * s, 'b', 'ask'],
      [3 * s, 'b', 'failed'],
      [7 * s, 'c', 'ask'],
      [7 * s, 'c', 'failed'],
      [15 * s, 'd', 'ask'],
      [15 * s, 'd', 'failed'],
      [31 * s, 'a', 'ask'],
      [31 * s, 'a', 'failed'],
      [60_999, 'b', 'rest'],
      [61 * s, 'b', 'ask'],
    ],
  'where nobody waits any more, a newcomer is the probe': [
    ...THREE_FAIL,
    [0, 'a', 'gone'],
    [0, 'b', 'gone'],
    [0, 'c', 'gone'],
    [1 * s, 'd', 'ask'],
    [1 * s, 'd', 'failed'],
    [3 * s, 'd', 'ask'],
  ],
  'a failure that was under way when the agent went away is nobody’s probe': [
    ...THREE_FAIL,
    [500, 'd', 'failed'],
    [1 * s, 'a', 'ask'],
  ],
  'one answer, and everybody is taken up again at once': [
    ...THREE_FAIL,
    [1 * s, 'a', 'ask'],
    [1 * s, 'a', 'answered', ['b', 'c']],
    [1 * s, 'a', 'ask'],
    [1 * s, 'b', 'ask'],
    [1 * s, 'c', 'ask'],
    [1 * s, 'e', 'ask'],
  ],
  'a session that was excused before is excused again after the agent was away': [
    [0, 'a', 'failed'],
    [0, 'e', 'answered', ['a']],
    ...THREE_FAIL,
    [1 * s, 'e', 'answered', ['a', 'b', 'c']],
  ],
  'a probe that asked nothing makes way at once': [
    ...THREE_FAIL,
    [1 * s, 'a', 'ask'],
    [1 * s, 'a', 'left'],
    [1 * s, 'b', 'ask'],
  ],
  'a probe that takes long is no longer the only one': [
    ...THREE_FAIL,
    [1 * s, 'a', 'ask'],
    [10_999, 'b', 'rest'],
    [11 * s, 'b', 'ask'],
    [12 * s, 'a', 'answered', ['c', 'b']],
  ],
};

describe('whom the agent is asked for', () => {
  test.each(Object.entries(CASES))('%s', (_, steps) => {
    const pause = new AgentPause();
    for (const [n, [at, who, what, free]] of steps.entries()) {
      const session = sessions[who] ?? 'ses_';
      const said = `step ${n}: ${who} at ${at}`;
      if (what === 'failed') pause.failed(session, at);
      else if (what === 'told') pause.told(session);
      else if (what === 'left') pause.left(session);
      else if (what === 'gone') pause.keep((one) => one !== session);
      else if (what === 'answered') {
        const freed = pause.answered(session);
        if (free !== undefined) expect(freed, said).toEqual(free.map((name) => sessions[name]));
      } else expect(pause.takes(session, at), said).toBe(what);
    }
  });

  test('sessions in which nothing waits any more are forgotten', () => {
    const pause = new AgentPause();
    const [a, b] = [sessions['a'] ?? 'ses_', sessions['b'] ?? 'ses_'];
    pause.failed(a, 0);
    pause.failed(b, 0);
    pause.keep((session) => session === b);
    expect([pause.takes(a, 1), pause.takes(b, 1)]).toEqual(['ask', 'rest']);
  });
});
