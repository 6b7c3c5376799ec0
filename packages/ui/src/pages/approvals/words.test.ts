import type { ApprovalRow } from '@countersign/protocol/approval';
import { describe, expect, test } from 'vitest';
import { shellAction } from '../../testing/approval-rows.ts';
import { german } from '../../text/de.ts';
import { english } from '../../text/en.ts';
import {
  becauseOf,
  kindsOf,
  labelOf,
  outcomeOf,
  pausesOf,
  proofNotice,
  proofText,
  saidHow,
  stateOf,
  toldOf,
} from './words.ts';

const says = english.approvals;
const AT = '2026-01-01T00:00:00.000Z';
const grant = 'grant_1';

type Case = [
  string,
  Pick<ApprovalRow, 'state' | 'run' | 'because' | 'endedBy'>,
  string,
  'open' | 'good' | 'bad' | null,
];

describe('what came of a yes', () => {
  test.each<Case>([
    ['nothing yet', { state: 'approved', run: { grant } }, 'approved', 'open'],
    [
      'it was not used',
      { state: 'expired', because: 'unused', endedBy: 'unused', run: { grant } },
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
    [
      'another script ran than was approved, whatever the end',
      { state: 'finished', run: { grant, exitCode: 0, signal: null, changed: 'script' } },
      'ran otherwise than approved',
      'bad',
    ],
    ['nothing was started', { state: 'finished', run: { grant, failure: 'ENOENT' } }, 'not started', 'bad'],
    ['an end nobody knows', { state: 'finished' }, 'finished', 'open'],
    // R44: silence is neither yes nor no.
    ['silence', { state: 'lost', run: { grant, redeemedAt: AT } }, 'may not have run', 'bad'],
    ['a no', { state: 'denied' }, 'denied', null],
  ])('%s', (_, row, short, tone) => {
    expect(stateOf(row, says)).toBe(short);
    expect(outcomeOf(row, says)?.tone ?? null).toBe(tone);
  });

  test('of what was lost it is said that it may not have run; of what had started that it did', () => {
    const run = { grant: 'grant_a', redeemedAt: '2026-03-02T09:00:00Z', lostAt: '2026-03-02T09:03:00Z' };
    const started = { ...run, startedAt: '2026-03-02T09:00:01Z' };
    expect(outcomeOf({ state: 'lost', run }, says)?.text).toContain('may not have run');
    expect(stateOf({ state: 'lost', run }, says)).toBe('may not have run');
    expect(outcomeOf({ state: 'lost', run: started }, says)?.text).toMatch(/^It started, /);
    expect(outcomeOf({ state: 'lost', run: started }, says)?.text).not.toContain('may not');
    expect(stateOf({ state: 'lost', run: started }, says)).toBe('started, end unknown');
  });
});

describe('what was approved and would have run as another thing', () => {
  const yes: ApprovalRow['decisions'][number] = {
    decision: 'approve',
    by: 'prn_olga',
    surface: 'host',
    factors: [],
    at: AT,
  };
  const row = (because: string, words: ApprovalRow['decisions'], quorum = 1) => ({
    state: 'cancelled' as const,
    because,
    endedBy: because,
    decisions: words,
    need: { quorum },
  });

  test.each(Object.keys(says.changed.what))('%s', (what) => {
    const said = becauseOf(row(`changed_${what}`, [yes]), says);
    expect(said).toMatch(/^Approved, and not run: .* now\.$/);
    expect(said).not.toContain('_');
    expect(stateOf(row(`changed_${what}`, [yes]), says)).toBe('approved, and not run');
  });

  test('the program is named as what it is', () => {
    expect(becauseOf(row('changed_program', [yes]), says)).toBe(
      'Approved, and not run: the program is another one now.',
    );
  });

  test('R48: a program that takes back what nobody approved yet does not make it read as approved', () => {
    expect(becauseOf(row('changed_program', []), says)).toMatch(/^Taken back, and not run/);
    expect(stateOf(row('changed_program', [yes], 2), says)).toBe('taken back, and not run');
  });

  test('of what could run unasked both is said: why it could, and what ended it', () => {
    const free = (endedBy: string, state: ApprovalRow['state'] = 'cancelled') => ({
      ...{ state, because: 'free', endedBy, decisions: [] },
    });
    expect(becauseOf(free('changed_program'), says)).toBe(
      'The policy lets it run unasked. Taken back, and not run: the program is another one now.',
    );
    expect(stateOf(free('changed_program'), says)).toBe('taken back, and not run');
    expect(becauseOf(free('unused', 'expired'), says)).toBe(
      'The policy lets it run unasked. The yes was not used in time.',
    );
    expect(stateOf(free('unused', 'expired'), says)).toBe('approved, and not used');
    expect(becauseOf({ state: 'finished', because: 'rule' }, says)).toBe('A rule allows it.');
  });

  test('of a newer gateway it says that something changed; a request that was taken back says that', () => {
    expect(becauseOf(row('changed_constructor', [yes]), says)).toContain('something of it');
    expect(becauseOf(row('requester', []), says)).toBe('Whoever asked took it back.');
    expect(stateOf(row('requester', []), says)).toBe('taken back');
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

describe('the machine', () => {
  const action = shellAction('make');
  const texts = (facts: readonly { readonly text: string }[] = []) => facts.map(({ text }) => text);

  test('the id of the one that the gateway runs on is a detail', () => {
    const { shown } = toldOf({ action, here: true });
    expect(texts(shown?.facts)).not.toContain('ins_test');
    expect(texts(shown?.details)).toContain('ins_test');
  });

  test('R67: of every other one the id is on the first look', () => {
    const { shown } = toldOf({ action });
    expect(texts(shown?.facts)).toContain('ins_test');
    expect(texts(shown?.details)).not.toContain('ins_test');
  });
});

test('H57: of a no that paused the agent it is said until when', () => {
  expect(pausesOf({ agent: 'main' }, says)).toEqual([]);
  const [paused] = pausesOf({ agent: 'ma\u202Ein', pausedUntil: '2026-03-02T09:13:00Z' }, says);
  expect(paused).toMatch(/^ma\\u\{202E\}in was told no too often in a row: .* until .*:13.*\.$/);
});

describe('R30: what is said of a proof before a yes', () => {
  const need: ApprovalRow['need'] = { who: 'owners', people: [], quorum: 1, factors: ['totp'] };
  const short = 'K7QD2-M4XA9';

  test('it is promised where it is asked for, and how far it reaches is said beside it', () => {
    const notice = proofNotice({ need, proof: { seconds: 300 } }, says);
    expect(notice).toContain('You are asked for it after you press Approve');
    expect(notice).toMatch(/again for 5 minutes.*same tier, agent, machine and session.*destructive/);
    const text = proofText({ short, proof: { seconds: 300 } }, says);
    expect(text).toContain(short);
    expect(text).not.toContain('nothing else');
    expect(text).toContain('5 minutes');
  });

  test('where an earlier one counts, none is promised; where it cannot, nothing else is', () => {
    const until = '2026-03-02T09:05:00Z';
    const notice = proofNotice({ need, proof: { seconds: 300, until } }, says);
    expect(notice).toContain('still counts');
    expect(notice).not.toContain('You are asked for it');
    expect(proofNotice({ need, proof: { seconds: 0 } }, says)).not.toContain('again for');
    expect(proofText({ short, proof: { seconds: 0 } }, says)).toContain('nothing else');
  });

  test('of a gateway that does not say it, nothing is claimed; and nothing at all where none is needed', () => {
    expect(proofText({ short }, says)).toBe(says.decide.spent(short));
    expect(proofNotice({ need: { ...need, factors: [] } }, says)).toBeNull();
  });
});

test('what stands before a fact is said in the language of the page, and names in it stay as they are', () => {
  const { facts, details } = toldOf({ action: shellAction('git push') }).shown ?? { facts: [], details: [] };
  const labels = [...facts, ...details].map(({ label }) => label);
  expect(labels).toContain('shell');
  for (const label of labels) {
    expect(labelOf(label, english.approvals), label).toBe(label);
    expect(Object.keys(german.approvals.labels), label).toContain(label);
  }
  expect(labelOf('SHA-256 of ./build "x"', german.approvals)).toBe('SHA-256 von ./build "x"');
  expect(labelOf('constructor', german.approvals)).toBe('constructor');
});
