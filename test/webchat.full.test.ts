// The first road, with nothing in between: a real gateway, a real Chromium, the CLI as typed. A stranger writes, a code
// comes back, the owner says yes, the agent's answer streams into the page.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeOpenAi } from '../packages/countersign/src/testing/fake-openai.ts';
import { RealGateway } from './gateway.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Row {
  readonly identifier: string;
  readonly code: string;
  readonly firstWords: string;
}

const id = (page: Page, name: string) => page.getByTestId(name);

async function say(page: Page, text: string): Promise<void> {
  await id(page, 'chat-input').fill(text);
  await id(page, 'chat-send').click();
}

/** A page of somebody nobody knows, whose console errors are kept. */
async function stranger(context: BrowserContext, url: string, errors: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(line.text()))
      errors.push(line.text());
  });
  await page.goto(`${url}/chat`);
  return page;
}

describe.skipIf(CHROMIUM === undefined)('a real Chromium', { timeout: 400_000 }, () => {
  let browser: Browser;
  let gateway: RealGateway;

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      args: QUIET,
    });
    gateway = await RealGateway.start();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  test('a stranger writes, the owner approves on the command line, the answer streams', async () => {
    const agent = await FakeOpenAi.start();
    await gateway.cli('config', 'set', 'agent.url', JSON.stringify(agent.url));
    const context = await browser.newContext();
    const errors: string[] = [];
    const page = await stranger(context, gateway.url, errors);
    await say(page, 'hello, it is Ana');
    const code = (await id(page, 'pairing-code').textContent({ timeout: 30_000 })) ?? '';
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
    expect(agent.requests).toEqual([]);
    const { items } = await gateway.json<{ items: Row[] }>('pairing', 'list');
    expect(items).toMatchObject([
      { code, firstWords: 'hello, it is Ana', channel: 'webchat', state: 'pending' },
    ]);
    const axe = await new AxeBuilder({ page }).analyze();
    expect(axe.violations).toEqual([]);
    expect(await gateway.cli('pairing', 'approve', 'webchat', code)).toMatchObject({ code: 0 });
    await id(page, 'pairing-code').waitFor({ state: 'detached', timeout: 30_000 });
    await say(page, 'hello again');
    await page.getByTestId('chat-log').getByText('hello again').first().waitFor();
    await expect.poll(() => agent.requests.length, { timeout: 30_000 }).toBe(1);
    const sessions = await gateway.json<{ items: { key: string }[] }>('sessions', 'list');
    expect(sessions.items[0]?.key).toBe(`agent:main:webchat:default:direct:${items[0]?.identifier}`);

    // A second tab is the same person and shows the same conversation.
    const second = await stranger(context, gateway.url, errors);
    await second.getByTestId('chat-log').getByText('hello again').first().waitFor({ timeout: 30_000 });

    // Offline: what is written is sent later, once.
    await context.setOffline(true);
    await say(page, 'written offline');
    await context.setOffline(false);
    await expect.poll(() => agent.requests.length, { timeout: 40_000 }).toBe(2);
    await second.getByTestId('chat-log').getByText('written offline').first().waitFor({ timeout: 40_000 });
    await page.reload();
    await page.getByTestId('chat-log').getByText('written offline').first().waitFor({ timeout: 30_000 });
    expect(await page.getByTestId('chat-log').getByText('written offline', { exact: true }).count()).toBe(1);
    expect(agent.requests).toHaveLength(2);
    expect(errors).toEqual([]);
    await context.close();
    await agent.goesAway();
  });

  test('two first tabs at once make one key', async () => {
    const context = await browser.newContext();
    const errors: string[] = [];
    const [a, b] = await Promise.all([
      stranger(context, gateway.url, errors),
      stranger(context, gateway.url, errors),
    ]);
    await say(a, 'from tab a');
    const code = await id(a, 'pairing-code').textContent({ timeout: 30_000 });
    expect(await id(b, 'pairing-code').textContent({ timeout: 30_000 })).toBe(code);
    await context.close();
  });

  test('R19: opening the claim link gives nothing by itself; it makes the owner once, and the owner talks unpaired', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(gateway.claimLink);
    await id(page, 'claim-name').waitFor();
    await expect.poll(() => page.url()).not.toContain('claim=');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect((await gateway.json<{ owned: boolean }>('gateway', 'status')).owned).toBe(false);
    await id(page, 'claim-name').fill('Olga');
    await id(page, 'claim-submit').click();
    await page.getByText('This gateway is yours, Olga').waitFor({ timeout: 30_000 });
    const people = await gateway.json<{ items: { name: string; role: string }[] }>('people', 'list');
    expect(people.items.filter(({ role }) => role === 'owner')).toMatchObject([{ name: 'Olga' }]);
    expect((await gateway.cli('claim')).code).toBe(13);
    await page.goto(`${gateway.url}/chat`);
    await say(page, 'it is me');
    await page.getByTestId('chat-log').getByText('it is me').first().waitFor({ timeout: 30_000 });
    expect(await id(page, 'pairing-code').count()).toBe(0);
    await context.close();
  });

  test('H24: a page of another localhost port can neither write, read the API, nor open the socket', async () => {
    const evil = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>evil</title>');
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = evil.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://localhost:${port}/`);
    const tried = await page.evaluate(async (url) => {
      const ask = (path: string, init: RequestInit) =>
        fetch(url + path, init).then(
          (answer) => `answered ${answer.status}`,
          () => 'refused',
        );
      const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
      const plain = { method: 'POST', body: '{}', mode: 'no-cors' } as const;
      const socket = new Promise<string>((resolve) => {
        const ws = new WebSocket(`${url.replace('http', 'ws')}/ws`);
        ws.onopen = () => resolve('opened');
        ws.onerror = () => resolve('refused');
      });
      const read = await ask('/api/v1/claim', {});
      const claim = await ask('/api/v1/claim', json);
      const stop = await ask('/api/v1/gateway/stop', plain);
      return { read, claim, stop, socket: await socket };
    }, gateway.url);
    expect(tried).toMatchObject({ read: 'refused', claim: 'refused', socket: 'refused' });
    expect((await gateway.json<{ running: boolean }>('gateway', 'status')).running).toBe(true);
    await context.close();
    evil.close();
  });
});
