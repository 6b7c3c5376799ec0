// Every state × every event, written out a second time: what is not issued any more proves nothing.
import { describe, expect, test } from 'vitest';
import {
  CHALLENGE_TABLE,
  type ChallengeEvent,
  type ChallengeState,
  challengeSources,
  challengeStateAt,
} from './machine.ts';

// A word is the next state; `-` is a refusal.
const EXPECTED = `
  state     | answer_right | answer_wrong | answer_last_wrong | expire  | replace | disown
  issued    | satisfied    | issued       | exhausted         | expired | void    | disowned
  satisfied | -            | -            | -                 | -       | -       | disowned
  exhausted | -            | -            | -                 | -       | -       | disowned
  expired   | -            | -            | -                 | -       | -       | disowned
  void      | -            | -            | -                 | -       | -       | disowned
  disowned  | -            | -            | -                 | -       | -       | -
`;

const [head = [], ...rows] = EXPECTED.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));
const events = head.slice(1);

const isState = (name: string): name is ChallengeState => Object.hasOwn(CHALLENGE_TABLE, name);

test('the table below has every state and every event', () => {
  expect(rows.map(([state]) => state).toSorted()).toEqual(Object.keys(CHALLENGE_TABLE).toSorted());
  for (const row of Object.values(CHALLENGE_TABLE))
    expect(Object.keys(row).toSorted()).toEqual(events.toSorted());
});

describe('every state × every event', () => {
  for (const [state = '', ...cells] of rows) {
    for (const [index, cell] of cells.entries()) {
      test(`${state}, ${events[index]}: ${cell}`, () => {
        if (!isState(state)) throw new Error(`no state ${state}`);
        const step = Object.entries(CHALLENGE_TABLE[state]).find(([event]) => event === events[index])?.[1];
        expect(step).toEqual(cell === '-' ? { refused: true } : { to: cell });
      });
    }
  }
});

test('R3: nothing leads back to issued, and only an issued one is ever satisfied', () => {
  const all: readonly ChallengeEvent[] = ['answer_right', 'expire', 'replace', 'answer_last_wrong'];
  for (const event of all) expect(challengeSources(event)).toEqual(['issued']);
  expect(challengeSources('disown')).toHaveLength(5);
});

test('expiry is read off the clock', () => {
  expect(challengeStateAt({ state: 'issued', expiresAt: 10 }, 9)).toBe('issued');
  expect(challengeStateAt({ state: 'issued', expiresAt: 10 }, 10)).toBe('expired');
  expect(challengeStateAt({ state: 'satisfied', expiresAt: 10 }, 99)).toBe('satisfied');
});
