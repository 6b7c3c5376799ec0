// What the worker may keep: files of the build, whose names hold a hash of their content, so that a kept one is never an
// old one. No page, no answer of the API, no socket: what is shown and what is decided comes from the gateway each time.

const ASSET = /^\/assets\/[\w.-]+-[\w-]{8}\.(?:js|css|svg|png|woff2)$/;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly mode: string;
  readonly headers: { has(name: string): boolean };
}

export function isKept({ method, url, mode, headers }: Asked, origin: string): boolean {
  if (method !== 'GET' || mode === 'navigate' || headers.has('range') || headers.has('authorization'))
    return false;
  const { origin: from, pathname, search } = new URL(url);
  return from === origin && search === '' && ASSET.test(pathname);
}

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly redirected: boolean;
}

/** An answer that is what its name says: whole, of this origin, and straight from there. */
export function isWorthKeeping({ status, type, redirected }: Answered): boolean {
  return status === 200 && type === 'basic' && !redirected;
}

/** Caches of ours that belong to another build. */
export function isOld(name: string, current: string): boolean {
  return name.startsWith('countersign-assets-') && name !== current;
}
