// Which host names this gateway answers to, and which pages may write to it. Pure, and the same for a request and for a
// WebSocket upgrade. DNS rebinding ends at the host name, another page's request at its origin (H24).
import { Problem } from '@countersign/protocol/problem';

/** Reads a header; null when it is absent. */
export type Header = (name: string) => string | null | undefined;

export interface Names {
  readonly publicUrl: string | null;
  readonly chatUrl: string | null;
}

/** Whatever a server on TCP is asked, it is asked by a name: ours, or none. @throws Problem `request_misdirected`. */
export function checkHost(header: Header, names: Names): void {
  const host = header('host') ?? '';
  if (isLoopbackName(host) || publicOrigins(names).some((origin) => sameHost(host, origin))) return;
  throw new Problem('request_misdirected');
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

/**
 * Writes come from our own pages, from programs, or not at all. Another port of localhost is another program's page, and
 * browsers call it same-site. What is read under /api is refused to other pages too: they have no business there.
 * @throws Problem `auth_origin_forbidden`.
 */
export function checkOrigin({ method, path }: Asked, header: Header, names: Names): void {
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && !path.startsWith('/api/') && path !== '/ws') return;
  const site = header('sec-fetch-site')?.toLowerCase();
  if (site === 'cross-site' || site === 'same-site') throw foreign();
  const origin = header('origin');
  if (origin === null || origin === undefined) return;
  if (!isOwnOrigin(origin, header('host') ?? '', names)) throw foreign();
}

/** Every origin at which people open a page of ours, as far as the configuration knows. */
function publicOrigins({ publicUrl, chatUrl }: Names): string[] {
  return [publicUrl, chatUrl].filter((url) => url !== null);
}

function isOwnOrigin(origin: string, host: string, names: Names): boolean {
  if (!/^https?:\/\/[^/?#@\s]+$/i.test(origin) || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (isLoopbackName(host)) return sameHost(host, page.origin);
  return publicOrigins(names).some((own) => own === page.origin && sameHost(host, own));
}

/** `host` as a Host header; the port that goes without saying is that of the origin's scheme. */
function sameHost(host: string, origin: string): boolean {
  const { protocol, host: own } = new URL(origin);
  if (!/^[A-Za-z0-9.:[\]-]+$/.test(host)) return false;
  const asked = `${protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === own;
}

/** Names that only this machine resolves to itself, at any port: tunnels and containers keep them. */
export function isLoopbackName(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+localhost)(:\d{1,5})?$/i.test(
    host,
  );
}

function foreign(): Problem {
  return new Problem('auth_origin_forbidden');
}
