import type { ApprovalRow } from '@countersign/protocol/approval';
import { describe, expect, test } from 'vitest';
import { english } from '../../text/en.ts';
import { kindsOf, outcomeOf, saidHow, stateOf } from './words.ts';

const says = english.approvals;
const AT = '2026-01-01T00:00:00.000Z';
const grant = 'grant_1';

type Case = [string, Pick<ApprovalRow, 'state' | 'run' | 'because'>, string, 'open' | 'good' | 'bad' | null];

describe('what came of a yes', () => {
  test.each<Case>([
    ['nothing yet', { state: 'approved', run: { grant } }, 'approved', 'open'],
    [
      'it was not used',
      { state: 'expired', because: 'unused', run: { grant } },
      'approved, and not used',
      null,
    ],
    ['nobody answered', { state: 'expired' }, 'nobody answered', null],
    ['it was used', { state: 'redeemed', run: { grant, redeemedAt: AT } }, 'about to start', 'open'],
    ['it runs', { state: 'redeemed', run: { grant, redeemedAt: AT, startedAt: AT } }, 'running', 'open'],
    [
      'it ended well',
      { state: 'finished', run: { grant, exitCode: 0, signal: null } },
      'finished: exit code 0',
      'good',
    ],
    [
      'it did not',
      { state: 'finished', run: { grant, exitCode: 3, signal: null } },
      'finished: exit code 3',
      'bad',
    ],
    [
      'a signal',
      { state: 'finished', run: { grant, exitCode: null, signal: 'SIGKILL' } },
      'ended by SIGKILL',
      'bad',
    ],
    ['nothing was started', { state: 'finished', run: { grant, failure: 'ENOENT' } }, 'not started', 'bad'],
    ['an end nobody knows', { state: 'finished' }, 'finished', 'open'],
    // R44: silence is neither yes nor no.
    ['silence', { state: 'lost', run: { grant, redeemedAt: AT } }, 'outcome unknown', 'bad'],
    ['a no', { state: 'denied' }, 'denied', null],
  ])('%s', (_, row, short, tone) => {
    expect(stateOf(row, says)).toBe(short);
    expect(outcomeOf(row, says)?.tone ?? null).toBe(tone);
  });

  test('of what was lost it is said that it may not have run', () => {
    expect(outcomeOf({ state: 'lost' }, says)?.text).toContain('may not have run');
  });
});

test('a word says where it was said, of which kind, and how it was proven; never in which chat', () => {
  const word = { decision: 'approve', by: 'prn_olga', at: AT } as const;
  expect(saidHow({ ...word, surface: 'telegram:default:555', factors: [] }, says)).toBe('in a chat');
  expect(saidHow({ ...word, surface: 'device:dev_x', factors: ['passkey'] }, says)).toBe(
    'on a page, proven with a passkey',
  );
  expect(saidHow({ ...word, surface: 'host', factors: ['totp'] }, says)).toContain(
    'on the gateway’s machine',
  );
  expect(kindsOf(['totp', 'recovery', 'passkey'], says)).toBe(
    'a code of an app, a recovery code or a passkey',
  );
});
