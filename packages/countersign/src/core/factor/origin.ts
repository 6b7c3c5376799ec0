// Where passkeys can be made and used: a page a browser calls trustworthy. One set of them per origin.

/** `text` when it is exactly an origin at which browsers offer passkeys: https on a name, or http on localhost. */
export function passkeyOrigin(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin !== text) return null;
  const { protocol, hostname } = url;
  // An RP id is a domain, never an address.
  if (/^[\d.]+$/.test(hostname) || hostname.startsWith('[')) return null;
  const local = hostname === 'localhost' || hostname.endsWith('.localhost');
  return protocol === 'https:' || (protocol === 'http:' && local) ? text : null;
}
