// The two pages, as they were built. Names come from the build's own list, so no path of a request reaches the disk; the
// policy lets scripts of this origin run and nothing else, and Trusted Types keep text from becoming markup.

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { PagesView } from './services.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
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

interface Options {
  /** The folder of the build. */
  readonly folder: string;
  /** Where web chat lives, when it has an origin of its own. */
  readonly chatUrl: () => string | null;
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
    const elsewhere = this.#elsewhere(name, request);
    if (elsewhere !== null) return elsewhere;
    const html = await this.#read(`${name}.html`);
    if (html === null) return unbuilt();
    return new Response(html, {
      headers: { ...PAGE_HEADERS, 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' },
    });
  }

  async asset(name: string): Promise<Response> {
    const known = await readdir(join(this.#options.folder, 'assets')).catch((): string[] => []);
    const type = TYPES[extname(name)];
    const bytes = known.includes(name) && type !== undefined ? await this.#read(join('assets', name)) : null;
    if (bytes === null || type === undefined)
      throw new Problem('not_found', { detail: 'there is nothing at that path' });
    // Built names hold a hash of their content.
    const headers = {
      ...PAGE_HEADERS,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': type,
    };
    return new Response(bytes, { headers });
  }

  /** With an origin of its own, web chat is opened there only: keys live per origin, and the Control UI's is another. */
  #elsewhere(name: 'index' | 'chat', request: Request): Response | null {
    const chatUrl = this.#options.chatUrl();
    if (name !== 'chat' || chatUrl === null) return null;
    if (request.headers.get('host')?.toLowerCase() === new URL(chatUrl).host) return null;
    return new Response(null, {
      status: 307,
      headers: { ...PAGE_HEADERS, location: `${chatUrl}/chat`, 'cache-control': 'no-store' },
    });
  }

  async #read(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return new Uint8Array(await readFile(join(this.#options.folder, name)));
    } catch {
      return null;
    }
  }
}

function unbuilt(): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Countersign</title>
<h1>The pages are not built yet</h1><p><code>npm start</code> builds them.</p></html>`;
  return new Response(html, {
    status: 503,
    headers: { ...PAGE_HEADERS, 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' },
  });
}
