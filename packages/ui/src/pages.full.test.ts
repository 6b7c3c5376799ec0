// Both pages in a real Chromium, under the gateway's Content-Security-Policy and Trusted Types: every state is reached
// as a person reaches it, axe finds nothing in it, and nothing is wider than the window.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  buildPages,
  CHROMIUM,
  HOME,
  LOOKS,
  type Look,
  sound,
  type Visit,
  visiting as visitingPages,
} from '../../../test/page-visit.ts';

const UNOWNED = { status: 200, body: { owned: false, gateway: 'ins_test', nonce: 'n', ts: 1 } };
const OWNED = { status: 200, body: { ...UNOWNED.body, owned: true } };

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

const visiting = (look: Look, work: (visit: Visit) => Promise<void>): Promise<void> =>
  visitingPages(dist, look, work);

const line = (seq: number, from: string, text: string, id = `m${seq}`): Record<string, unknown> => ({
  type: 'chat.message',
  seq,
  id,
  from,
  text,
  at: 1,
});

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('a stranger asks, is approved, and reads a streamed answer', () =>
    visiting(look, async (visit) => {
      const { page } = visit;
      await page.goto(`${HOME}/chat`);
      await page.getByText('Say hello').waitFor();
      await sound(visit, 'the empty chat');
      visit.onSay = ({ id }) => [
        { type: 'chat.hold', id },
        { type: 'chat.state', state: 'pending', code: 'K7QD2MX4', expiresAt: Date.now() + 3_600_000 },
      ];
      await page.getByTestId('chat-input').fill('hello');
      await page.keyboard.press('Enter');
      await page.getByText('Not delivered').waitFor();
      expect(await page.getByTestId('pairing-code').textContent()).toBe('K7QD2MX4');
      await page.getByText('countersign pairing approve webchat K7QD2MX4').waitFor();
      await sound(visit, 'a pending request');
      for (const state of ['waiting', 'denied', 'revoked', 'expired', 'silent']) {
        visit.tell({ type: 'chat.state', state });
        await page.locator(`.panel[data-state=${state}]`).waitFor();
        await sound(visit, state);
      }
      visit.state = { state: 'paired', name: 'Ana' };
      visit.tell({ type: 'chat.state', ...visit.state }, line(1, 'gateway', 'The owner let you in.'));
      await page.getByText('Send it now').waitFor();
      visit.onSay = ({ id, text }) => [
        line(2, 'you', String(text), String(id)),
        { type: 'chat.delta', turn: 't', index: 0, text: 'See https://a.example/x and ' },
        { type: 'chat.delta', turn: 't', index: 1, text: '<b>no</b> \u202Emark' },
      ];
      await page.getByTestId('chat-input').fill('What do you say?');
      await page.getByTestId('chat-send').click();
      const answer = page.locator('article[data-from=agent]');
      await answer.getByText('\\u{202E}').waitFor();
      await sound(visit, 'a growing answer');
      visit.tell(line(3, 'agent', 'See https://a.example/x and <b>no</b> \u202Emark.'), {
        type: 'chat.done',
        turn: 't',
        seq: 3,
      });
      await page.locator('article[data-growing]').waitFor({ state: 'detached' });
      expect(await answer.count()).toBe(1);
      expect(await answer.locator('b').count()).toBe(0);
      const link = answer.locator('a');
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
      expect(await link.getAttribute('target')).toBe('_blank');
      await sound(visit, 'an answer');
      visit.onSay = ({ id }) => [{ type: 'chat.taken', id }, line(4, 'gateway', 'Nothing waits.')];
      await page.getByTestId('chat-input').fill('/approvals');
      await page.keyboard.press('Enter');
      await page.getByText('For Countersign, not for the agent').waitFor();
      // What was said before anybody was let in is still held; the command is not.
      expect(await page.getByText('Not delivered').count()).toBe(1);
      await sound(visit, 'a command');
    }));

  test('a refusal, an offline spell and a forgotten browser are said plainly', () =>
    visiting(look, async (visit) => {
      const { page } = visit;
      visit.state = { state: 'paired' };
      visit.onSay = ({ id }) => [
        { type: 'chat.refused', id, reason: 'too_long', hint: 'send it in shorter pieces' },
      ];
      await page.goto(`${HOME}/chat`);
      await page.getByText('What is on your mind').waitFor();
      await page.getByTestId('chat-input').fill('too much');
      await page.keyboard.press('Enter');
      await page.getByText('send it in shorter pieces').waitFor();
      await sound(visit, 'a refused message');
      await page.getByText('Put it back').click();
      await expect.poll(() => page.getByTestId('chat-input').inputValue()).toBe('too much');
      visit.onSay = () => [];
      await visit.cut();
      await page.getByText('will be sent when the connection is back', { exact: false }).first().waitFor();
      await sound(visit, 'offline');
      await page.keyboard.press('Enter');
      await expect.poll(() => visit.said.filter((frame) => frame['text'] === 'too much').length).toBe(2);
      const ids = visit.said.filter((frame) => frame['text'] === 'too much').map((frame) => frame['id']);
      expect(new Set(ids).size).toBe(2);
      visit.state = { state: 'unknown' };
      await visit.cut();
      await page.getByText('no longer knows this browser').waitFor();
      await page.getByTestId('chat-input').fill('x'.repeat(16_001));
      await page.getByText('1 characters too many').waitFor();
      await sound(visit, 'a forgotten browser with a message that is too long');
    }));

  test('the owner claims once, by the link, at its home', () =>
    visiting(look, async (visit) => {
      const { page } = visit;
      visit.claim = { GET: UNOWNED };
      await page.goto(`${HOME}/`);
      await page.getByText('Nobody owns').waitFor();
      await sound(visit, 'unclaimed');
      await page.goto('about:blank');
      await page.goto('http://127.0.0.1:8787/#claim=S3CRET');
      await page.getByText('Claiming works only').waitFor();
      await expect.poll(() => page.url()).toBe('http://127.0.0.1:8787/');
      await sound(visit, 'at an IP');
      await page.getByText('Continue at').click();
      await page.getByTestId('claim-name').waitFor();
      await expect.poll(() => page.url()).toBe(`${HOME}/`);
      expect(await page.content()).not.toContain('S3CRET');
      await page.getByTestId('claim-submit').click();
      await page.getByText('Please give a name').waitFor();
      await sound(visit, 'a form without a name');
      const refused = { code: 'rate_limited', title: 'Too many, too fast', hint: 'wait and try again' };
      visit.claim = { GET: UNOWNED, POST: { status: 429, body: refused } };
      await page.getByTestId('claim-name').fill('Ana');
      await page.getByTestId('claim-submit').click();
      await page.getByText('Too many, too fast').waitFor();
      await sound(visit, 'a refused claim');
      visit.claim = { GET: UNOWNED, POST: { status: 201, body: {} } };
      const [request] = await Promise.all([
        page.waitForRequest((sent) => sent.method() === 'POST'),
        page.getByTestId('claim-submit').click(),
      ]);
      expect(request.postDataJSON()).toMatchObject({ secret: 'S3CRET', name: 'Ana', nonce: 'n', ts: 1 });
      await page.getByText('This gateway is yours, Ana').waitFor();
      await sound(visit, 'claimed');
      visit.claim = { GET: OWNED };
      visit.state = { state: 'paired', name: 'Ana' };
      await page.getByText('Talk to your agent').click();
      await page.getByText('What is on your mind').waitFor();
      const chat = visit.said.find(({ role }) => role === 'chat');
      expect(chat).toMatchObject({ type: 'connect', name: 'Ana', key: request.postDataJSON().key });
      await page.goto('about:blank');
      await page.goto(`${HOME}/#claim=S3CRET`);
      await page.getByText('has an owner').waitFor();
      await page.getByText('has not been used').waitFor();
      await sound(visit, 'owned');
    }));
});

test.skipIf(CHROMIUM === undefined)('without WebCrypto both pages say why, once', { timeout: 400_000 }, () =>
  visiting({ scheme: 'light', width: 1100 }, async (visit) => {
    await visit.page.addInitScript("Object.defineProperty(crypto, 'subtle', { value: undefined })");
    for (const path of ['/chat', '/']) {
      await visit.page.goto(HOME + path);
      await visit.page.getByText('needs a secure address').waitFor();
      await sound(visit, path);
    }
  }),
);

test.skipIf(CHROMIUM === undefined)('three first tabs make one key', { timeout: 400_000 }, () =>
  visiting({ scheme: 'light', width: 1100 }, async (visit) => {
    const tabs = [visit.page, await visit.page.context().newPage(), await visit.page.context().newPage()];
    await Promise.all(tabs.map((tab) => tab.goto(`${HOME}/chat`)));
    const connects = (): readonly unknown[] =>
      visit.said.filter((frame) => frame['type'] === 'connect').map((frame) => JSON.stringify(frame['key']));
    await expect.poll(() => connects().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
    expect(new Set(connects()).size).toBe(1);
  }),
);
