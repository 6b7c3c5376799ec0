// One bucket per network address. H64: 1.2.3.4 and ::ffff:1.2.3.4 are the same sender, and an IPv6 site is one /64.

export interface FoldedAddress {
  /** Canonical IPv4, or the first four groups of an IPv6 address followed by `::/64`. */
  readonly text: string;
  readonly loopback: boolean;
}

/** @returns null for what is not an IP address; a zone (`%eth0`) is ignored. */
export function foldAddress(address: string): FoldedAddress | null {
  const bare = address.replace(/%.*$/, '');
  const v4 = readIPv4(bare);
  if (v4 !== null) return { text: v4.join('.'), loopback: v4[0] === 127 };
  const groups = readIPv6(bare);
  if (groups === null) return null;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) {
    const [high = 0, low = 0] = groups.slice(6);
    const bytes = [high >> 8, high & 255, low >> 8, low & 255];
    return { text: bytes.join('.'), loopback: bytes[0] === 127 };
  }
  const loopback = groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1;
  const site = groups.slice(0, 4).map((group) => group.toString(16));
  return { text: `${site.join(':')}::/64`, loopback };
}

/** The four bytes of a dotted quad without leading zeros; null for anything else. */
export function readIPv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

/** The eight groups; null for anything else, a zone among it. */
export function readIPv6(text: string): number[] | null {
  if (!text.includes(':')) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head = '', tail] = halves;
  // A dotted quad stands at the very end of an address or nowhere.
  const before = readGroups(head, tail === undefined);
  const after = tail === undefined ? [] : readGroups(tail, true);
  if (before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...before, ...new Array<number>(Math.max(missing, 0)).fill(0), ...after];
}

function readGroups(text: string, isEnd: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = isEnd && index === parts.length - 1 ? readIPv4(part) : null;
    if (v4 !== null) {
      const [a = 0, b = 0, c = 0, d = 0] = v4;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}
