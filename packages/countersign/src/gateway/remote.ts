// The address of the other end, for counting and for showing, never for trust. A forwarding header counts only when the
// connection itself comes from a proxy the owner named, and only as far back as named proxies reach (H32): everything to
// the left of the first stranger is that stranger's own invention. No header makes anybody local: what came through
// something on this machine, without saying from whom, is unknown.
import { BlockList, isIP } from 'node:net';
import { foldAddress } from '../core/address.ts';
import { type Header, isLoopbackName } from './origin.ts';

/** RFC 7239 6.3: the word for an address that nobody told. It is no address, so it is no address's bucket either. */
const UNKNOWN = 'unknown';

/** What proxies add. Read for being there, but for X-Forwarded-For, and that only from a named proxy. */
const TRACES = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'];

export type Trusted = (address: string) => boolean;

/** Named addresses and networks. */
export function trustedBy(proxies: readonly string[]): Trusted {
  const known = made.get(proxies);
  if (known !== undefined) return known;
  const trusted = build(proxies);
  made.set(proxies, trusted);
  return trusted;
}

/** The list of the configuration in force is one object: it is asked with every request. */
const made = new WeakMap<readonly string[], Trusted>();

function build(proxies: readonly string[]): Trusted {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = unmapped(address);
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/**
 * @param connection the address of the other end of the connection.
 * @returns the address of whoever asked, IPv4 in its own form; `unknown` when it is behind something on this machine.
 */
export function remoteOf(connection: string, header: Header, isTrusted: Trusted): string {
  let nearest = unmapped(connection);
  const hops = (header('x-forwarded-for') ?? '').split(',');
  while (isTrusted(nearest)) {
    const hop = readHop(hops.pop() ?? '');
    if (hop === null) break;
    nearest = hop;
  }
  return isLocal(nearest) && wasCarried(header) ? UNKNOWN : nearest;
}

/**
 * True when the last stretch to us crosses a network that the owner did not vouch for: neither this machine's own
 * loopback nor a named proxy.
 */
export function isPlainWay(connection: string, isTrusted: Trusted): boolean {
  return !isLocal(connection) && !isTrusted(connection);
}

/** Somebody between the visitor and us: it says so, or was asked by a name that this machine does not resolve to itself. */
function wasCarried(header: Header): boolean {
  return TRACES.some((name) => header(name) != null) || !isLoopbackName(header('host') ?? '');
}

/** One entry of X-Forwarded-For: some proxies write a port behind the address, and brackets round it. */
function readHop(text: string): string | null {
  const hop = text.trim();
  const [, v4, v6] = /^(?:([\d.]+):\d{1,5}|\[([\da-fA-F:.]+)\](?::\d{1,5})?)$/.exec(hop) ?? [];
  const address = v4 ?? v6 ?? hop;
  return isIP(address) === 0 ? null : unmapped(address);
}

function isLocal(address: string): boolean {
  return foldAddress(address)?.loopback === true;
}

/** H64: ::ffff:1.2.3.4 is 1.2.3.4, however its zeros are written. */
function unmapped(address: string): string {
  const folded = isIP(address) === 6 ? foldAddress(address) : null;
  return folded === null || folded.text.includes(':') ? address : folded.text;
}
