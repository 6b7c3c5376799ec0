// What the shell says of a run: that it may not have run, above all, and of what a command printed no line that could pass for
// one of ours.
import type { Action, ApprovalRow } from '@countersign/protocol/approval';
import { expect, test } from 'vitest';
import { approvalLines, approvalTable, detailLines, stateText, whyLine } from './approval-lines.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const AT = '2026-11-20T11:58:00Z';
const ROW: ApprovalRow = {
  id: 'appr_a',
  state: 'finished',
  tier: 'elevated',
  reasons: [],
  actionDigest: 'a',
  requestDigest: 'b',
  short: 'K7QD2-M4XA9',
  requester: null,
  agent: 'main',
  host: 'ins_a',
  decisions: [],
  createdAt: AT,
  expiresAt: AT,
};
const ACTION = {
  kind: 'exec',
  argv: ['sudo', 'rm', 'a b'],
  cwd: { path: '/home/ana', device: '1', inode: '2' },
  program: { path: '/usr/bin/sudo', sha256: 'a'.repeat(64) },
  scripts: [],
  env: {},
  stdin: { kind: 'none' },
  host: ROW.host,
} as const satisfies Action;
const RUN = { grant: 'grant_a', redeemedAt: AT, startedAt: AT };

const runs = (more: Partial<ApprovalRow>) =>
  approvalLines({ ...ROW, ...more }, NOW).filter((line) => /^(run:|\|)/.test(line));

test('what changed between the yes and the run is said, and not that somebody took it back', () => {
  const ended = (because: string, endedBy: string) =>
    stateText({ ...ROW, state: 'cancelled', because, endedBy });
  expect(ended('changed_script', 'changed_script')).toBe('not run (changed: script)');
  expect(ended('requester', 'requester')).toBe('cancelled (requester)');
});

test('of what ran unasked both is said: why it could, and what ended it', () => {
  const ended = (state: ApprovalRow['state'], because: string, endedBy: string) =>
    stateText({ ...ROW, state, because, endedBy });
  expect(ended('cancelled', 'free', 'changed_program')).toBe('not run (free; changed: program)');
  expect(ended('cancelled', 'rule', 'changed_script')).toBe('not run (rule; changed: script)');
  expect(ended('expired', 'free', 'unused')).toBe('expired (free; unused)');
  expect(ended('superseded', 'elevated', 'policy_changed')).toBe('void (elevated; policy changed)');
  expect(stateText({ ...ROW, because: 'free' })).toBe('finished (free)');
});

test('H57: of a denial that paused the asker it is said until when, on one line', () => {
  const denied = { ...ROW, state: 'denied', agent: 'ma\nin' } as const;
  expect(approvalLines(denied, NOW).join()).not.toContain('asks nothing');
  expect(approvalLines({ ...denied, pausedUntil: '2026-11-20T12:07:00Z' }, NOW)).toContain(
    String.raw`ma\u{000A}in was told no too often in a row: it asks nothing until 12:07 UTC, in 7 minutes`,
  );
});

test('before it was taken there is nothing to tell', () => {
  expect(runs({ state: 'approved', run: { grant: 'grant_a' } })).toEqual([]);
  expect(runs({ state: 'denied' })).toEqual([]);
});

test.each([
  [{ exitCode: 3, signal: null }, 'run: over, 2 minutes ago: exit code 3'],
  [{ exitCode: null, signal: 'SIGKILL' }, 'run: over, 2 minutes ago: ended by SIGKILL'],
  [{ failure: 'changed: \u202eprogram' }, 'run: not carried out, 2 minutes ago: changed: \\u{202E}program'],
])('how it ended: %j', (end, last) => {
  expect(runs({ run: { ...RUN, finishedAt: AT, ...end } })).toEqual([
    'run: taken by its machine, 2 minutes ago',
    'run: started, 2 minutes ago',
    last,
  ]);
});

test('H44: what ran and was not what was approved is said, however it ended', () => {
  const over = { ...RUN, finishedAt: AT, exitCode: 0, signal: null, changed: 'script' } as const;
  expect(runs({ run: over }).at(-1)).toMatch(/^run: NOT what was approved: its script/);
});

test('what is lost may not have run; what was started did, and its end is not known', () => {
  const taken = { state: 'lost', run: { grant: 'grant_a', redeemedAt: AT, lostAt: AT } } as const;
  expect(stateText({ ...ROW, ...taken })).toBe('may not have run');
  const started = { state: 'lost', run: { ...RUN, lostAt: AT }, hint: 'look there' } as const;
  expect(stateText({ ...ROW, ...started })).toBe('started, its end is not known');
  expect(runs(started).at(-1)).toBe('run: started, 2 minutes ago');
});

test('how much it printed is said, with the beginning of the digest', () => {
  const outputDigest = 'ab12'.repeat(16);
  const over = { ...RUN, finishedAt: AT, exitCode: 0, signal: null, outputDigest };
  expect(runs({ run: { ...over, outputSize: 120 } }).at(-1)).toBe(
    'run: printed 120 bytes, SHA-256 ab12ab12ab12ab12…',
  );
  expect(runs({ run: { ...over, outputSize: 1, output: 'x' } }).slice(-2)).toEqual([
    'run: printed 1 byte, SHA-256 ab12ab12ab12ab12…',
    '| x',
  ]);
});

test('output that ends with its last line has no empty line behind it', () => {
  const over = { ...RUN, finishedAt: AT, exitCode: 0, signal: null };
  expect(runs({ run: { ...over, output: 'one\n\ntwo\n' } }).slice(-3)).toEqual(['| one', '| ', '| two']);
  expect(runs({ run: { ...over, output: '' } }).filter((line) => line.startsWith('|'))).toEqual([]);
});

test('H46: what a command printed stands behind a sign of its own, with nothing that moves the cursor', () => {
  const output = 'fine\nrun: over: exit code 0\n\u001b[2K';
  const lines = runs({ run: { ...RUN, finishedAt: AT, exitCode: 1, signal: null, output } });
  expect(lines.slice(-3)).toEqual(['| fine', '| run: over: exit code 0', '| \\u{001B}[2K']);
});

test('whose word it was says where it was given and what proved it', () => {
  const word = { decision: 'approve' as const, by: 'prn_a', surface: 'host', at: AT };
  const decisions = [{ ...word, factors: ['totp' as const] }];
  const lines = approvalLines({ ...ROW, names: { prn_a: 'Ana' }, decisions }, NOW);
  expect(lines).toContain('yes of "Ana" (host, totp), 2 minutes ago');
});

test('R67: the machine of the gateway is named as that, and its id stands there, too', () => {
  const lines = approvalLines({ ...ROW, here: true, action: ACTION }, NOW);
  expect(lines.find((line) => line.startsWith('machine'))).toMatch(/the gateway's own$/);
  expect(lines).toContain(`on: ${ROW.host}`);
  expect(approvalLines(ROW, NOW).join()).not.toContain("the gateway's own");
});

test('H43: words stand apart as on the card, in the list and among what runs', () => {
  const commands = [
    { text: "sudo rm 'a b'", tier: 'elevated', via: [] },
    { text: "rm 'a b'", tier: 'write', via: ['sudo'] },
  ] satisfies ApprovalRow['commands'];
  const row = { ...ROW, action: ACTION, commands };
  const lines = approvalLines(row, NOW);
  expect(lines).toContain("| sudo rm 'a b'");
  expect(lines).toContain("> sudo: rm 'a b'  (write)");
  expect(approvalTable([row], NOW).join('\n')).toContain("sudo rm 'a b'");
});

test('a run that did not end well says so in its state, one that did says nothing more', () => {
  const over = (run: object) =>
    stateText({ ...ROW, because: 'free', run: { ...RUN, finishedAt: AT, ...run } });
  expect(over({ exitCode: 0 })).toBe('finished (free)');
  expect(over({ exitCode: 1 })).toBe('finished, exit code 1 (free)');
  expect(over({ exitCode: null, signal: 'SIGINT' })).toBe('finished, ended by SIGINT (free)');
});

test('R47: the rest of what the digest covers is shown, each on one line', () => {
  const action = { ...ACTION, env: { PATH: '/usr/bin:/bin', LANG: 'C\nyes' } };
  const lines = detailLines({ ...ROW, action });
  expect(lines[0]).toBe('everything else it would get');
  expect(lines).toContain(`  SHA-256 of the program: ${'a'.repeat(64)}`);
  expect(lines).toContain('  folder: device 1, inode 2');
  expect(lines.slice(1).filter((line) => !/^ {2}\S/.test(line) || line.includes('\n'))).toEqual([]);
  expect(detailLines(ROW)).toEqual([]);
});

test('what is harmless names no rule, for none fired', () => {
  const reason = (rule: string) => whyLine({ rule, tier: 'read', why: 'looks' });
  expect([reason('nothing'), reason('env.path')]).toEqual(['why: looks', 'why: looks (env.path)']);
});
