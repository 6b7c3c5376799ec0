// Where the page was opened. Keys live per origin, and claiming works only at `localhost` or the public address: at an
// IP the page says where its home is.

export interface Place {
  /** False: no WebCrypto here, so nothing can be proven. */
  readonly secure: boolean;
  /** The address the page should be opened at, when this one is an IP. */
  readonly home: string | null;
}

const isIp = (hostname: string): boolean => hostname.startsWith('[') || /^[0-9.]+$/.test(hostname);

export function placeOf(
  location: Pick<Location, 'protocol' | 'hostname' | 'port' | 'pathname'>,
  secure: boolean,
): Place {
  // https at an IP is a `publicUrl` its owner chose.
  if (location.protocol === 'https:' || !isIp(location.hostname)) return { secure, home: null };
  const port = location.port === '' ? '' : `:${location.port}`;
  return { secure, home: `http://localhost${port}${location.pathname}` };
}
