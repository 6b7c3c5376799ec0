// What attacks the Control UI from outside: another page on this machine, addresses that want to lead it elsewhere, names
// that want to be markup, a browser that was put out, and everything a secret could leak into. Real Chromium, real gateway.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempts, namedFirst, plant, shownAt, shownText, storage, wordsOf } from './in-page.js';
import { CAN_RUN, UiHouse, type UiPage } from './ui-visit.ts';

const PAGES = [
  'overview',
  'pairings',
  'people',
  'devices',
  'channels',
  'sessions',
  'factors',
  'audit',
  'settings',
] as const;
/** What turns text round or hides in it; none of them may stand in a document as itself. */
const HIDDEN = /[\u202A-\u202E\u2066-\u2069\u200B\u2060]/;

/** A page of somebody else on this machine, and a note of whatever is sent to it. */
class Elsewhere implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url} ${secretsIn(request)}`);
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>');
    });
    this.#server.on('upgrade', (request, socket) => {
      this.asked.push(`UPGRADE ${request.url}`);
      socket.destroy();
    });
  }

  static async open(): Promise<Elsewhere> {
    const one = new Elsewhere();
    await new Promise<void>((resolve) => one.#server.listen(0, 'localhost', resolve));
    return one;
  }

  get host(): string {
    const address = this.#server.address();
    return `localhost:${typeof address === 'object' ? address?.port : ''}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function secretsIn({ headers }: IncomingMessage): string {
  return ['authorization', 'dpop', 'cookie'].filter((name) => headers[name] !== undefined).join();
}

describe.skipIf(!CAN_RUN)('attacks on the Control UI', { timeout: 400_000 }, () => {
  let ui: UiHouse;
  let owner: UiPage;
  let elsewhere: Elsewhere;
  /** Every token any page showed the gateway. */
  const tokens = new Set<string>();
  const proofs: string[] = [];

  beforeAll(async () => {
    ui = await UiHouse.open();
    elsewhere = await Elsewhere.open();
    owner = await ui.enter();
    owner.page.on('request', (request) => {
      const { authorization, ...headers } = request.headers();
      if (authorization !== undefined) tokens.add(authorization.split(' ').at(-1) ?? '');
      const proof = headers['x-countersign-factor'];
      if (proof !== undefined) proofs.push(proof.split(' ').at(-1) ?? '');
    });
  }, 300_000);
  afterAll(async () => {
    await ui?.[Symbol.asyncDispose]();
    await elsewhere?.[Symbol.asyncDispose]();
  });

  test('H23: no address, fragment or header leads the page to another gateway', async () => {
    const { host } = elsewhere;
    const places = [
      `/?gatewayUrl=http://${host}&gateway=http://${host}&url=ws://${host}/ws&server=${host}`,
      `/?gatewayUrl=${encodeURIComponent(`ws://${host}`)}#/pairings?gatewayUrl=http://${host}`,
      `/#gateway=http://${host}&token=abc`,
      `/#/settings?gateway=http://${host}`,
      `/#claim=http://${host}`,
    ];
    await owner.context.setExtraHTTPHeaders({
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
      forwarded: `host=${host}`,
    });
    for (const place of places) {
      const since = ui.asked.length;
      await owner.page.goto(ui.url + place);
      await owner.page.reload();
      // A claim link says that there is nothing to claim; every other address is this house.
      const here = owner.page.getByTestId('waiting-pairings').or(owner.page.getByText('has an owner'));
      await here.first().waitFor({ state: 'attached', timeout: 30_000 });
      const { hosts } = addresses(ui.asked.slice(since));
      expect(hosts, place).toEqual([new URL(ui.url).host]);
    }
    await owner.context.setExtraHTTPHeaders({});
    await owner.page.goto(ui.url);
    expect(elsewhere.asked).toEqual([]);
    ui.clean();
  });

  test('H24: another page on this machine can neither ask nor tell nor frame', async () => {
    // Without the proof of its key even our own page is nobody.
    expect(await owner.page.evaluate("fetch('/api/v1/pairings').then(({ status }) => status)")).toBe(401);
    const before = (await ui.host().pairings.list({ show: 'open' })).items.length;
    const [pending] = (await ui.host().pairings.list({ show: 'open' })).items;
    const page = await owner.context.newPage();
    await page.goto(`http://${elsewhere.host}/`);
    expect(await page.evaluate(attempts, [ui.url, pending?.id ?? ''] as const)).toEqual({
      read: 'refused',
      write: 'refused',
      simple: expect.stringMatching(/^(refused|unread)$/),
      socket: 'refused',
      framed: 'refused',
    });
    // A window it opens is no window to it: it can neither read nor steer it.
    const opening = page.waitForEvent('popup');
    await page.evaluate(`globalThis.theirs = window.open(${JSON.stringify(`${ui.url}/`)})`);
    await (await opening).waitForLoadState();
    await expect.poll(() => page.evaluate('theirs.closed')).toBe(true);
    expect((await ui.host().pairings.list({ show: 'open' })).items).toHaveLength(before);
    await page.close();
    ui.clean();
  });

  test('a string that wants to be markup is refused by the page’s policy, and these tests hear of it', async () => {
    expect(await owner.page.evaluate(plant)).toBe('refused');
    await expect
      .poll(() => ui.faults.join(), { timeout: 30_000 })
      .toMatch(/policy violated: require-trusted-types-for/);
    ui.faults.splice(0);
  });

  test('R47, R67: on every page names are text: quoted, after the id, nothing hidden in them', async () => {
    // Not only names come from outside: so does what stands in a file.
    const message = '<img src=x onerror="document.title=\'owned\'"> {code}';
    await ui.host(`recovery ${ui.recovery()}`).config.set('channels.pairing.message', message);
    for (const place of [...PAGES, 'settings?view=file', 'settings?at=channels.pairing.message']) {
      await owner.go(place);
      const found = await owner.page.evaluate(wordsOf);
      expect(found.markup, place).toEqual([]);
      expect(await owner.page.evaluate(namedFirst), place).toEqual([]);
      expect(found.title, place).not.toContain('owned');
      expect(found.text, place).not.toMatch(HIDDEN);
      expect(
        found.attributes.filter((value) => HIDDEN.test(value)),
        place,
      ).toEqual([]);
    }
    await owner.go('pairings');
    const row = owner.id('pairing-row').filter({ hasText: 'onerror' });
    const words = (await row.first().textContent()) ?? '';
    const { items } = await ui.host().pairings.list({ show: 'open' });
    const { identifier = '?' } = items.find(({ displayName }) => displayName?.includes('onerror')) ?? {};
    expect(words.indexOf(identifier)).toBeGreaterThanOrEqual(0);
    expect(words.indexOf('<img')).toBeGreaterThan(words.indexOf(identifier));
    // The quotation marks are the element's.
    expect(await row.first().locator('q').first().textContent()).toMatch(/^<img/);
    const turned = await owner.id('pairing-row').filter({ hasText: 'rekcatta' }).first().textContent();
    expect(turned).toContain('\\u{202E}');
    const mixed = owner.id('pairing-row').filter({ has: owner.page.getByTestId('mixed-script') });
    expect(await mixed.count()).toBeGreaterThan(0);
    ui.clean();
  });

  test('R62: a browser that is revoked is out at once, and nothing of the house stays on it', async () => {
    const other = await ui.enter();
    await other.go('people');
    const id = await ui.newest();
    const out = other.page.evaluate(shownAt, 'This browser was signed out');
    const from = Date.now();
    await ui.host().devices.revoke(id);
    expect((await out) - from).toBeLessThan(2_000);
    expect(await other.page.evaluate(shownText)).not.toContain('Olga');
    await other.close();
    ui.clean();
  });

  test('H38: tokens and codes are in no address, no storage, no console and no log', async () => {
    await owner.go('pairings');
    await owner.page.reload();
    await owner.page.getByTestId('waiting-pairings').waitFor({ state: 'attached', timeout: 30_000 });
    for (const place of PAGES) await owner.go(place);
    expect(tokens.size).toBeGreaterThan(0);
    const codes = (await ui.host().pairings.list({ show: 'open' })).items.flatMap(({ code }) => code ?? []);
    const secrets = [...tokens, ...proofs, ...ui.house.recoveryCodes, ui.house.totpSeed];
    const kept = await owner.page.evaluate(storage);
    const logs = readdirSync(join(ui.gateway.home, 'logs')).map((name) =>
      readFileSync(join(ui.gateway.home, 'logs', name), 'utf8'),
    );
    const places = { kept, asked: ui.asked.join('\n'), console: ui.console.join('\n'), logs: logs.join('') };
    for (const [name, text] of Object.entries({ ...places, printed: ui.gateway.output }))
      for (const secret of [...secrets, ...codes]) expect(text.includes(secret), name).toBe(false);
    // The key is there, and can be used only by this origin, never read.
    expect(kept).toContain('"extractable":false');
    ui.clean();
  });
});

function addresses(asked: readonly string[]): { readonly hosts: readonly string[] } {
  const urls = asked.filter((url) => !/^(data|blob):/.test(url)).map((url) => new URL(url));
  return { hosts: [...new Set(urls.map(({ host }) => host))] };
}
