// Proof, run and elevation on the pages, in a real Chromium under the gateway's Content-Security-Policy: a proof is asked for
// in place and spent on one request, a request that does not fit its digests is not approved, what came of a yes is said, and
// every page says when an agent works elevated.
import { rmSync } from 'node:fs';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changed, enter, focused, go, id, inHouse, looks } from '../../../../../test/in-house.ts';
import { buildPages, CHROMIUM, LOOKS } from '../../../../../test/page-visit.ts';
import { passkeyOn } from '../../../../../test/passkey.ts';
import { asked, elevated, shellAction } from '../../testing/approval-rows.ts';
import type { FakeHouse } from '../../testing/fake-house.ts';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

const PUSH = 'appr_push';
const WIPE = 'appr_wipe';
const NEED = { who: 'owners' as const, people: ['prn_olga'], quorum: 1 };
const AT = '2026-01-01T00:00:00.000Z';
const GRANT = { grant: 'grant_1', redeemedAt: AT };

type Word = ApprovalRow['decisions'][number];

const decisions = (house: FakeHouse) =>
  house.calls.filter(({ path, method }) => method === 'POST' && path.endsWith('/decision'));

function holds(house: FakeHouse, kind: 'totp' | 'passkey'): void {
  house.isProven = true;
  house.factors.push({
    id: `fac_${kind}`,
    person: 'prn_olga',
    kind,
    label: kind,
    state: 'active',
    createdAt: AT,
    ...(kind === 'passkey' ? { origin: 'http://localhost:8787' } : {}),
  });
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('a code is asked for where the yes was pressed, travels with that decision, and is tried once', () =>
    inHouse(dist, look, async (visit, house) => {
      holds(house, 'totp');
      const row = await asked(PUSH, 'git push origin main', {
        need: { ...NEED, factors: ['totp', 'passkey'] },
        proof: { seconds: 300 },
      });
      house.rest.asked.rows = [row];
      await enter(visit, house, `approvals?open=${PUSH}`);
      await id(visit, 'needs-proof').waitFor();
      await expect.poll(() => focused(visit)).toBe('deny');
      await looks(visit, look, 'a request that wants a proof');
      const whole = await id(visit, 'action').textContent();
      await id(visit, 'approve').click();
      // R37: the yes is said to what stands beside it, whole, and not to ten letters.
      const sure = id(visit, 'approval-sure');
      await id(visit, 'approve-really').waitFor();
      expect(await sure.getByTestId('action').textContent()).toBe(whole);
      expect(whole).toContain('git push origin main');
      await id(visit, 'approve-really').click();
      const code = id(visit, 'proof-totp');
      await code.waitFor();
      // R47: nothing that says yes has the focus, and Enter on it asks for nothing.
      await expect.poll(() => focused(visit)).toBe('Prove it is you');
      await looks(visit, look, 'a proof for a request');
      expect(await sure.getByTestId('action').textContent()).toBe(whole);
      await visit.page
        .getByText(`The proof is spent on ${row.short}. A proof counts again for 5 minutes`)
        .waitFor();
      await code.fill('111 111');
      await visit.page.keyboard.press('Enter');
      await visit.page.getByText('This did not fit').waitFor();
      await id(visit, 'proof-totp').fill('246 810');
      await visit.page.keyboard.press('Enter');
      await visit.page.getByText(`${row.short} was approved.`).waitFor();
      expect(decisions(house).map(({ body }) => body)).toEqual([
        // An earlier proof may count for it: it is tried, and the gateway says.
        { decision: 'approve' },
        { decision: 'approve', factor: { kind: 'totp', value: '111111' } },
        { decision: 'approve', factor: { kind: 'totp', value: '246810' } },
      ]);
      // As a header it would be spent on the call, whatever the call is about.
      expect(decisions(house).some(({ headers }) => 'x-countersign-factor' in headers)).toBe(false);
    }));

  test('R30: where an earlier proof counts, the page promises none, and none is asked for', () =>
    inHouse(dist, look, async (visit, house) => {
      holds(house, 'totp');
      house.rest.asked.isProven = true;
      const until = new Date(Date.now() + 200_000).toISOString();
      const row = await asked(PUSH, 'git push origin main', {
        need: { ...NEED, factors: ['totp'] },
        proof: { seconds: 300, until },
      });
      house.rest.asked.rows = [row];
      await enter(visit, house, `approvals?open=${PUSH}`);
      const notice = id(visit, 'needs-proof');
      await notice.getByText('still counts').waitFor();
      expect(await notice.textContent()).not.toContain('You are asked for it');
      await looks(visit, look, 'a request that was proven already');
      // It is over while somebody reads: then it is asked for again, and said so.
      house.rest.asked.rows = [{ ...row, proof: { seconds: 300 } }];
      changed(visit, house, 'approvals');
      await notice.getByText('You are asked for it after you press Approve').waitFor();
      house.rest.asked.rows = [row];
      changed(visit, house, 'approvals');
      await notice.getByText('still counts').waitFor();
      await id(visit, 'approve').click();
      await id(visit, 'approve-really').click();
      await visit.page.getByText(`${row.short} was approved.`).waitFor();
      expect(decisions(house).map(({ body }) => body)).toEqual([{ decision: 'approve' }]);
    }));

  test('R30: what is destructive is not tried without a proof, and a passkey answers that request and no other', () =>
    inHouse(dist, look, async (visit, house) => {
      holds(house, 'passkey');
      await passkeyOn(visit.page);
      const row = await asked(WIPE, 'rm -rf ./build', {
        tier: 'destructive',
        need: { ...NEED, factors: ['passkey'] },
      });
      house.rest.asked.rows = [row, await asked(PUSH, 'git push')];
      await enter(visit, house, `approvals?open=${WIPE}`);
      await id(visit, 'approve').click();
      await id(visit, 'approve-really').click();
      const use = visit.page.getByRole('button', { name: 'Use a passkey' });
      await use.waitFor();
      expect(decisions(house)).toEqual([]);
      // Only a passkey counts here: there is no field for anything else.
      expect(await id(visit, 'proof-totp').count()).toBe(0);
      await looks(visit, look, 'a passkey for a request');
      await use.click();
      await visit.page.getByText(`${row.short} was approved.`).waitFor();
      expect(house.calls.filter(({ path }) => path.endsWith('/prove')).map(({ path }) => path)).toEqual([
        `/api/v1/approvals/${WIPE}/prove`,
      ]);
      const factor = Object(decisions(house)[0]?.body['factor']);
      const client = JSON.parse(
        Buffer.from(factor.value.response.response.clientDataJSON, 'base64url').toString(),
      );
      expect(factor.kind).toBe('passkey');
      expect(client).toMatchObject({ type: 'webauthn.get', challenge: factor.value.challenge });
    }));

  test('R47: called off, nothing is decided; a no needs no proof, and is said while one is asked for', () =>
    inHouse(dist, look, async (visit, house) => {
      holds(house, 'totp');
      const row = await asked(WIPE, 'rm -rf ./build', {
        tier: 'destructive',
        need: { ...NEED, factors: ['totp'] },
      });
      house.rest.asked.rows = [row];
      await enter(visit, house, `approvals?open=${WIPE}`);
      await id(visit, 'approve').click();
      await id(visit, 'approve-really').click();
      await id(visit, 'proof-totp').waitFor();
      await visit.page.getByRole('button', { name: 'Cancel' }).click();
      await id(visit, 'proof-totp').waitFor({ state: 'detached' });
      expect(decisions(house)).toEqual([]);
      await id(visit, 'approve-really').click();
      await id(visit, 'proof-totp').waitFor();
      await id(visit, 'deny').click();
      await visit.page.getByText(`${row.short} was denied.`).waitFor();
      expect(decisions(house).map(({ body }) => body)).toEqual([{ decision: 'deny' }]);
    }));

  test('R43: what stands on the page and is not what would be approved can only be denied', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      const row = { ...(await asked(PUSH, 'rm -rf /')), action: shellAction('ls') };
      house.rest.asked.rows = [row];
      await enter(visit, house, `approvals?open=${PUSH}`);
      await id(visit, 'not-genuine').waitFor();
      expect(await id(visit, 'approve').isDisabled()).toBe(true);
      expect(await id(visit, 'always').count()).toBe(0);
      await expect.poll(() => focused(visit)).toBe('deny');
      await looks(visit, look, 'a request that was mixed');
      await id(visit, 'deny').click();
      await visit.page.getByText(`${row.short} was denied.`).waitFor();
    }));

  test('R44: what came of a yes is said: ended, not started, or silent and perhaps not run; with a receipt', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      const decision: Word = {
        decision: 'approve',
        by: 'prn_olga',
        surface: 'device:dev_own',
        factors: ['passkey'],
        at: AT,
      };
      const said = { decision, decisions: [decision] };
      const ended = { ...GRANT, startedAt: AT, finishedAt: AT };
      const well = await asked('appr_well', 'make test', {
        ...said,
        state: 'finished',
        run: {
          ...ended,
          exitCode: 0,
          signal: null,
          outputSize: 17,
          outputDigest: 'c'.repeat(64),
          output: 'all green\u202E\n',
        },
      });
      house.rest.asked.rows = [
        await asked('appr_lost', 'npm publish', { ...said, state: 'lost', run: { ...GRANT, lostAt: AT } }),
        await asked('appr_runs', 'make', { ...said, state: 'redeemed', run: { ...GRANT, startedAt: AT } }),
        well,
        await asked('appr_code', 'make lint', {
          ...said,
          state: 'finished',
          run: { ...ended, exitCode: 2, signal: null },
        }),
        await asked('appr_none', './gone', {
          ...said,
          state: 'finished',
          run: { ...ended, failure: 'no such file' },
        }),
        await asked('appr_late', 'git pull', {
          ...said,
          state: 'expired',
          because: 'unused',
          endedBy: 'unused',
          run: { grant: 'grant_2' },
        }),
      ];
      await enter(visit, house, 'approvals?show=history');
      for (const words of [
        'may not have run',
        'running',
        'finished: exit code 2',
        'not started',
        'approved, and not used',
      ])
        await visit.page.getByText(words, { exact: true }).first().waitFor();
      await looks(visit, look, 'what came of it');
      await go(visit, 'approvals?show=history&open=appr_lost');
      await id(visit, 'approval-state').getByText('It may not have run').waitFor();
      await looks(visit, look, 'a run that was lost');
      await go(visit, `approvals?show=history&open=${well.id}`);
      await id(visit, 'run-output').waitFor();
      expect(await id(visit, 'run-output').textContent()).toContain(String.raw`all green\u{202E}`);
      await visit.page.getByText('proven with a passkey').waitFor();
      await looks(visit, look, 'a run that ended');
      const [download] = await Promise.all([
        visit.page.waitForEvent('download'),
        id(visit, 'receipt').click(),
      ]);
      expect(download.suggestedFilename()).toBe(`countersign-receipt-${well.short}.json`);
    }));

  test('while an agent works elevated every page says so, and whoever decides ends it there', () =>
    inHouse(dist, look, async (visit, house) => {
      holds(house, 'totp');
      house.rest.asked.rows = [await asked('appr_past', 'make', { state: 'denied', agent: 'asker' })];
      house.rest.tokens = [
        { id: 'tok_1', name: 'x', scope: 'request', state: 'live', agent: 'coder', createdAt: AT },
      ];
      await enter(visit, house, 'policy');
      await id(visit, 'elevate').click();
      await expect.poll(() => focused(visit)).toBe('keep-asking');
      // Whose commands nobody is asked about is said, and may be those of another agent that asks.
      await visit.page.getByText('Let “main” work elevated?').waitFor();
      const agents = id(visit, 'elevate-agent').locator('option');
      expect(await agents.allTextContents()).toEqual([
        'main, the agent of this gateway',
        'asker',
        'coder',
        'deploy',
      ]);
      await looks(visit, look, 'begin an elevation');
      await id(visit, 'elevate-for').selectOption('5m');
      await id(visit, 'elevate-agent').selectOption('coder');
      await visit.page.getByText('Let “coder” work elevated?').waitFor();
      await id(visit, 'elevate-yes').click();
      await id(visit, 'proof-totp').waitFor();
      expect(house.calls.some(({ path, method }) => method === 'POST' && path.endsWith('/elevations'))).toBe(
        false,
      );
      await id(visit, 'proof-totp').fill('246810');
      await visit.page.keyboard.press('Enter');
      await visit.page.getByText('coder works elevated now.').waitFor();
      await id(visit, 'elevated').waitFor();
      await looks(visit, look, 'elevated');
      await go(visit, 'sessions');
      await id(visit, 'elevated').getByText('Allowed by Olga').waitFor();
      const own = house.rest.asked.elevations;
      const other = (ms: number) =>
        elevated('elev_other', {
          agent: 'deploy',
          session: 'ses_x',
          until: new Date(Date.now() + ms).toISOString(),
        });
      house.rest.asked.elevations = [...own, other(600_000)];
      changed(visit, house, 'policy');
      await expect.poll(() => id(visit, 'elevated').count()).toBe(2);
      house.rest.asked.elevations = [...own, other(2_000)];
      changed(visit, house, 'policy');
      // No event tells of one that ran out: it is asked about behind its end.
      await expect.poll(() => id(visit, 'elevated').count()).toBe(1);
      await id(visit, 'end-elevation').click();
      await visit.page.getByText('Ended. From now on it is asked about again.').waitFor();
      await expect.poll(() => id(visit, 'elevated').count()).toBe(0);
      expect(house.calls.findLast(({ path }) => path.endsWith('/elevations/end'))?.body).toEqual({
        id: 'elev_0',
      });
    }));
});
