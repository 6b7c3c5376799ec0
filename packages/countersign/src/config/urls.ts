// Addresses in the configuration. An address is checked for what it gives away, not only for its form: no credentials
// in it, no path where an origin is meant, no plain http where a browser or a secret would suffer.
import { isIP } from 'node:net';
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

/** An address or a network, such as "10.0.0.0/8". The whole internet is no proxy. */
export const trustedProxy = z.string().superRefine((text, context) => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
  if (family === 0 || !fits || more.length > 0) {
    addFlaw(context, {
      message: 'this is not the address of a proxy',
      hint: 'write "192.0.2.7" or "10.0.0.0/8"; nothing wider than /1',
    });
  }
});
