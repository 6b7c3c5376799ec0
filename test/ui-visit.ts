// The Control UI as people meet it: a real Chromium, the built pages, a real gateway in a process of its own, a full
// house, and Telegram played on loopback. One of these serves a whole file. Whatever a page does against its own policy
// is noted, and the file that looks (`clean`) fails with it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { createClient, FACTOR_HEADER } from '@countersign/protocol/client';
import { type Browser, type BrowserContext, chromium, type Page, type WebSocketRoute } from 'playwright-core';
import { expect } from 'vitest';
import { socketFetch } from '../packages/countersign/src/cli/socket-fetch.ts';
import { totpAt } from '../packages/countersign/src/testing/factor-stage.ts';
import {
  BOTS,
  type FullHouse,
  fillHouse,
  HOUSE_ENV,
  OWNER_CHAT,
} from '../packages/countersign/src/testing/full-house.ts';
import type { StubMessage } from '../packages/countersign/src/testing/telegram-chats.ts';
import { TelegramStub } from '../packages/countersign/src/testing/telegram-stub.ts';
import { RealGateway } from './gateway.ts';
import { focused, isSettled, noteViolations, setHash, widths } from './in-page.js';
import { CHROMIUM } from './page-visit.ts';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The owner, as Telegram knows her. */
export const OLGA = { id: OWNER_CHAT, is_bot: false, first_name: 'Olga' };
/** A folder to keep pictures in. */
export const SHOTS = process.env['COUNTERSIGN_SHOTS'];
const PATIENCE = { timeout: 30_000 };

export interface Look {
  readonly scheme: 'light' | 'dark';
  readonly width: number;
  readonly height?: number;
}
export const WIDE_LIGHT: Look = { scheme: 'light', width: 1280 };
export const WIDE_DARK: Look = { scheme: 'dark', width: 1280 };
export const NARROW: Look = { scheme: 'light', width: 360 };
export const NARROW_DARK: Look = { scheme: 'dark', width: 360 };

interface Options {
  readonly people?: number;
  readonly events?: number;
}

export class UiHouse implements AsyncDisposable {
  readonly gateway: RealGateway;
  readonly house: FullHouse;
  readonly bots: { readonly default: TelegramStub; readonly support: TelegramStub };
  readonly browser: Browser;
  /** What any page did against its policy, threw, or had to say about an error. */
  readonly faults: string[] = [];
  /** Everything any page wrote to its console. */
  readonly console: string[] = [];
  /** Every address any page asked for, sockets too. */
  readonly asked: string[] = [];
  readonly #codes: string[];

  private constructor(gateway: RealGateway, house: FullHouse, bots: UiHouse['bots'], browser: Browser) {
    this.gateway = gateway;
    this.house = house;
    this.bots = bots;
    this.browser = browser;
    this.#codes = [...house.recoveryCodes];
  }

  static async open(options: Options = {}): Promise<UiHouse> {
    const bots = {
      default: await TelegramStub.start({ token: BOTS.default }),
      support: await TelegramStub.start({ token: BOTS.support, username: 'support_bot' }),
    };
    const gateway = await RealGateway.prepare();
    gateway.extra = HOUSE_ENV;
    const telegram = { default: bots.default.url, support: bots.support.url };
    const where = { home: gateway.home, telegram, origin: gateway.url, until: Date.now() };
    const house = await fillHouse({ ...where, ...options });
    await gateway.start();
    const browser = await chromium.launch({
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      args: QUIET,
    });
    return new UiHouse(gateway, house, bots, browser);
  }

  get url(): string {
    return this.gateway.url;
  }

  /** The API at the host's door; with a proof of the owner's where one is asked for. */
  host(proof?: string) {
    const fetch = socketFetch(join(this.gateway.home, 'run', 'host.sock'), 30_000);
    const headers = proof === undefined ? {} : { [FACTOR_HEADER]: proof };
    return createClient((path, init) => fetch(path, { ...init, headers: { ...init.headers, ...headers } }));
  }

  /** One of the owner's recovery codes: each is used once. */
  recovery(): string {
    const code = this.#codes.shift();
    if (code === undefined) throw new Error('every recovery code of the house was used');
    return code;
  }

  /** What the owner's app shows. A step is accepted once. */
  totp(): string {
    return totpAt(this.house.totpSeed, Date.now());
  }

  /** A browser nobody knows. */
  async newcomer({ scheme, width, height = 800 }: Look = WIDE_LIGHT): Promise<UiPage> {
    const context = await this.browser.newContext({
      colorScheme: scheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    await context.addInitScript(noteViolations);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (line) => {
      this.console.push(line.text());
      // The browser itself notes answers of 401, 403 or 409, and a socket that breaks; tests ask for some of them.
      if (line.type() === 'error' && !/Failed to load resource|WebSocket/.test(line.text()))
        this.faults.push(line.text());
    });
    page.on('request', (request) => this.asked.push(request.url()));
    page.on('websocket', (socket) => this.asked.push(socket.url()));
    return new UiPage(this, context, page);
  }

  /** A browser of the owner: let in at the host, and by default a factor proven on it. */
  async enter(look: Look = WIDE_LIGHT, { isProven = true } = {}): Promise<UiPage> {
    const ui = await this.newcomer(look);
    await this.letIn(ui);
    if (isProven) await ui.prove();
    return ui;
  }

  /** At the host, with a proof of the owner's. */
  async letIn(ui: UiPage): Promise<void> {
    await ui.page.goto(this.url);
    const id = await ui.requestId();
    await this.host(`recovery ${this.recovery()}`).devices.approve(id);
    // It would ask again by itself within seconds.
    await ui.page.reload();
    await ui.page
      .getByRole('navigation')
      .first()
      .waitFor({ ...PATIENCE, state: 'attached' });
  }

  /** The device that was paired last. */
  async newest(): Promise<string> {
    const { items } = await this.host().devices.list({ show: 'live' });
    const paired = items.filter(({ state }) => state === 'paired');
    return paired.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1)?.id ?? '';
  }

  /** Fails with whatever a page did wrong since the last time. */
  clean(): void {
    expect(this.faults.splice(0)).toEqual([]);
  }

  /** Telegram's message to the owner that says so, once it is there. */
  async card(says: RegExp, bot: TelegramStub = this.bots.default): Promise<StubMessage> {
    const found = () => bot.shown(OLGA.id).findLast(({ text, removed }) => !removed && says.test(text));
    await bot.until(() => found() !== undefined);
    const card = found();
    if (card === undefined) throw new Error(`the owner was shown nothing like ${says}`);
    return card;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.gateway[Symbol.asyncDispose]();
    await Promise.all([this.bots.default, this.bots.support].map((bot) => bot[Symbol.asyncDispose]()));
  }
}

export class UiPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #ui: UiHouse;

  constructor(ui: UiHouse, context: BrowserContext, page: Page) {
    this.#ui = ui;
    this.context = context;
    this.page = page;
  }

  id(name: string) {
    return this.page.getByTestId(name);
  }

  /** What this browser asks for, from the words on its sign-in page. */
  async requestId(): Promise<string> {
    const command = this.page.getByText(/^countersign devices approve devreq_\w+$/);
    const text = (await command.textContent(PATIENCE)) ?? '';
    return text.split(' ').at(-1) ?? '';
  }

  /** By the fragment, as a link of the page does it. */
  async go(place: string): Promise<void> {
    await this.page.evaluate(setHash, `#/${place}`);
    await this.settled();
  }

  /** Nothing is being loaded any more. */
  async settled(): Promise<void> {
    await this.page.locator('main').first().waitFor(PATIENCE);
    await this.page.waitForFunction(isSettled, undefined, PATIENCE);
  }

  /** A factor of the owner on this browser. */
  async prove(code: string = this.#ui.recovery()): Promise<void> {
    await this.go('factors?prove=1');
    const button = this.id('prove');
    const form = this.id('proof-totp').or(this.id('proof-recovery'));
    await button.or(form).first().waitFor(PATIENCE);
    if ((await button.count()) > 0) await button.click();
    await this.answer(code);
    await this.id('prove-here').waitFor({ ...PATIENCE, state: 'detached' });
    // What it says about that is read and put away.
    const toast = this.page.locator('.mantine-Notification-root');
    await toast.first().waitFor(PATIENCE);
    await toast.first().getByRole('button').last().click();
    await toast.first().waitFor({ ...PATIENCE, state: 'detached' });
    await this.go('overview');
  }

  /** Answers the question for a proof with a recovery code. */
  async answer(code: string = this.#ui.recovery()): Promise<void> {
    await this.id('proof-totp').or(this.id('proof-recovery')).first().waitFor(PATIENCE);
    if ((await this.id('proof-recovery').count()) === 0)
      await this.page.getByRole('button', { name: /recovery code/i }).click();
    await this.id('proof-recovery').fill(code);
    await this.page.keyboard.press('Enter');
    await this.id('proof-recovery').waitFor({ ...PATIENCE, state: 'detached' });
  }

  async look({ scheme, width, height = 800 }: Look): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await this.page.setViewportSize({ width, height });
  }

  /** As everybody can use it: by axe, and without a horizontal scroll. */
  async sound(what: string): Promise<void> {
    // What lies under a dialog is dimmed on purpose.
    const axe = new AxeBuilder({ page: this.page }).setLegacyMode();
    const isOver = (await this.page.getByRole('dialog').count()) > 0;
    const { violations } = await (isOver ? axe.include('[role="dialog"]') : axe).analyze();
    const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]);
    expect(found, what).toEqual([]);
    await this.fits(what);
  }

  async fits(what: string): Promise<void> {
    // A window that was just made smaller takes a moment.
    const over = () => this.page.evaluate(widths).then(([has, may]) => Math.max(0, has - may));
    await expect.poll(over, { ...PATIENCE, message: `${what} is too wide` }).toBe(0);
  }

  async picture(name: string): Promise<void> {
    if (SHOTS === undefined) return;
    mkdirSync(SHOTS, { recursive: true });
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`), animations: 'disabled', caret: 'hide' });
  }

  /** The test id of what has the focus; its words where it has none. */
  focused(): Promise<string> {
    return this.page.evaluate(focused);
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** The line between a browser's pages and the gateway, in somebody's hand. */
export class Wire {
  /** Frames in order: what the page said, and what it heard. */
  readonly said: Frame[] = [];
  readonly heard: Frame[] = [];
  /** Ends a connection for both sides. */
  readonly #open = new Set<() => Promise<unknown>>();
  #isCut = false;

  static async over({ context }: UiPage): Promise<Wire> {
    const wire = new Wire();
    await context.routeWebSocket(/\/ws$/, (socket) => wire.#dialled(socket));
    return wire;
  }

  /** Every socket ends, and none comes through until `mend`: what is on its way to the page now is neither told nor noted. */
  async cut(): Promise<void> {
    this.#isCut = true;
    const ends = [...this.#open];
    this.#open.clear();
    await Promise.all(ends.map((end) => end()));
  }

  mend(): void {
    this.#isCut = false;
  }

  #dialled(socket: WebSocketRoute): void {
    if (this.#isCut) return void socket.close();
    const server = socket.connectToServer();
    const end = () => Promise.all([socket.close(), server.close()]);
    this.#open.add(end);
    socket.onMessage((data) => {
      if (!this.#open.has(end)) return;
      this.said.push(JSON.parse(String(data)));
      server.send(data);
    });
    server.onMessage((data) => {
      if (!this.#open.has(end)) return;
      this.heard.push(JSON.parse(String(data)));
      socket.send(data);
    });
  }
}

export const CAN_RUN = CHROMIUM !== undefined;
