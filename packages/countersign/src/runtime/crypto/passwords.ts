// Slow hashes for short secrets (R15): argon2id from Node's own crypto, 19 MiB, two passes (OWASP's first choice), kept as PHC
// strings, so that a later change of the cost still verifies what was stored before.
import { argon2, timingSafeEqual } from 'node:crypto';
import type { Passwords } from '../../core/factor/ports.ts';
import type { Random } from '../../core/ports.ts';

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

const COST: Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
/** What a stored string may ask for: a damaged one must not eat the machine. */
const MOST: Cost = { memoryKib: 262_144, passes: 10, lanes: 4 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

export function createPasswords(random: Random): Passwords {
  return {
    async hash(text) {
      const salt = random.bytes(SALT_BYTES);
      const tag = await derive(text, salt, COST);
      const { memoryKib, passes, lanes } = COST;
      return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`;
    },

    async verify(text, phc) {
      const [, m, t, p, salt = '', tag = ''] = PHC.exec(phc) ?? [];
      const cost = { memoryKib: Number(m), passes: Number(t), lanes: Number(p) };
      if (tag === '' || !isWithin(cost)) return false;
      const derived = await derive(text, Buffer.from(salt, 'base64'), cost);
      return timingSafeEqual(derived, Buffer.from(tag, 'base64'));
    },
  };
}

function isWithin({ memoryKib, passes, lanes }: Cost): boolean {
  if (lanes < 1 || lanes > MOST.lanes || passes < 1 || passes > MOST.passes) return false;
  return memoryKib >= 8 * lanes && memoryKib <= MOST.memoryKib;
}

/** On the thread pool: the loop goes on meanwhile. */
function derive(text: string, nonce: Uint8Array, { memoryKib, passes, lanes }: Cost): Promise<Buffer> {
  const parameters = {
    message: text,
    nonce,
    parallelism: lanes,
    tagLength: TAG_BYTES,
    memory: memoryKib,
    passes,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
