// A yes that has to be proven, from the agent's side to the person's and back: a real gateway, a real Chromium with a virtual
// authenticator, the command line as the agent. A passkey says yes to one request; a code counts again for a while, and never
// for what is destructive; an elevation is begun on one page, stands on every other, and is ended there.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ran } from './gateway.ts';
import { shownAt } from './in-page.js';
import { authenticatorOn } from './passkey.ts';
import { CAN_RUN, UiHouse, type UiPage } from './ui-visit.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
const SOON_MS = 1_000;

describe.skipIf(!CAN_RUN)('proving on the page', { timeout: 400_000 }, () => {
  let ui: UiHouse;
  let page: UiPage;
  /** A second browser of hers that only looks on. */
  let other: UiPage;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-run-'));
    ui = await UiHouse.open();
    page = await ui.enter();
    other = await ui.enter();
  }, 300_000);
  afterAll(async () => {
    await ui?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const asks = (...argv: string[]) => ui.gateway.cli('exec', '--ask-only', '--json', '--', ...argv);

  /** What the program waits for. @throws Error when it ended without asking, with what it said. */
  async function waiting(program: Promise<Ran>): Promise<ApprovalRow> {
    let ended: Ran | null = null;
    void program.then((ran) => {
      ended = ran;
    });
    const first = async () => (await ui.host().approvals.list()).items[0] ?? ended;
    await expect.poll(async () => (await first()) !== null, PATIENCE).toBe(true);
    const row = await first();
    if (row === null || !('state' in row)) throw new Error(`it did not ask: ${JSON.stringify(row)}`);
    return row;
  }

  /** Opens it, and says yes twice, as what is elevated wants it. */
  async function approves({ id }: ApprovalRow): Promise<void> {
    await page.go(`approvals?open=${id}`);
    await page.id('approve').waitFor();
    await expect.poll(() => page.focused(), PATIENCE).toBe('deny');
    await page.id('approve').click();
    await expect.poll(() => page.focused(), PATIENCE).toBe('deny');
    await page.id('approve-really').click();
  }

  test('a passkey is added on the page, with a factor that is there already', async () => {
    await authenticatorOn(page.page);
    await page.go('factors');
    await page.id('add-passkey').click();
    await page.answer();
    const passkeys = async () =>
      (await ui.host().factors.list(ui.house.owner)).items.filter(({ kind }) => kind === 'passkey').length;
    await expect.poll(passkeys, PATIENCE).toBe(2);
    ui.clean();
  });

  test('R30, R47: a destructive command waits for a passkey, and runs as it was approved, once', async () => {
    const doomed = join(folder, 'build');
    mkdirSync(doomed);
    const ended = ui.gateway.cli('exec', '--', 'rm', '-rf', doomed);
    const row = await waiting(ended);
    expect(row).toMatchObject({ tier: 'destructive' });
    await approves(row);
    await page.id('approval-sure').getByText(row.short).first().waitFor();
    await page.sound('a proof for a request');
    expect(existsSync(doomed)).toBe(true);
    await page.page.getByRole('button', { name: 'Use a passkey' }).click();
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(existsSync(doomed)).toBe(false);
    const after = await ui.host().approvals.get(row.id);
    expect(after.state).toBe('finished');
    expect(after.decision).toMatchObject({ decision: 'approve', factors: ['passkey'] });
    ui.clean();
  });

  test('what came of it stands on the page, and its receipt is checked by another program', async () => {
    const [row] = (await ui.host().approvals.list({ show: 'history', limit: 1 })).items;
    await page.go(`approvals?show=history&open=${row?.id}`);
    await page.id('approval-state').getByText('It ran and ended well.').waitFor();
    await page.page.getByText('proven with a passkey').waitFor();
    await page.sound('a run that ended');
    const [download] = await Promise.all([page.page.waitForEvent('download'), page.id('receipt').click()]);
    const receipt = join(folder, 'receipt.json');
    await download.saveAs(receipt);
    expect(readFileSync(receipt, 'utf8')).toContain(row?.requestDigest);
    const keys = join(folder, 'jwks.json');
    writeFileSync(keys, await (await fetch(`${ui.url}/.well-known/jwks.json`)).text());
    const verified = await ui.gateway.cli('verify-receipt', receipt, '--keys', keys);
    expect(verified, verified.stderr).toMatchObject({ code: 0 });
    ui.clean();
  });

  test('a code counts again for a while for what is elevated, and never for what is destructive', async () => {
    const first = asks('node', '-e', '1');
    await approves(await waiting(first));
    await page.answer();
    expect(await first).toMatchObject({ code: 0 });
    const second = asks('node', '-e', '2');
    await approves(await waiting(second));
    expect(await second).toMatchObject({ code: 0 });
    const third = asks('rm', '-rf', folder);
    await approves(await waiting(third));
    await page.page.getByRole('button', { name: 'Use a passkey' }).waitFor();
    // R47: the no is there all the while.
    await page.id('deny').click();
    expect(await third).toMatchObject({ code: 14 });
    ui.clean();
  });

  test('E-12: a rule is offered where the gateway keeps one, never for what runs code it is given', async () => {
    for (const [words, isOffered, text] of [
      [['node', '-e', 'process.exit(0)'], false, "node -e 'process.exit(0)'"],
      [['sh', 't.sh'], false, 'sh t.sh'],
      [['mkdir', join(folder, 'a place')], true, `mkdir '${join(folder, 'a place')}'`],
    ] as const) {
      const ran = asks(...words);
      const { id } = await waiting(ran);
      const answered = page.page.waitForResponse(/policy\/test$/);
      await page.go(`approvals?open=${id}`);
      await page.id('approve').waitFor();
      const { always } = await (await answered).json();
      expect(always.ok, words.join(' ')).toBe(isOffered);
      await expect.poll(() => page.id('always').count(), PATIENCE).toBe(isOffered ? 1 : 0);
      // As a shell would read it back.
      expect(await page.id('runs').textContent()).toContain(text);
      if (isOffered) {
        await page.id('always').click();
        await page.id('rule-text').waitFor();
        await page.id('keep-none').click();
      }
      // Yes, for it is only asked about here, and who hears three times no asks nothing for a while.
      await page.id('approve').click();
      await expect.poll(() => page.focused(), PATIENCE).toBe('deny');
      await page.id('approve-really').click();
      expect(await ran).toMatchObject({ code: 0 });
    }
    ui.clean();
  });

  test('an elevation is proven, stands on every page within a second, and ends where it is seen', async () => {
    await other.go('sessions');
    await page.go('policy');
    await page.id('elevate').click();
    await page.id('elevate-yes').click();
    const passkey = page.page.getByRole('button', { name: 'Use a passkey' });
    await passkey.waitFor();
    expect((await ui.host().elevations.list()).items).toEqual([]);
    // By the clock of that page: how long it takes a test to look is no part of it.
    const shown = other.page.evaluate(shownAt, 'may do what is elevated, unasked');
    await passkey.click();
    await page.id('elevated').waitFor();
    const [begun] = (await ui.host().elevations.list()).items;
    const late = (await shown) - Date.parse(begun?.createdAt ?? '');
    console.log(`another browser shows an elevation after ${late} ms`);
    expect(late).toBeLessThan(2 * SOON_MS);
    await other.sound('a page while an agent works elevated');
    // Others of this house speak with the agent, and it does not say for whom it asks: it may be any of them.
    const anybodys = asks('node', '-e', '3');
    await ui.host().approvals.decide((await waiting(anybodys)).id, { decision: 'deny' });
    expect(await anybodys).toMatchObject({ code: 14 });
    for (const { id } of (await ui.host().sessions.list({ limit: 500 })).items)
      await ui.host().sessions.revoke(id);
    expect(await asks('node', '-e', '4')).toMatchObject({ code: 0 });
    await other.id('end-elevation').click();
    await expect.poll(() => page.id('elevated').count(), PATIENCE).toBe(0);
    const again = asks('node', '-e', '5');
    await ui.host().approvals.decide((await waiting(again)).id, { decision: 'deny' });
    expect(await again).toMatchObject({ code: 14 });
    ui.clean();
  });
});
