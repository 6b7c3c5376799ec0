// The two pages, as they were built, and what belongs to them. Names come from the build's own list or from a list here, so
// no path of a request reaches the disk. With `gateway.chatUrl` the pages live on two origins, and each is served on its own.

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { Random } from '../core/ports.ts';
import { isChatHost, type Names, sameHost } from './origin.ts';
import { controlPolicy, STRICT_POLICY, WORKER_POLICY, withNonce } from './page-policy.ts';
import type { PagesView, RootFile } from './services.ts';

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': STRICT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** What is served beside the pages. A worker that was kept would outlive the build it belongs to: it is asked for anew. */
const ROOT_FILES: Readonly<
  Record<RootFile, { readonly at: string; readonly type: string; readonly policy?: string }>
> = {
  worker: { at: 'sw.js', type: 'text/javascript; charset=utf-8', policy: WORKER_POLICY },
  manifest: { at: 'manifest.webmanifest', type: 'application/manifest+json' },
};

const ICONS: ReadonlySet<string> = new Set([
  'icon-192.png',
  'icon-512.png',
  'maskable-192.png',
  'maskable-512.png',
]);

interface Options {
  /** The folder of the build. */
  readonly folder: string;
  readonly random: Random;
  /** The names people reach us by, as configured now. */
  readonly names: () => Names;
  /** Where this machine's owner opens the Control UI. */
  readonly home: () => string;
}

export class Pages implements PagesView {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  get built(): boolean {
    return existsSync(join(this.#options.folder, 'index.html'));
  }

  async page(name: 'index' | 'chat', request: Request): Promise<Response> {
    const elsewhere = name === 'chat' ? this.#chatElsewhere(request) : this.#controlElsewhere(request, '/');
    if (elsewhere !== null) return elsewhere;
    const built = await this.#read(`${name}.html`);
    if (built === null) return unbuilt();
    const headers = {
      ...PAGE_HEADERS,
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    };
    if (name === 'chat') return new Response(built, { headers });
    const nonce = Buffer.from(this.#options.random.bytes(18)).toString('base64');
    const html = withNonce(new TextDecoder().decode(built), nonce);
    return new Response(html, { headers: { ...headers, 'content-security-policy': controlPolicy(nonce) } });
  }

  async asset(name: string): Promise<Response> {
    const known = await readdir(join(this.#options.folder, 'assets')).catch((): string[] => []);
    const type = TYPES[extname(name)];
    const bytes = known.includes(name) && type !== undefined ? await this.#read(join('assets', name)) : null;
    if (bytes === null || type === undefined) throw nothing();
    // Built names hold a hash of their content.
    const headers = {
      ...PAGE_HEADERS,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': type,
    };
    return new Response(bytes, { headers });
  }

  async root(name: RootFile, request: Request): Promise<Response> {
    const { at, type, policy = STRICT_POLICY } = ROOT_FILES[name];
    const elsewhere = this.#controlElsewhere(request, `/${at}`);
    if (elsewhere !== null) return elsewhere;
    const bytes = await this.#read(at);
    if (bytes === null) throw nothing();
    const headers = { ...PAGE_HEADERS, 'content-security-policy': policy };
    return new Response(bytes, {
      headers: { ...headers, 'cache-control': 'no-cache', 'content-type': type },
    });
  }

  async icon(name: string): Promise<Response> {
    const bytes = ICONS.has(name) ? await this.#read(join('icons', name)) : null;
    if (bytes === null) throw nothing();
    const headers = { ...PAGE_HEADERS, 'cache-control': 'public, max-age=86400' };
    return new Response(bytes, { headers: { ...headers, 'content-type': 'image/png' } });
  }

  /** With an origin of its own, web chat is opened there only: keys live per origin, and the Control UI's is another. */
  #chatElsewhere(request: Request): Response | null {
    const { chatUrl } = this.#options.names();
    if (chatUrl === null || sameHost(hostOf(request), chatUrl)) return null;
    return redirect(`${chatUrl}/chat`);
  }

  /** What strangers write is shown on the chat's origin: no key of an owner is ever made there. */
  #controlElsewhere(request: Request, path: string): Response | null {
    const names = this.#options.names();
    if (!isChatHost(hostOf(request), names)) return null;
    return redirect(`${names.publicUrl ?? this.#options.home()}${path}`);
  }

  async #read(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return new Uint8Array(await readFile(join(this.#options.folder, name)));
    } catch {
      return null;
    }
  }
}

function nothing(): Problem {
  return new Problem('not_found', { detail: 'there is nothing at that path' });
}

function hostOf({ headers }: Request): string {
  return headers.get('host') ?? '';
}

function redirect(location: string): Response {
  const headers = { ...PAGE_HEADERS, location, 'cache-control': 'no-store' };
  return new Response(null, { status: 307, headers });
}

function unbuilt(): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Countersign</title>
<h1>The pages are not built yet</h1><p><code>npm start</code> builds them.</p></html>`;
  return new Response(html, {
    status: 503,
    headers: { ...PAGE_HEADERS, 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' },
  });
}
