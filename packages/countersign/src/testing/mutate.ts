// Bytes as an attacker, or a broken line, would change them. The same seed makes the same changes.
import type { Random } from '../core/ports.ts';

/** What parsers stumble over. */
const JUNK: readonly string[] = [
  '\0',
  '"',
  '\\',
  '{}',
  '[[[[[[',
  'null',
  '1e999',
  '-0',
  '\uFFFF',
  '__proto__',
  'constructor',
  '&',
  '=',
  '%',
  '%00',
  '+',
  '\r\n',
  '"from":"15559999999"',
  '&From=%2B15559999999',
];

export class Mutator {
  readonly #random: Random;
  #drawn: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Below `limit`; good enough for choosing. */
  below(limit: number): number {
    if (this.#at + 4 > this.#drawn.length) {
      this.#drawn = this.#random.bytes(4_096);
      this.#at = 0;
    }
    const view = new DataView(this.#drawn.buffer, this.#drawn.byteOffset);
    const value = view.getUint32(this.#at);
    this.#at += 4;
    return limit <= 1 ? 0 : value % limit;
  }

  one<T>(of: readonly T[]): T {
    const found = of[this.below(of.length)];
    if (found === undefined) throw new Error('there is nothing to choose from');
    return found;
  }

  bytes(from: Uint8Array): Uint8Array {
    let bytes: Buffer = Buffer.from(from);
    for (let n = this.below(3); n >= 0; n--) bytes = this.#once(bytes);
    return bytes;
  }

  #once(bytes: Buffer): Buffer {
    const [at, to] = [this.below(bytes.length), this.below(bytes.length)].sort((a, b) => a - b);
    const [start, end] = [at ?? 0, to ?? 0];
    switch (this.below(6)) {
      case 0: {
        const changed = Buffer.from(bytes);
        changed[start] = (changed[start] ?? 0) ^ (1 << this.below(8));
        return changed;
      }
      case 1:
        return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
      case 2:
        return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
      case 3:
        return bytes.subarray(0, end);
      default:
        return Buffer.concat([bytes.subarray(0, start), Buffer.from(this.one(JUNK)), bytes.subarray(start)]);
    }
  }
}
