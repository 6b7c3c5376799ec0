// Which headers go through the proxy. A caller's claim of who somebody is ends here, whatever its spelling; so does what
// belongs to one connection (RFC 9110 7.6.1) and what was a credential for us. All else passes as it came, in order.

/** A flat list of name, value, name, value, as Node and undici take it. */
export type HeaderList = readonly string[];

const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Made anew for the next hop, or meant for us: our own token, and cookies of whoever else is on that host (I-14). */
const OURS = new Set(['host', 'content-length', 'expect', 'authorization', 'cookie']);

/** What other proxies and gateways call the person they vouch for (I-13). From a caller it is a claim like any other. */
const CLAIMS = new Set([
  'x-phone',
  'x-user',
  'x-userid',
  'x-username',
  'x-email',
  'x-auth-user',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
  'x-forwarded-client-cert',
  'x-webauth-user',
  'x-authenticated-user',
  'x-original-user',
  'x-tenant',
  'x-tenant-id',
  'x-on-behalf-of',
  'x-openclaw-session-key',
]);
const CLAIM_FAMILIES = [
  'x-countersign-',
  'x-user-',
  'x-phone-',
  'remote-user',
  'remote-group',
  'remote-name',
  'remote-email',
  'x-remote-user',
  'x-remote-group',
  'x-remote-name',
  'x-remote-email',
  'x-auth-request-',
  'x-authentik-',
  'x-pomerium-',
  'x-goog-iap-',
  'client-cert',
  'x-client-cert',
  'ssl-client-',
  'x-ssl-client-',
  'x-openwebui-user-',
  'x-goog-authenticated-user-',
  'x-amzn-oidc-',
  'x-ms-client-principal',
  'tailscale-user-',
  'cf-access-authenticated-user-',
  'x-litellm-end-user',
];

/** Claims that we ask for: they name a session or a turn to us. */
const READ_HERE = new Set(['x-countersign-session', 'x-countersign-turn', 'x-openclaw-session-key']);

/** What an upstream says to a browser, or to its own connection: not to the caller of another server. */
const FROM_UPSTREAM = new Set(['set-cookie', 'alt-svc']);

/** A service token or a handle, wherever a client put it: it is for us, and to an upstream it would be a key to us. */
const SECRET = /cs[th]_[A-Za-z0-9_-]{22}/;

export function holdsSecret(text: string): boolean {
  return SECRET.test(text);
}

/** True for a header by which a caller says who somebody is. Servers behind CGI and WSGI read `_` as `-`. */
export function isClaim(name: string, configured: ReadonlySet<string>): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return (
    CLAIMS.has(plain) || configured.has(plain) || CLAIM_FAMILIES.some((family) => plain.startsWith(family))
  );
}

/** What of a request goes upstream, and how many claims stay here. @param raw as Node gives `rawHeaders`.
 * @param configured names that are claims too. */
export function forUpstream(
  raw: HeaderList,
  configured: ReadonlySet<string>,
): { readonly list: readonly string[]; readonly claims: number } {
  const named = namedByConnection(raw);
  let claims = 0;
  const list = kept(raw, (name, value) => {
    if (isClaim(name, configured)) {
      if (!READ_HERE.has(name)) claims += 1;
      return true;
    }
    return OURS.has(name) || HOP.has(name) || named.has(name) || holdsSecret(value);
  });
  return { list, claims };
}

/** What of an answer goes to the caller. */
export function forCaller(raw: HeaderList): string[] {
  const named = namedByConnection(raw);
  return kept(
    raw,
    (name) =>
      HOP.has(name) || FROM_UPSTREAM.has(name) || named.has(name) || name.startsWith('x-countersign-'),
  );
}

/** The value of a header that stands there once; null when it is absent, or twice. */
export function single(raw: HeaderList, wanted: string): string | null {
  let found: string | null = null;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== wanted) continue;
    if (found !== null) return null;
    found = raw[at + 1] ?? null;
  }
  return found;
}

/** All values of a header, as fetch joins them: two of what may stand once are one that fits nothing. Null: none. */
export function joined(raw: HeaderList, wanted: string): string | null {
  const values = raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === wanted);
  return values.length === 0 ? null : values.join(', ');
}

function kept(raw: HeaderList, isDropped: (name: string, value: string) => boolean): string[] {
  const list: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    if (!isDropped(name.toLowerCase(), value)) list.push(name, value);
  }
  return list;
}

function namedByConnection(raw: HeaderList): ReadonlySet<string> {
  const named = new Set<string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'connection') continue;
    for (const name of (raw[at + 1] ?? '').split(',')) named.add(name.trim().toLowerCase());
  }
  return named;
}
