import type { Need } from '@countersign/protocol/overview';
import { expect, test } from 'vitest';
import { english } from '../../text/en.ts';
import { shownCounts } from './day.ts';
import { cardOf, isHere } from './needs.ts';

const card = (need: Need) => cardOf(need, english.overview.needs, english.channels);
const at = '2026-11-25T12:00:00.000Z';

test('each need leads to the place where it is decided', () => {
  const pairing = {
    id: 'pair_abcdefgh',
    channel: 'telegram',
    account: 'default',
    identifier: '1',
    state: 'pending',
    createdAt: at,
    expiresAt: at,
  } as const;
  expect(card({ kind: 'pairing', since: at, pairing }).action?.href).toBe('#/pairings?open=pair_abcdefgh');
  expect(card({ kind: 'pairing', since: at, pairing: { ...pairing, state: 'waiting' } }).title).toMatch(
    /waits/,
  );
  const approval = {
    id: 'appr_abcdefgh',
    short: 'K7QD2-M4XA9',
    tier: 'destructive',
    agent: 'main',
    createdAt: at,
    expiresAt: at,
  } as const;
  const asked = card({ kind: 'approval', since: at, approval });
  expect(asked.action).toMatchObject({
    href: '#/approvals?open=appr_abcdefgh',
    name: expect.stringMatching(/K7QD2-M4XA9/),
  });
  const change = {
    path: 'channels.telegram.allowFrom',
    why: 'mass_removal',
    inForce: [],
    asked: [],
    gone: ['1', '2'],
  } as const;
  const removal = card({
    kind: 'config',
    change: { ...change, inForce: [], asked: [], gone: [...change.gone] },
  });
  expect(removal.action?.href).toBe('#/settings?at=channels.telegram.allowFrom');
  expect(removal.does).toMatch(/^2 people/);
  const channel = {
    channel: 'telegram',
    account: 'old',
    enabled: true,
    dmPolicy: 'pairing',
    state: 'retrying',
  } as const;
  expect(card({ kind: 'channel', channel }).action?.href).toBe('#/channels?open=telegram%3Aold');
});

test('an address holds an id of another kind as text and nothing else', () => {
  const change = { path: 'x?open=1&a#b', why: 'guarded', inForce: 1, asked: 2 } as const;
  expect(card({ kind: 'config', change }).action?.href).toBe('#/settings?at=x%3Fopen%3D1%26a%23b');
});

test('what did not happen is not counted out', () => {
  const none = {
    admitted: 0,
    answered: 0,
    unanswered: 0,
    asked: 0,
    letIn: 0,
    turnedAway: 0,
    signedIn: 0,
    ranUnasked: 0,
    putToPeople: 0,
    saidYes: 0,
    saidNo: 0,
    refused: 0,
    undelivered: 0,
  };
  expect(shownCounts(none)).toEqual([]);
  expect(shownCounts({ ...none, letIn: 2, admitted: 1 })).toEqual([
    ['admitted', 1],
    ['letIn', 2],
  ]);
});

test('an elevation stands above every page, and not among what waits as well', () => {
  const check = (name: string): Need => ({ kind: 'check', check: { name, level: 'warning', message: '' } });
  expect(isHere(check('elevation'))).toBe(false);
  expect(isHere(check('clock'))).toBe(true);
});
