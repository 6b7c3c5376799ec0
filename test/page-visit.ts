// A browser nobody has used, showing the built pages under the gateway's Content-Security-Policy and Trusted Types. The
// gateway is made of answers the test chooses; no port is opened: files, the API and the socket are answered inside the
// browser's network layer.

import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, chromium, type Page, type Request, type WebSocketRoute } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import {
  controlPolicy,
  STRICT_POLICY,
  WORKER_POLICY,
  withNonce,
} from '../packages/countersign/src/gateway/page-policy.ts';
import type { Answer, Call, Frame, Reply } from '../packages/ui/src/testing/fake-house.ts';

const NONCE = 'bm9uY2Utb2YtdGhpcy1hbnN3ZXI';
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];
const QUIETER = ['--disable-component-update', '--disable-sync'];
const ROOT = fileURLToPath(new URL('../packages/ui', import.meta.url));
/** Not among the sources: a gateway that starts would build its pages anew because of it. */
const KEPT = fileURLToPath(new URL('../node_modules/.cache/pages', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
/** As gateway/pages.ts serves them. */
const POLICIES: Readonly<Record<string, string>> = { '/': controlPolicy(NONCE), '/sw.js': WORKER_POLICY };

/** Both pages, built into a folder of their own: made once for the same sources, by whichever test comes first. */
export async function buildPages(): Promise<string> {
  const made = join(KEPT, sourcesHash());
  const outDir = mkdtempSync(join(tmpdir(), 'countersign-ui-'));
  if (!existsSync(made)) {
    await build({
      root: ROOT,
      configFile: join(ROOT, 'vite.config.ts'),
      mode: 'production',
      logLevel: 'error',
      build: { outDir, emptyOutDir: true },
    });
    keep(outDir, made);
    return outDir;
  }
  cpSync(made, outDir, { recursive: true });
  return outDir;
}

/** Whole or not at all: others may be building the same. */
function keep(outDir: string, made: string): void {
  const folder = dirname(made);
  mkdirSync(folder, { recursive: true });
  const next = mkdtempSync(`${made}-`);
  cpSync(outDir, next, { recursive: true });
  try {
    renameSync(next, made);
  } catch {
    rmSync(next, { recursive: true, force: true });
  }
}

/** Of everything the build is made from. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const protocol = fileURLToPath(new URL('../packages/protocol', import.meta.url));
  for (const [root, pattern] of [
    [ROOT, '{*.html,*.ts,*.json,src/**/*,public/**/*}'],
    [protocol, '{package.json,src/**/*}'],
  ] as const) {
    const files = globSync(pattern, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort())
      hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 32);
}

export interface Look {
  readonly scheme: 'light' | 'dark';
  readonly width: number;
  /** The first language of the browser; English where none is given. */
  readonly locale?: string;
}

export class Visit {
  readonly page: Page;
  /** What the page said on the socket. */
  readonly said: Frame[] = [];
  /** Errors of the page and its console: a refused script or style among them. */
  readonly errors: string[] = [];
  readonly #context: BrowserContext;
  readonly #profile: string;
  #socket: WebSocketRoute | null = null;
  /** What the claim route answers, by method. */
  claim: Readonly<Record<string, Answer>> = {};
  /** Every other route; null breaks the connection. */
  api: (call: Call) => Reply = () => null;
  /** What a connect is answered with; an error ends the socket. */
  onConnect: (frame: Frame) => readonly Frame[] = ({ role }) =>
    role === 'chat'
      ? [
          { type: 'hello', device: 'd', role: 'chat', scopes: [] },
          { type: 'chat.state', ...this.state },
        ]
      : [{ type: 'error', code: 'pairing_required', hint: 'an owner has to approve this device' }];
  onSay: (frame: Frame) => readonly Frame[] = () => [];
  state: Frame = { state: 'unknown' };

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.#context = context;
    this.#profile = profile;
    this.page = page;
  }

  static async open(dist: string, { scheme, width, locale = 'en-US' }: Look): Promise<Visit> {
    const profile = mkdtempSync(join(tmpdir(), 'countersign-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
      args: [...QUIET, ...QUIETER],
      colorScheme: scheme,
      locale,
      viewport: { width, height: 700 },
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const visit = new Visit(context, page, profile);
    page.on('pageerror', (error) => visit.errors.push(error.message));
    page.on('console', (message) => {
      // The browser itself notes a refused claim; that is what the test asked for.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        visit.errors.push(message.text());
      }
    });
    await context.route('**/*', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname.startsWith('/api/')) {
        const answer = await visit.#answer(route.request());
        if (answer === null) return route.abort();
        return route.fulfill({
          status: answer.status,
          json: answer.body,
          headers: { 'dpop-nonce': 'n2' },
        });
      }
      const file = join(dist, { '/': 'index.html', '/chat': 'chat.html' }[pathname] ?? pathname);
      if (!existsSync(file)) return route.fulfill({ status: 404 });
      const headers = {
        'content-security-policy': POLICIES[pathname] ?? STRICT_POLICY,
        'content-type': TYPES[extname(file)] ?? 'text/plain',
      };
      const body = readFileSync(file);
      return route.fulfill({ body: pathname === '/' ? withNonce(body.toString(), NONCE) : body, headers });
    });
    await context.routeWebSocket(/\/ws$/, (socket) => visit.#met(socket));
    return visit;
  }

  /** Says something to the page. */
  tell(...frames: readonly Frame[]): void {
    for (const frame of frames) this.#socket?.send(JSON.stringify(frame));
  }

  /** Ends the socket, as a restarting gateway does. */
  async cut(): Promise<void> {
    await this.#socket?.close();
  }

  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }

  #answer(request: Request): Reply {
    const { pathname, search } = new URL(request.url());
    const method = request.method();
    if (pathname === '/api/v1/claim') return this.claim[method] ?? null;
    const posted: unknown = request.postDataJSON();
    const body = typeof posted === 'object' && posted !== null ? { ...posted } : {};
    return this.api({ method, path: pathname + search, body, headers: request.headers() });
  }

  #met(socket: WebSocketRoute): void {
    this.#socket = socket;
    socket.onMessage((data) => {
      const frame: Frame = JSON.parse(String(data));
      this.said.push(frame);
      if (frame['type'] === 'connect') {
        const answer = this.onConnect(frame);
        this.tell(...answer);
        if (answer.some(({ type }) => type === 'error')) void this.cut();
      }
      if (frame['type'] === 'chat.say') this.tell(...this.onSay(frame));
    });
    this.tell({ type: 'connect.challenge', gateway: 'ins_test', nonce: 'n', ts: Date.now() });
  }
}

export const HOME = 'http://localhost:8787';
export const LOOKS: readonly Look[] = [
  { scheme: 'light', width: 1100 },
  { scheme: 'dark', width: 360 },
];

export async function visiting(
  dist: string,
  look: Look,
  work: (visit: Visit) => Promise<void>,
): Promise<void> {
  const visit = await Visit.open(dist, look);
  try {
    await work(visit);
    expect(visit.errors).toEqual([]);
  } finally {
    await visit.close();
  }
}

export async function sound({ page }: Visit, what: string): Promise<void> {
  // No frames here: without them axe needs no second page to put its findings together in, which is half of its time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(
    violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]),
    what,
  ).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${what} fits`).toBe(
    true,
  );
}
