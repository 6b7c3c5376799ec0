// Nonces that cost nothing until they are used: the gateway keeps no list of those it gave out, only of those it took
// back. Each is bound to its purpose and moment by a keyed hash, lives five minutes, and counts once (R60).
import { timingSafeEqual } from 'node:crypto';
import type { Clock, Hasher, Millis, Random } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';

const LIFE_MS = 5 * 60_000;
const CHANCE_BYTES = 16;

interface Ports {
  readonly store: Pick<Store, 'nonces'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
}

export interface Issued {
  readonly nonce: string;
  readonly ts: Millis;
}

export class Nonces {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  issue(purpose: string): Issued {
    const { clock, random } = this.#ports;
    const ts = clock.now();
    const chance = Buffer.from(random.bytes(CHANCE_BYTES)).toString('base64url');
    return { nonce: `${chance}.${this.#mac(purpose, chance, ts)}`, ts };
  }

  /** True for a nonce of ours that has not run out. Does not spend it. */
  isOurs(purpose: string, { nonce, ts }: Issued): boolean {
    const now = this.#ports.clock.now();
    const [chance = '', mac = '', ...more] = nonce.split('.');
    if (more.length > 0 || ts > now || now - ts > LIFE_MS) return false;
    const wanted = Buffer.from(this.#mac(purpose, chance, ts));
    const given = Buffer.from(mac);
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  }

  /** Spends it: true once. */
  spend(purpose: string, { nonce, ts }: Issued): Promise<boolean> {
    return this.#ports.store.nonces.take(purpose, nonce, ts + LIFE_MS);
  }

  #mac(purpose: string, chance: string, ts: Millis): string {
    return this.#ports.hasher.keyed('nonce', `${purpose}:${ts}:${chance}`);
  }
}
