// Addresses in the configuration. An address is checked for what it gives away, not only for its form: no credentials
// in it, no path where an origin is meant, no plain http where a browser or a secret would suffer.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { addFlaw, type Flaw } from './native-ids.ts';

export function isLoopback(host: string): boolean {
  return /^(localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host) || host.endsWith('.localhost');
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** An address people open: an origin, over https but for this machine's own names. Parsed to the bare origin. */
export function publicOrigin(sentence: string) {
  return z
    .string()
    .transform((text, context) => {
      const flaw = flawOfOrigin(text);
      if (flaw === null) return new URL(text).origin;
      addFlaw(context, flaw);
      return z.NEVER;
    })
    .nullable()
    .prefault(null)
    .describe(sentence);
}

function flawOfOrigin(text: string): Flaw | null {
  const url = parseUrl(text);
  const hint = 'write it as "https://assistant.example"';
  if (url === null || !/^https?:$/.test(url.protocol)) return { message: 'this is not an address', hint };
  if (url.username !== '' || url.password !== '') return { message: 'an address holds no password', hint };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return { message: 'an origin ends after host and port', hint: 'leave the path out' };
  }
  if (!/^[a-z0-9.:[\]-]+$/.test(url.hostname)) {
    return { message: 'browsers ask for no host of that name', hint };
  }
  if (/^(0\.0\.0\.0|\[::\])$/.test(url.hostname)) {
    return { message: 'this is an address to listen on, and none to open', hint };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    // Browsers keep no keys for such a page, so nobody could pair there.
    return { message: 'plain http works on this machine only', hint };
  }
  return null;
}

/** An address we call: http or https, no credentials, no fragment. */
export function serviceUrl() {
  return z.string().superRefine((text, context) => {
    const url = parseUrl(text);
    const hint = 'write it as "https://host/path"';
    if (url === null || !/^https?:$/.test(url.protocol))
      addFlaw(context, { message: 'this is not an address', hint });
    else if (url.username !== '' || url.password !== '') {
      addFlaw(context, { message: 'an address holds no password', hint: 'use apiKey' });
    } else if (url.hash !== '' || url.search !== '') {
      addFlaw(context, { message: 'this address carries a query', hint: 'leave it out' });
    }
  });
}

/** A socket we open: wss, or ws for a test on this machine (rules.ts). */
export function socketUrl() {
  return z.string().superRefine((text, context) => {
    const url = parseUrl(text);
    const hint = 'write it as "wss://host/path"';
    if (url === null || !/^wss?:$/.test(url.protocol))
      addFlaw(context, { message: 'this is not the address of a socket', hint });
    else if (url.username !== '' || url.password !== '' || url.hash !== '')
      addFlaw(context, { message: 'an address holds no password and no fragment', hint });
  });
}

/** Where an XMPP account connects: TLS from the first byte, or TLS before the first word (the channel sees to that). */
export function flawOfXmppService(text: string): Flaw | null {
  const url = parseUrl(text);
  const hint = 'write it as "xmpps://example.org:5223", or "xmpp://example.org:5222"';
  if (url !== null && /^(wss?|https?):$/.test(url.protocol))
    return { message: 'XMPP is spoken over TCP here, not over the web', hint };
  if (url === null || !/^xmpps?:$/.test(url.protocol) || url.hostname === '')
    return { message: 'this is not the address of an XMPP server', hint };
  if (url.username !== '' || url.password !== '')
    return { message: 'an address holds no user and no password', hint: 'use username and password' };
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    return { message: 'this address ends after host and port', hint };
  return null;
}

/** True when `text` may be called as it stands: over TLS, or plainly on this machine. */
export function isPlainElsewhere(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && /^(http|ws):$/.test(url.protocol) && !isLoopback(url.hostname);
}

export function isPlain(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && /^(http|ws):$/.test(url.protocol);
}

export const listenAddress = z
  .string()
  .refine((text) => text === 'localhost' || isIP(text) !== 0, {
    error: 'this is not an IP address of this machine',
  })
  .default('127.0.0.1')
  .describe(
    'The address to listen on. A loopback address means 127.0.0.1 and ::1 together, since localhost may be either.',
  );

/** The widest network that may be named whole: 10.0.0.0/8 and fc00::/7 are the widest that belong to nobody's internet. */
const WIDEST = { 4: 8, 6: 7 } as const;

/**
 * An address or a network, such as "10.0.0.0/8". The whole internet is no proxy, however it is written: ::ffff:0:0/96
 * and ::/8 hold every IPv4 address there is (H32).
 */
export const trustedProxy = z.string().superRefine((text, context) => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  const hint = 'write "192.0.2.7" or "10.0.0.0/8"';
  if ((family !== 4 && family !== 6) || more.length > 0 || address.includes('%')) {
    addFlaw(context, { message: 'this is not the address of a proxy', hint });
    return;
  }
  const most = family === 4 ? 32 : 128;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(length <= most)) addFlaw(context, { message: 'this is not the address of a proxy', hint });
  else if (length < WIDEST[family]) {
    addFlaw(context, {
      message: 'this is much more than proxies',
      hint: `${hint}; nothing wider than /${WIDEST[family]}`,
    });
  } else if (family === 6 && holdsMapped(address, length)) {
    addFlaw(context, { message: 'this holds IPv4 addresses', hint: `${hint}: IPv4 in its own form` });
  } else if (isUnspecified(address)) {
    addFlaw(context, { message: 'no connection comes from this address', hint });
  }
});

function holdsMapped(address: string, length: number): boolean {
  const list = new BlockList();
  list.addSubnet(address, length, 'ipv6');
  const mapped = new BlockList();
  mapped.addSubnet('::ffff:0:0', 96, 'ipv6');
  return list.check('::ffff:0:0', 'ipv6') || mapped.check(address, 'ipv6');
}

function isUnspecified(address: string): boolean {
  const list = new BlockList();
  list.addAddress('0.0.0.0');
  list.addAddress('::', 'ipv6');
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
