// The worker in a real Chromium, on a page as the gateway serves it: it keeps files of the build and nothing else, so that
// without the gateway there is no page to be fooled by; and a push is a notification that leads into the house.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Pages } from '../packages/countersign/src/gateway/pages.ts';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';
import { buildPages, CHROMIUM } from './page-visit.ts';

const PATIENT = { timeout: 60_000, interval: 200 };
/** As many looks are taken before the same is delivered once more. */
const LOOKS = 10;

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

/** The gateway's pages on a port, and an API that only counts. */
class Site implements AsyncDisposable {
  readonly asked: string[] = [];
  origin = '';
  #server: Server | null = null;
  #port = 0;

  async open(): Promise<this> {
    // One that is still free when it comes back.
    if (this.#port === 0) this.#port = await freePort();
    const names = () => ({ publicUrl: null, chatUrl: null });
    const random = { bytes: (n: number) => new Uint8Array(n).fill(7) };
    const pages = new Pages({ folder: dist, random, names, home: () => this.origin });
    const server = createServer((request, response) => void this.#answer(pages, request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.origin = `http://localhost:${this.#port}`;
    this.#server = server;
    return this;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  count(path: string): number {
    return this.asked.filter((one) => one === path).length;
  }

  async #answer(pages: Pages, { url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, this.origin);
    this.asked.push(pathname);
    const request = new Request(`${this.origin}${pathname}`, {
      headers: { host: new URL(this.origin).host },
    });
    const name = pathname.split('/').at(-1) ?? '';
    const answer = await this.#route(pages, pathname, name, request).catch(
      () => new Response(null, { status: 404 }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  #route(pages: Pages, path: string, name: string, request: Request): Promise<Response> {
    if (path === '/') return pages.page('index', request);
    if (path === '/chat') return pages.page('chat', request);
    if (path === '/sw.js') return pages.root('worker', request);
    if (path === '/manifest.webmanifest') return pages.root('manifest', request);
    if (path.startsWith('/icons/')) return pages.icon(name);
    if (path.startsWith('/assets/')) return pages.asset(name);
    return Promise.resolve(Response.json({ owned: true, gateway: 'ins_test', nonce: 'n', ts: 1 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function browsing(
  work: (page: Page, context: BrowserContext, site: Site) => Promise<void>,
): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'countersign-worker-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    await using site = await new Site().open();
    await context.grantPermissions(['notifications'], { origin: site.origin });
    const page = context.pages()[0] ?? (await context.newPage());
    const refused: string[] = [];
    page.on('console', (message) => {
      if (/Content.Security.Policy|TrustedScript|trusted/i.test(message.text())) refused.push(message.text());
    });
    await page.goto(`${site.origin}/`);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    // Behind the worker from its first byte on.
    await page.reload();
    await page.waitForFunction('navigator.serviceWorker.controller !== null');
    await work(page, context, site);
    expect(refused).toEqual([]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const KEPT = `(async () => {
  const urls = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
  return urls;
})()`;

const read = <T>(page: Page, script: string): Promise<T> => page.evaluate<T>(script);
const status = (path: string) => `fetch(${JSON.stringify(path)}).then((a) => a.status, () => 'none')`;

describe.skipIf(CHROMIUM === undefined)('the worker', { timeout: 400_000 }, () => {
  test('keeps files of the build and nothing else; every page and every answer comes from the gateway', () =>
    browsing(async (page, _context, site) => {
      await expect.poll(async () => (await read<string[]>(page, KEPT)).length, PATIENT).toBeGreaterThan(2);
      for (const path of [
        '/',
        '/chat',
        '/api/v1/claim',
        '/v1/models',
        '/manifest.webmanifest',
        '/icons/icon-192.png',
        '/sw.js',
      ])
        await read(page, status(path));
      const kept = await read<string[]>(page, KEPT);
      for (const path of kept) expect(path).toMatch(/^\/assets\/[\w.-]+-[\w-]{8}\.(js|css|svg)$/);
      // Once kept, asked no more; a page and the API each time.
      const [asset = expect.fail()] = kept;
      const before = [site.count(asset), site.count('/'), site.count('/api/v1/claim')];
      for (const path of [asset, '/', '/api/v1/claim']) await read(page, status(path));
      expect([site.count(asset), site.count('/'), site.count('/api/v1/claim')]).toEqual([
        before[0],
        Number(before[1]) + 1,
        Number(before[2]) + 1,
      ]);
    }));

  test('without the gateway there is no page and no answer, only the files of the build', () =>
    browsing(async (page, _context, site) => {
      await expect.poll(async () => (await read<string[]>(page, KEPT)).length, PATIENT).toBeGreaterThan(2);
      const [asset = expect.fail()] = await read<string[]>(page, KEPT);
      await site.close();
      expect(await read(page, status(asset))).toBe(200);
      for (const path of ['/', '/chat', '/api/v1/claim', '/v1/models', '/manifest.webmanifest'])
        expect(await read(page, status(path)), path).toBe('none');
      await expect(page.goto(`${site.origin}/?again`)).rejects.toThrow(/ERR_CONNECTION_REFUSED/);
      await site.open();
      const again = () =>
        page.goto(`${site.origin}/`).then(
          (answer) => answer?.status(),
          () => 0,
        );
      await expect.poll(again, PATIENT).toBe(200);
    }));

  test('a push is a notification of a kind, whatever else it says, and the newest takes the place of the last', () =>
    browsing(async (page, context, site) => {
      const push = await pushTo(context, page, site.origin);
      const first = JSON.stringify({ kind: 'pairing', channel: 'telegram', language: 'en' }).padEnd(160);
      expect(await push(first, (shown) => shown.length > 0)).toEqual([
        {
          title: 'Countersign',
          body: 'Somebody on Telegram asks to talk to your assistant.',
          tag: 'countersign-pairing',
          data: 'pairing',
        },
      ]);
      const next = JSON.stringify({ kind: 'pairing', channel: null, language: 'de' });
      const said = 'Jemand möchte mit deinem Assistenten sprechen.';
      expect(await push(next, ([shown]) => shown?.body === said)).toHaveLength(1);
      const both = await push('not JSON <script>', (shown) => shown.length > 1);
      expect(both.map(({ tag }) => tag).sort()).toEqual(['countersign-other', 'countersign-pairing']);
    }));

  test('a pressed notification leads the open page to its place, and no other page', () =>
    browsing(async (page, context, site) => {
      const push = await pushTo(context, page, site.origin);
      const chat = await context.newPage();
      await chat.goto(`${site.origin}/chat`);
      await push(JSON.stringify({ kind: 'device', language: 'en' }), (shown) => shown.length > 0);
      const [worker = expect.fail()] = context.serviceWorkers();
      await worker.evaluate(`self.registration.getNotifications().then(([notification]) => {
        // The browser itself would wait for the work; of an event of a script it does not.
        addEventListener('error', (event) => event.preventDefault());
        self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      })`);
      await expect.poll(async () => (await shownOn(page)).length, PATIENT).toBe(0);
      await page.waitForURL(`${site.origin}/#/devices`);
      expect(new URL(chat.url()).hash).toBe('');
    }));
});

/**
 * Lets the browser believe that its push service brought something, until it is shown: a browser that has just begun drops
 * what comes too early, and the same twice is one notification. Not at every look: what is delivered once too often is shown
 * when the test has gone on.
 */
async function pushTo(
  context: BrowserContext,
  page: Page,
  origin: string,
): Promise<(data: string, isShown: (shown: readonly Shown[]) => boolean) => Promise<readonly Shown[]>> {
  const session: CDPSession = await context.newCDPSession(page);
  const registration = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`);
      if (own !== undefined) resolve(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registration;
  return async (data, isShown) => {
    let last: readonly Shown[] = [];
    let looks = 0;
    const tried = async () => {
      last = await shownOn(page);
      if (!isShown(last) && looks % LOOKS === 0)
        await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
      looks += 1;
      return isShown(last);
    };
    await expect.poll(tried, PATIENT).toBe(true);
    return last;
  };
}

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly data: string;
}

function shownOn(page: Page): Promise<readonly Shown[]> {
  return read(
    page,
    `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) =>
      all.map(({ title, body, tag, data }) => ({ title, body, tag, data })))`,
  );
}
