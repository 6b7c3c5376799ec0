// Which endpoints a browser may name. The gateway connects to whatever stands there, so an address inside this machine or
// this network is none (request forgery from the inside): a name is judged again by every address it resolves to.
import { readIPv4, readIPv6 } from '../address.ts';

const MAX_LENGTH = 2048;

export type EndpointRefusal =
  | 'endpoint_malformed'
  | 'endpoint_not_https'
  | 'endpoint_credentials'
  | 'endpoint_not_public';

export interface EndpointRules {
  /** COUNTERSIGN_TEST_ENDPOINTS: loopback, plain or not, for tests and trials. */
  readonly loopback: boolean;
}

/** As far as the text tells. A literal address is judged here; a name once it is resolved. */
export function readEndpoint(text: string, { loopback }: EndpointRules): URL | EndpointRefusal {
  if (text.length > MAX_LENGTH || !URL.canParse(text)) return 'endpoint_malformed';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'endpoint_credentials';
  if (url.hostname === '') return 'endpoint_malformed';
  const host = bareHost(url);
  const isHere = loopback && (host === 'localhost' || isLoopback(host));
  if (url.protocol !== 'https:' && !(isHere && url.protocol === 'http:')) return 'endpoint_not_https';
  if (isHere) return url;
  const isLiteral = readIPv4(host) !== null || host.includes(':');
  if (isLiteral && !isPublicAddress(host)) return 'endpoint_not_public';
  // Names that mean this machine or this network, whatever answers for them.
  if (/(^|\.)(localhost|local|internal|home\.arpa)\.?$/.test(host)) return 'endpoint_not_public';
  return url;
}

/** The host as an address or a name, without the brackets of a URL. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** True when a connection to `address` may be made for an endpoint. */
export function isAllowedAddress(address: string, { loopback }: EndpointRules): boolean {
  return isPublicAddress(address) || (loopback && isLoopback(address));
}

function isLoopback(address: string): boolean {
  return readIPv4(address)?.[0] === 127 || readIPv6(address)?.join() === '0,0,0,0,0,0,0,1';
}

/** First bytes and how many of their bits count: what IANA's registry of IPv4 does not call global. */
const CLOSED_V4: readonly (readonly [readonly [number, number, number], number])[] = [
  [[0, 0, 0], 8],
  [[10, 0, 0], 8],
  [[100, 64, 0], 10],
  [[127, 0, 0], 8],
  [[169, 254, 0], 16],
  [[172, 16, 0], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168, 0], 16],
  [[198, 18, 0], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  [[224, 0, 0], 3],
];

/** The same for IPv6, within 2000::/3: everything outside it is closed already (::, mapped and NAT64 forms, fc00::/7, …). */
const CLOSED_V6: readonly (readonly [number, number, number])[] = [
  // Teredo, benchmarking and ORCHID among them: 2001::/23.
  [0x2001, 0x0000, 23],
  [0x2001, 0x0db8, 32],
  // 6to4 carries an IPv4 address, a private one as well.
  [0x2002, 0x0000, 16],
  [0x3fff, 0x0000, 20],
];

/** Global unicast, and nothing that stands for another address. */
export function isPublicAddress(address: string): boolean {
  const v4 = readIPv4(address);
  if (v4 !== null) {
    const [a = 0, b = 0, c = 0] = v4;
    const value = (a << 16) | (b << 8) | c;
    return !CLOSED_V4.some(([[x, y, z], bits]) => (value ^ ((x << 16) | (y << 8) | z)) >> (24 - bits) === 0);
  }
  const v6 = readIPv6(address);
  if (v6 === null) return false;
  const [first = 0, second = 0] = v6;
  if (first >> 13 !== 1) return false;
  const value = first * 0x10000 + second;
  return !CLOSED_V6.some(([x, y, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(value / size) === Math.floor((x * 0x10000 + y) / size);
  });
}
