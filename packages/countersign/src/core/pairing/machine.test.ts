// A request is settled once. Every state × every event is decided here, by hand; a new state or event fails the build
// until each of its cells is.
import { describe, expect, test } from 'vitest';
import {
  effectiveState,
  next,
  PAIRING_TABLE,
  type PairingEvent,
  type PairingState,
  sources,
} from './machine.ts';

const EVENTS = [
  'approve',
  'deny',
  'block',
  'unblock',
  'revoke',
  'expire',
  'evict',
  'promote',
  'prolong',
] as const;

// A word is the next state. decided, expired and conflict say why nothing changes.
const EXPECTED = `
  state    | approve  | deny    | block   | unblock  | revoke   | expire   | evict    | promote  | prolong
  pending  | approved | denied  | blocked | conflict | conflict | expired! | waiting  | conflict | conflict
  waiting  | approved | denied  | blocked | conflict | conflict | expired! | conflict | pending  | conflict
  approved | decided  | decided | blocked | conflict | revoked  | expired! | conflict | conflict | approved
  denied   | decided  | decided | blocked | conflict | conflict | conflict | conflict | conflict | conflict
  expired  | expired  | expired | blocked | conflict | conflict | conflict | conflict | conflict | conflict
  revoked  | decided  | decided | blocked | conflict | decided  | conflict | conflict | conflict | conflict
  blocked  | decided  | decided | decided | revoked  | conflict | conflict | conflict | conflict | conflict
`;

const REFUSALS: Readonly<Record<string, string>> = {
  decided: 'already_decided',
  expired: 'expired',
  conflict: 'state_conflict',
};

const [head = [], ...rows] = EXPECTED.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

const isState = (name: string): name is PairingState => Object.hasOwn(PAIRING_TABLE, name);

test('the table below has every state and every event', () => {
  expect(head.slice(1)).toEqual(EVENTS);
  expect(rows.map(([state]) => state).toSorted()).toEqual(Object.keys(PAIRING_TABLE).toSorted());
  for (const row of Object.values(PAIRING_TABLE))
    expect(Object.keys(row).toSorted()).toEqual(EVENTS.toSorted());
  // One that the list above lacks does not compile.
  const all: Readonly<Record<PairingEvent, true>> = {
    approve: true,
    deny: true,
    block: true,
    unblock: true,
    revoke: true,
    expire: true,
    evict: true,
    promote: true,
    prolong: true,
  };
  expect(Object.keys(all)).toEqual(EVENTS);
});

describe('every state × every event', () => {
  for (const [state = '', ...cells] of rows) {
    for (const [index, event] of EVENTS.entries()) {
      const cell = cells[index] ?? '';
      test(`${state}, ${event}: ${cell}`, () => {
        if (!isState(state)) throw new Error(`no state ${state}`);
        const refused = REFUSALS[cell];
        // "expired" is a refusal where the request has run out, and a state (marked !) where it runs out now.
        const expected = refused === undefined ? { to: cell.replace('!', '') } : { refused };
        expect(next(state, event)).toEqual(expected);
      });
    }
  }
});

test('sources are the states an event leads out of, so that a compare-and-set can name them', () => {
  expect(sources('approve')).toEqual(['pending', 'waiting']);
  expect(sources('deny')).toEqual(['pending', 'waiting']);
  expect(sources('revoke')).toEqual(['approved']);
  expect(sources('unblock')).toEqual(['blocked']);
  expect(sources('evict')).toEqual(['pending']);
  expect(sources('promote')).toEqual(['waiting']);
  expect(sources('prolong')).toEqual(['approved']);
  expect(sources('expire')).toEqual(['pending', 'waiting', 'approved']);
  expect(sources('block')).toEqual(['pending', 'waiting', 'approved', 'denied', 'expired', 'revoked']);
});

test('R3, H72: no road leads back to a decision: what was settled is approved again only as a new request', () => {
  const reachable = (from: PairingState, seen = new Set<PairingState>()): Set<PairingState> => {
    for (const event of EVENTS) {
      const step = next(from, event);
      if ('to' in step && !seen.has(step.to)) reachable(step.to, seen.add(step.to));
    }
    return seen;
  };
  for (const settled of ['approved', 'denied', 'expired', 'revoked', 'blocked'] as const) {
    const seen = reachable(settled);
    // An access that still lasts may be prolonged; nothing else comes back to it.
    if (settled === 'approved') seen.delete('approved');
    expect(seen.has('pending') || seen.has('waiting') || seen.has('approved'), settled).toBe(false);
  }
});

describe('expiry is a fact of the clock, read and not waited for', () => {
  const at = (state: PairingState, now: number, accessUntil: number | null = null) =>
    effectiveState({ state, expiresAt: 100, accessUntil }, now);

  test('an open request is expired from its end on', () => {
    for (const state of ['pending', 'waiting'] as const) {
      expect(at(state, 99)).toBe(state);
      expect(at(state, 100)).toBe('expired');
      expect(at(state, 101)).toBe('expired');
    }
  });

  test('an access for a time is expired from its end on; one without end never is', () => {
    expect(at('approved', 199, 200)).toBe('approved');
    expect(at('approved', 200, 200)).toBe('expired');
    expect(at('approved', Number.MAX_SAFE_INTEGER)).toBe('approved');
  });

  test('the end of a request says nothing about what was settled', () => {
    for (const state of ['denied', 'expired', 'revoked', 'blocked'] as const) {
      expect(at(state, 1_000, 1)).toBe(state);
    }
  });

  test('a clock set back opens nothing that was settled', () => {
    expect(at('expired', 0)).toBe('expired');
  });
});
