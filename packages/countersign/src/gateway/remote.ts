// The address of the other end, for counting and never for trust. A forwarding header counts only when the connection
// itself comes from a proxy the owner named, and only as far back as named proxies reach (H32): everything to the left of
// the first stranger is that stranger's own invention.
import { BlockList, isIP } from 'node:net';
import { foldAddress } from '../core/address.ts';

export type Trusted = (address: string) => boolean;

/** Named addresses and networks. */
export function trustedBy(proxies: readonly string[]): Trusted {
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

/** @param forwarded `X-Forwarded-For` as it came; null when it did not. */
export function remoteOf(connection: string, forwarded: string | null, isTrusted: Trusted): string {
  let nearest = connection;
  const hops = forwarded === null ? [] : forwarded.split(',').map((hop) => hop.trim());
  while (isTrusted(nearest)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    nearest = hop;
  }
  return nearest;
}

/** H64: ::ffff:1.2.3.4 is 1.2.3.4. */
function unmapped(address: string): string {
  return isIP(address) === 6 && /^::ffff:/i.test(address) ? (foldAddress(address)?.text ?? address) : address;
}
