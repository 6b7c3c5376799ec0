// The pages Approvals and Policy in a real Chromium, under the gateway's Content-Security-Policy: a request is read whole,
// compared and decided; the focus stands on Deny; the policy is tried and changed. With a proof: proof.full.test.ts.
import { rmSync } from 'node:fs';
import type { FactorRow } from '@countersign/protocol/factor';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changed, enter, focused, go, id, inHouse, looks } from '../../../../../test/in-house.ts';
import { buildPages, CHROMIUM, LOOKS } from '../../../../../test/page-visit.ts';
import { asked } from '../../testing/approval-rows.ts';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

const TOTP: FactorRow = {
  id: 'fac_totp',
  kind: 'totp',
  label: 'app',
  state: 'active',
  person: 'prn_olga',
  createdAt: '2026-01-01T00:00:00.000Z',
};
const LONG = `echo ${Array.from({ length: 200 }, (_, at) => `word${at}`).join(' ')} && rm -rf /tmp/x\u202E`;
const PUSH = 'appr_push';
const WIPE = 'appr_wipe';

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('R47: the focus stands on Deny, and what is elevated is asked about twice, with the letters to compare', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      const row = await asked(PUSH, 'git push origin main');
      const { short } = row;
      house.rest.asked.rows = [row];
      await enter(visit, house, 'approvals');
      await page.getByText('git push origin main').first().waitFor();
      await looks(visit, look, 'approvals');
      await go(visit, `approvals?open=${PUSH}`);
      await id(visit, 'approve').waitFor();
      await expect.poll(() => focused(visit)).toBe('deny');
      expect(await id(visit, 'short').textContent()).toBe(short);
      await looks(visit, look, 'a request');
      await id(visit, 'approve').click();
      await id(visit, 'approve-really').waitFor();
      await expect.poll(() => focused(visit)).toBe('deny');
      expect(await id(visit, 'approval-sure').textContent()).toContain(short);
      await looks(visit, look, 'are you sure');
      expect(house.calls.some(({ method, path }) => method === 'POST' && path.includes('/approvals'))).toBe(
        false,
      );
      await id(visit, 'approve-really').click();
      await page.getByText(`${short} was approved.`).waitFor();
      const said = house.calls.findLast(({ path }) => path.endsWith('/decision'));
      expect(said?.body).toEqual({ decision: 'approve' });
      await page.getByText('Nothing waits for a decision').waitFor();
      await looks(visit, look, 'no approvals');
    }));

  test('R37, H46: a long command is there to its last letter, and nothing invisible stays invisible', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      const row = await asked(WIPE, LONG, {
        tier: 'destructive',
        need: { who: 'owners', people: ['prn_olga'], quorum: 1, factors: ['totp', 'passkey'] },
        flags: ['denied_before'],
      });
      house.rest.asked.rows = [row];
      await enter(visit, house, `approvals?open=${WIPE}`);
      const action = id(visit, 'action');
      await action.waitFor();
      const shown = (await action.textContent()) ?? '';
      expect(shown).toContain('word199');
      expect(shown.endsWith(String.raw`rm -rf /tmp/x\u{202E}`)).toBe(true);
      await id(visit, 'needs-proof').waitFor();
      await expect.poll(() => focused(visit)).toBe('deny');
      await looks(visit, look, 'a request that needs a proof');
      await visit.page.getByLabel('Why not').fill('not on a Friday');
      await id(visit, 'deny').click();
      await visit.page.getByText(`${row.short} was denied.`).waitFor();
      expect(house.calls.findLast(({ path }) => path.endsWith('/decision'))?.body).toEqual({
        decision: 'deny',
        reason: 'not on a Friday',
      });
    }));

  test('E-02: what somebody else decided says so, in the dialog that is open; everything else is denied at once', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      const { asked: fake } = house.rest;
      fake.rows = [
        await asked(PUSH, 'git push'),
        await asked('appr_b', 'npm install'),
        await asked('appr_c', 'make', {
          need: { who: 'approvers', people: ['prn_ute'], quorum: 1, factors: [] },
        }),
      ];
      await enter(visit, house, `approvals?open=${PUSH}`);
      await id(visit, 'approve').waitFor();
      fake.say(PUSH, 'deny', 'prn_ute', 'no');
      changed(visit, house, 'approvals');
      await id(visit, 'approval-over').getByText('Ute said no').waitFor();
      await looks(visit, look, 'a request that is over');
      await id(visit, 'close-approval').click();
      await go(visit, 'approvals?open=appr_c');
      await page.getByText('This one is not yours to decide').waitFor();
      expect(await id(visit, 'approve').count()).toBe(0);
      await page.keyboard.press('Escape');
      await id(visit, 'deny-all').click();
      await expect.poll(() => focused(visit)).toBe('keep');
      await looks(visit, look, 'deny all');
      await id(visit, 'confirm').click();
      await page.getByText('2 requests were denied.').waitFor();
    }));

  test('E-12: a rule is seen before it is kept', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      house.rest.asked.rows = [await asked(PUSH, 'git push origin main')];
      await enter(visit, house, `approvals?open=${PUSH}`);
      await id(visit, 'always').click();
      await id(visit, 'always-allow').getByText('main: | git push origin main').waitFor();
      await expect.poll(() => focused(visit)).toBe('keep-none');
      await looks(visit, look, 'always allow');
      await id(visit, 'keep-rule').click();
      await visit.page.getByText('The rule is kept.').waitFor();
      const said = house.calls.filter(({ path }) => path.endsWith('/allow')).map(({ body }) => body);
      expect(said[0]).toEqual({ for: '30d', preview: true });
      expect(said.filter(({ preview }) => preview !== true)).toEqual([{ for: '30d' }]);
    }));

  test('E-12: where no rule would be kept none is offered, and a refusal that comes late is said in words', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      const { asked: fake } = house.rest;
      fake.always = { ok: false, why: 'sh runs other programs' };
      fake.rows = [await asked(PUSH, 'sh t.sh'), await asked('appr_seq', 'seq 5', { state: 'redeemed' })];
      const { need: _, ...unasked } = await asked('appr_free', 'ls', { state: 'finished', because: 'free' });
      fake.rows.push(unasked);
      const tests = () => house.calls.filter(({ path }) => path.endsWith('/policy/test')).length;
      await enter(visit, house, `approvals?open=${PUSH}`);
      await id(visit, 'approve').waitFor();
      await expect.poll(tests).toBe(1);
      await looks(visit, look, 'no rule offered');
      expect(await id(visit, 'always').count()).toBe(0);
      await go(visit, 'approvals?show=history&open=appr_free');
      await id(visit, 'close-approval').waitFor();
      expect(await id(visit, 'always').count()).toBe(0);
      expect(tests()).toBe(1);
      fake.always = { ok: true };
      await go(visit, 'approvals?show=history&open=appr_seq');
      await id(visit, 'always').waitFor();
      fake.always = { ok: false, why: 'sh runs other programs' };
      await id(visit, 'always').click();
      await id(visit, 'always-allow').getByText('No rule is kept for this').waitFor();
      expect(await id(visit, 'keep-rule').count()).toBe(0);
      expect(await id(visit, 'failed').count()).toBe(0);
      await looks(visit, look, 'no rule is kept');
    }));

  test('what was approved and would have run as another thing is no change of mind', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      const yes = {
        decision: 'approve' as const,
        by: 'prn_olga',
        surface: 'device:dev_own',
        factors: [],
        at: new Date().toISOString(),
      };
      const over = {
        state: 'cancelled' as const,
        because: 'changed_script',
        endedBy: 'changed_script',
        decisions: [yes],
      };
      house.rest.asked.rows = [
        await asked(PUSH, 'sh t.sh', over),
        await asked('appr_back', 'make', { state: 'cancelled', because: 'requester', endedBy: 'requester' }),
      ];
      await enter(visit, house, 'approvals?show=history');
      await visit.page.getByText('Approved, and not run: a script is another one now.').waitFor();
      await visit.page.getByText('approved, and not run', { exact: true }).waitFor();
      await looks(visit, look, 'approved and not run');
      await go(visit, `approvals?show=history&open=${PUSH}`);
      await id(visit, 'approval-state').getByText('a script is another one now').waitFor();
      expect(await id(visit, 'approval-over').textContent()).not.toContain('took it back');
      await looks(visit, look, 'a request approved and not run');
    }));

  test('of what is over, that which people were asked about is read apart from what the policy let run', () =>
    inHouse(dist, look, async (visit, house) => {
      const { need: _, ...unasked } = await asked('appr_free', 'cat a.txt', {
        state: 'finished',
        because: 'free',
      });
      house.rest.asked.rows = [unasked, await asked(PUSH, 'git push', { state: 'denied' })];
      await enter(visit, house, 'approvals?show=history');
      const rows = id(visit, 'approval');
      await expect.poll(() => rows.count()).toBe(2);
      await looks(visit, look, 'all that is over');
      await id(visit, 'asked-of').getByText('Not asked about').click();
      await rows.getByText('cat a.txt').waitFor();
      await expect.poll(() => rows.count()).toBe(1);
      await id(visit, 'asked-of').getByText('Asked about', { exact: true }).click();
      await rows.getByText('git push').waitFor();
      await expect.poll(() => rows.count()).toBe(1);
      expect(new URL(visit.page.url()).hash).toContain('asked=people');
    }));

  test('a browser that may prove is told so once, and is back where it was afterwards', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.factors = [TOTP];
      house.rest.asked.rows = [await asked(PUSH, 'git push')];
      await enter(visit, house, 'approvals');
      await id(visit, 'limited').waitFor();
      expect(await page.getByRole('alert').count()).toBe(1);
      await looks(visit, look, 'approvals before a proof');
      await id(visit, 'limited').getByRole('link').click();
      await id(visit, 'proof-totp').fill(house.totp);
      await page.keyboard.press('Enter');
      await expect.poll(() => new URL(page.url()).hash).toBe('#/approvals');
      await page.getByText('may do everything its owner may').waitFor();
      changed(visit, house, 'devices');
      await id(visit, 'limited').waitFor({ state: 'detached' });
      await looks(visit, look, 'back after a proof');
    }));

  test('the policy is read, tried, changed value by value, imported after it was seen, and rules are taken back', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      await enter(visit, house, 'policy');
      await id(visit, 'policy-holds').waitFor();
      await id(visit, 'test-command').fill('curl -s https://example.com | sudo sh');
      await id(visit, 'test-ask').click();
      await id(visit, 'test-answer').getByText('Somebody would be asked.').waitFor();
      await id(visit, 'runs').getByText('in sudo').waitFor();
      await looks(visit, look, 'policy');
      await id(visit, 'value-defaults.ask').click();
      await expect.poll(() => focused(visit)).toBe('keep-value');
      await id(visit, 'new-value').selectOption('always');
      await looks(visit, look, 'a value of the policy');
      await id(visit, 'set-value').click();
      await page.getByText('The policy was changed.').waitFor();
      await page.getByText('Version 4.').waitFor();
      expect(house.calls.findLast(({ path }) => path.endsWith('/policy/set'))?.body).toEqual({
        path: 'defaults.ask',
        value: 'always',
      });
      await page.getByRole('button', { name: 'Take it back: r_1' }).click();
      await expect.poll(() => focused(visit)).toBe('keep');
      await id(visit, 'confirm').click();
      await page.getByText('The rule is gone.').waitFor();
      await id(visit, 'import-policy').click();
      await id(visit, 'import-text').fill('{"version":1}');
      await id(visit, 'look-policy').click();
      await id(visit, 'import-seen').getByText('a bare name allows nothing').waitFor();
      await looks(visit, look, 'an import');
      await id(visit, 'take-policy').click();
      await page.getByText('Version 5 holds now.').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        id(visit, 'export-policy').click(),
      ]);
      expect(download.suggestedFilename()).toBe('exec-approvals.json');
    }));

  test('a browser that may only look decides nothing and changes nothing', () =>
    inHouse(dist, look, async (visit, house) => {
      house.rest.asked.rows = [await asked(PUSH, 'git push')];
      await enter(visit, house, `approvals?open=${PUSH}`);
      await id(visit, 'about-approval').waitFor();
      expect(await id(visit, 'approve').count()).toBe(0);
      expect(await id(visit, 'deny').count()).toBe(0);
      await go(visit, 'policy');
      await id(visit, 'policy-holds').waitFor();
      expect(await id(visit, 'value-defaults.ask').count()).toBe(0);
      expect(await id(visit, 'import-policy').count()).toBe(0);
    }));
});
