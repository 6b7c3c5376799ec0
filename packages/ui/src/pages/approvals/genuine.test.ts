// R37, R43: a page that shows one thing while another is approved. Whatever single part of a request is put in the place of
// another, the page does not take it for what its digests name.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { expect, test } from 'vitest';
import { asked, shellAction } from '../../testing/approval-rows.ts';
import { genuineOf } from './genuine.ts';

const ROW = await asked('appr_push', 'git push origin main');
const { facts } = ROW;
if (facts === undefined) throw new Error('no facts to look at');

const MIXED: Readonly<Record<string, Partial<ApprovalRow>>> = {
  'another command': { action: shellAction('git push origin evil') },
  'a command with something that nobody sees': { action: shellAction('git push origin main\u200B') },
  'a command with no canonical form': { action: shellAction('\uD800') },
  'another folder': {
    action: { ...shellAction('git push origin main'), cwd: { path: '/', device: '2049', inode: '2' } },
  },
  'another machine': { action: { ...shellAction('git push origin main'), host: 'dev_other' } },
  'another machine beside it': { host: 'dev_other' },
  'another digest of the action': { actionDigest: 'b'.repeat(64) },
  'another digest of the request': { requestDigest: 'b'.repeat(64) },
  'other letters to compare': { short: 'AAAAA-AAAAA' },
  'a lower tier': { tier: 'write' },
  'another agent': { agent: 'deploy' },
  'another requester': { requester: 'prn_olga' },
  'nobody who asked': { requester: null },
  'a later end': { expiresAt: new Date(facts.expiresAt + 1).toISOString() },
  'facts of another action': { facts: { ...facts, actionDigest: 'b'.repeat(64) } },
  'facts of another session': { facts: { ...facts, session: 'ses_other' } },
  'facts of another policy': { facts: { ...facts, policy: facts.policy + 1 } },
  'facts with another nonce': { facts: { ...facts, nonce: 'B'.repeat(22) } },
  'facts and a row of a lower tier': { facts: { ...facts, tier: 'write' }, tier: 'write' },
};

test('a request whose parts fit each other is what it says', async () => {
  expect(await genuineOf(ROW)).toBe('same');
});

test.each(Object.entries(MIXED))('%s is not what is approved', async (_, part) => {
  expect(await genuineOf({ ...ROW, ...part })).toBe('other');
});

test('what may not be read is not taken for either', async () => {
  const { action: _, ...hidden } = ROW;
  expect(await genuineOf(hidden)).toBe('hidden');
  const { facts: __, ...bare } = ROW;
  expect(await genuineOf(bare)).toBe('hidden');
});
