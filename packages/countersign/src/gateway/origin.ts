// Which host names this gateway answers to, and which pages may write to it. Pure, and the same for a request and for a
// WebSocket upgrade. DNS rebinding ends at the host name, another page's request at its origin (H24).
import { Problem } from '@countersign/protocol/problem';

/** Reads a header; null when it is absent. */
export type Header = (name: string) => string | null | undefined;

export interface Names {
  readonly publicUrl: string | null;
  readonly chatUrl: string | null;
}

/**
 * Whatever a server on TCP is asked, it is asked by a name: ours, or none. A name that people open over https reaches us
 * through this machine or through a proxy the owner named; from anywhere else it came in the clear, past every proxy, and
 * whoever sits on that way could read and change the page. @param isPlain true for such a connection.
 * @throws Problem `request_misdirected`.
 */
export function checkHost(header: Header, names: Names, isPlain = false): void {
  const host = header('host') ?? '';
  if (isLoopbackName(host)) return;
  const known = nameOf(host, names);
  if (known === undefined) throw new Problem('request_misdirected');
  if (!isPlain || !known.startsWith('https:')) return;
  throw new Problem('request_misdirected', {
    detail: 'this name is open over https only, and no proxy that the gateway trusts brought this request',
    hint: 'open it with https://; behind a proxy on another machine or in another container, name that proxy’s address in gateway.trustedProxies (docs/remote-access.md)',
  });
}

/**
 * The origin of a request as its browser sees it, once the host was checked: what the `htu` of a DPoP proof begins with,
 * and where a passkey is made or proven. It comes from the configuration and the host name; no forwarded header is read.
 * On a loopback name a page's own word tells whether something on this machine ended TLS before us.
 */
export function publicOriginOf(header: Header, names: Names): string {
  const host = header('host') ?? '';
  const said = header('origin') ?? '';
  const origin = isOwnOrigin(said, host, names) ? said : (nameOf(host, names) ?? `http://${host}`);
  return new URL(origin).origin;
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
  if (isApi(path) && isChatHost(header('host') ?? '', names)) throw chatOnly();
  if (reads && !isOurs(path)) return;
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

/** What no other page has any business with, however the router would decode it. */
function isOurs(path: string): boolean {
  return isApi(path) || decoded(path) === '/ws';
}

function isApi(path: string): boolean {
  const plain = decoded(path);
  return plain === null || plain.startsWith('/api/');
}

function decoded(path: string): string | null {
  if (!/%[0-9a-f]{2}/i.test(path)) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** The configured origin that a Host header names. */
function nameOf(host: string, names: Names): string | undefined {
  return publicOrigins(names).find((origin) => sameHost(host, origin));
}

/** True when a page at `origin` is one that this gateway serves under the host name it was asked by. */
export function isOwnOrigin(origin: string, host: string, names: Names): boolean {
  if (!/^https?:\/\/[^/?#@\s]+$/i.test(origin) || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (isLoopbackName(host)) return sameHost(host, page.origin);
  return publicOrigins(names).some((own) => own === page.origin && sameHost(host, own));
}

/**
 * True under the name of web chat alone, where it has an origin of its own. What is asked there is asked by the page that
 * shows what strangers write: it talks, and manages nothing.
 */
export function isChatHost(host: string, { publicUrl, chatUrl }: Names): boolean {
  if (chatUrl === null || chatUrl === publicUrl) return false;
  return sameHost(host, chatUrl);
}

/** `host` as a Host header; the port that goes without saying is that of the origin's scheme. */
export function sameHost(host: string, origin: string): boolean {
  const { protocol, host: own } = new URL(origin);
  if (!/^[A-Za-z0-9.:[\]-]+$/.test(host)) return false;
  const asked = `${protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === own;
}

/** Names that only this machine resolves to itself, at any port: tunnels and containers keep them. */
export function isLoopbackName(host: string): boolean {
  const isOne =
    /^(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+localhost)(:\d{1,5})?$/i.test(host);
  return isOne && URL.canParse(`http://${host}`);
}

function foreign(): Problem {
  return new Problem('auth_origin_forbidden');
}

function chatOnly(): Problem {
  return new Problem('auth_origin_forbidden', {
    detail: 'this name is for web chat alone',
    hint: 'open the Control UI at gateway.publicUrl',
  });
}
