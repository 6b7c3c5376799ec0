// The system's CSPRNG, behind the Random port. Small draws are cut from a larger one: asking the system costs more than
// the bytes do, and a message needs several. No byte is given out twice.
import { randomFillSync } from 'node:crypto';
import type { Random } from '../core/ports.ts';

const SMALL = 256;

/** Bytes from `used` on have not been given out. Never a Buffer: its `slice` would be a window on the pool. */
const pool = new Uint8Array(4096);
let used = pool.length;

export const systemRandom: Random = {
  bytes(n) {
    if (n > SMALL) return randomFillSync(new Uint8Array(n));
    if (used + n > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const drawn = pool.slice(used, used + n);
    used += n;
    return drawn;
  },
};
