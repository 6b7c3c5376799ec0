// Many people and many requests at once: one winner of a race over every surface (R40, H55), a quorum that is people and not
// words (R50), and a program that asks until somebody gives in (H57, N-11).
import { type ApprovalRow, approvalRowSchema } from '@countersign/protocol/approval';
import { expect, test } from 'vitest';
import { CONDUCT_LIMITS } from '../core/approval/conduct.ts';
import { command, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

const path = (id: string) => `/api/v1/approvals/${id}/decision`;

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

test('R40: answers from pages, the shell and chats in the same moment: one counts, the others hear who was first', async () => {
  await using stage = await openApprovalHouse();
  const pages = [await stage.browser('ari'), await stage.browser('olga')];
  for (let round = 0; round < 6; round++) {
    const asked = await stage.asks(command('git', 'push', 'origin', `round-${round}`));
    const said = pages.flatMap((page, at) =>
      (['approve', 'deny'] as const).map((decision) =>
        page.call('POST', path(asked.id), { decision, reason: `page ${at} ${decision}` }),
      ),
    );
    const atHost = stage.atHost(asked.id, { decision: 'deny', reason: 'host' });
    const typed = stage.types('ari', `/deny ${asked.short} typed`);
    const codes = await Promise.all([...said, atHost].map((one) => codeOf(one)));
    await typed;
    const { state, decisions, decision } = await jsonOf<ApprovalRow>(stage.sees(asked.id));
    expect(decisions).toHaveLength(1);
    expect(codes.filter((code) => code === 'ok').length).toBeLessThanOrEqual(1);
    expect(codes.filter((code) => code !== 'ok' && code !== 'already_decided')).toEqual([]);
    expect(state).toBe(decision?.decision === 'approve' ? 'approved' : 'denied');
    const events = [...(await stage.events('approval.approved')), ...(await stage.events('approval.denied'))];
    expect(events.filter(({ subject }) => JSON.stringify(subject).includes(asked.id))).toHaveLength(1);
    // So that a row of denials does not pause the program.
    const calm = await stage.asks(command('git', 'push', 'origin', `calm-${round}`));
    await stage.atHost(calm.id, { decision: 'approve' });
  }
});

test('R50: of a quorum the same person twice is one, on two devices and at the shell; one no ends it', async () => {
  await using stage = await openApprovalHouse();
  const { house, people } = stage;
  await house.call('host', 'POST', '/api/v1/policy/set', { path: 'tiers.elevated.quorum', value: '2' });
  const asked = await stage.asks(PUSH);
  expect(asked.need).toMatchObject({ quorum: 2 });
  const yes = { decision: 'approve' } as const;
  const [one, again] = [await stage.browser('ari'), await stage.browser('ari')];
  expect(await jsonOf(one.call('POST', path(asked.id), yes))).toMatchObject({
    state: 'pending',
    decisions: [{ by: people.ari }],
  });
  for (const answer of [one.call('POST', path(asked.id), yes), again.call('POST', path(asked.id), yes)])
    expect(await jsonOf(answer)).toMatchObject({ code: 'auth_forbidden', reason: 'said_yes_already' });
  expect(await codeOf(stage.atHost(asked.id, yes, 'Ari'))).toBe('auth_forbidden');
  expect(await jsonOf(stage.atHost(asked.id, yes, 'Olga'))).toMatchObject({
    state: 'approved',
    decisions: [{ by: people.ari }, { by: people.olga }],
  });
  const next = await stage.asks(command('git', 'push', 'origin', 'next'));
  await one.call('POST', path(next.id), yes);
  expect(await jsonOf(stage.atHost(next.id, { decision: 'deny' }))).toMatchObject({ state: 'denied' });
});

test('N-08: an owner decides what was asked for themselves only where the policy says so, and never without a proof', async () => {
  await using stage = await openApprovalHouse();
  const { house, people } = stage;
  await house.call('host', 'POST', `/api/v1/people/${people.ari}/role`, { role: 'user' });
  await house.composed.core.approvals.settled();
  const session = await stage.handle('olga');
  expect(await stage.asks(PUSH, { session })).toMatchObject({
    state: 'denied',
    because: 'only_the_requester',
    hint: expect.stringContaining('countersign policy set selfApproval owner'),
  });
  await house.call('host', 'POST', '/api/v1/policy/set', { path: 'selfApproval', value: 'owner' });
  const asked = await stage.asks(PUSH, { session });
  expect(asked).toMatchObject({ state: 'denied', because: 'no_factor' });
});

test('H57: three denials in a row pause who asked, five may wait at once, and a no remembered stands on the next', async () => {
  await using stage = await openApprovalHouse();
  const denied: string[] = [];
  for (let n = 0; n < 3; n++) {
    const asked = await stage.asks(PUSH);
    if (n > 0) expect(asked.flags).toContain('denied_before');
    denied.push(asked.id);
    const said = await jsonOf<ApprovalRow>(stage.atHost(asked.id, { decision: 'deny' }));
    // Whoever says the no that pauses it reads that there, and not later in the owners' chat alone.
    expect(typeof said.pausedUntil).toBe(n === 2 ? 'string' : 'undefined');
  }
  expect(new Set(denied).size).toBe(3);
  const paused = await stage.asking({ action: PUSH });
  expect(paused.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await jsonOf(paused)).toMatchObject({ code: 'rate_limited', reason: 'paused' });
  const last = approvalRowSchema.parse(await jsonOf(stage.sees(denied[2] ?? '')));
  const saidAt = Date.parse(last.decision?.at ?? '');
  expect(Date.parse(last.pausedUntil ?? '')).toBe(saidAt + CONDUCT_LIMITS.pauseMs);
  const session = await stage.handle('rita');
  for (let n = 0; n < 5; n++) await stage.asks(command('git', 'push', 'origin', `b${n}`), { session });
  expect(await jsonOf(stage.asking({ action: PUSH, session }))).toMatchObject({
    code: 'rate_limited',
    reason: 'too_many_open',
  });
  // What needs nobody is not held up by it.
  expect(await stage.asks(command('git', 'status'), { session })).toMatchObject({ state: 'approved' });
});
