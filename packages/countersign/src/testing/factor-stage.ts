// A house with people and their factors: the real store, the real argon2id and WebAuthn, a clock that moves when told, and
// an authenticator app that is not the library we verify with.
import { createHmac } from 'node:crypto';
import { makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { Denials } from '../core/audit/denials.ts';
import type { StoredEvent } from '../core/audit/event.ts';
import { Bus } from '../core/bus.ts';
import { Factors } from '../core/factor/factors.ts';
import { HostRecovery } from '../core/factor/recover.ts';
import type { Peer } from '../core/identity/peer.ts';
import { parseNative } from '../core/identity/peer.ts';
import type { Principal } from '../core/identity/people-port.ts';
import type { OutboxItem } from '../core/outbound.ts';
import type { Store } from '../core/store-port.ts';
import { createPasskeys } from '../runtime/crypto/passkeys.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { FakeClock, SeededRandom } from './fakes.ts';
import { openTestStore, testPorts } from './store/open.ts';

export const HOST = { kind: 'host' } as const;

/** RFC 6238 by hand. */
export function totpAt(seed: string, at: number): string {
  const bits = [...seed].map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char));
  const key = Buffer.from(
    Array.from({ length: Math.floor((bits.length * 5) / 8) }, (_, n) => {
      const first = Math.floor((n * 8) / 5);
      const [a = 0, b = 0, c = 0] = bits.slice(first, first + 3);
      return (((a << 10) | (b << 5) | c) >>> (7 - ((n * 8) % 5))) & 255;
    }),
  );
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const code = (mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fff_ffff) % 1_000_000;
  return String(code).padStart(6, '0');
}

export async function openFactorStage({
  url = 'sqlite::memory:',
  home,
  clock = new FakeClock(),
  seed = 'factors',
}: {
  url?: string;
  home?: string;
  clock?: FakeClock;
  seed?: string;
} = {}): Promise<FactorStage> {
  const random = new SeededRandom(seed);
  const store = await openTestStore(url, { clock, random, ...(home === undefined ? {} : { home }) });
  return new FactorStage(store, clock, random);
}

export class FactorStage implements AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly bus = new Bus();
  readonly denials: Denials;
  readonly factors: Factors;
  readonly recovery: HostRecovery;
  readonly #random: SeededRandom;
  #sent: OutboxItem[] = [];

  constructor(store: Store, clock: FakeClock, random: SeededRandom) {
    const { bus } = this;
    const { hasher } = testPorts();
    this.store = store;
    this.clock = clock;
    this.#random = random;
    this.denials = new Denials(store);
    const { denials } = this;
    const passwords = createPasswords(random);
    const passkeys = createPasskeys();
    this.factors = new Factors({ store, clock, random, hasher, denials, bus, passwords, passkeys });
    this.recovery = new HostRecovery({ store, clock, random, bus });
  }

  get now(): number {
    return this.clock.now();
  }

  /** A person with a chat of their own. */
  async person(name: string, role: Principal['role'] = 'owner'): Promise<Principal & { peer: Peer }> {
    const id = makeId('principal', this.#random.bytes(15));
    const person: Principal = { id, name, role, state: 'active', createdAt: this.now };
    await this.store.people.add(person);
    const native = parseNative(name, /^\S+$/);
    if (native === null) throw new Error(`${name} is no native id`);
    const peer: Peer = { channel: 'loopback', account: 'default', native };
    await this.store.people.link(peer, {
      principal: id,
      ceiling: role,
      assurance: 'high',
      direct: true,
      accessUntil: null,
      displayName: null,
      username: null,
      at: this.now,
    });
    return { ...person, peer };
  }

  /** A TOTP that counts, and its app. */
  async totp(principal: PrincipalId): Promise<{ id: `fac_${string}`; code: (after?: number) => string }> {
    const { id, secret } = await this.factors.enrolTotp(principal, 'phone', HOST);
    const code = (after = 0) => totpAt(secret, this.now + after);
    await this.factors.confirmTotp(id, code(), HOST);
    this.clock.advance('60s');
    return { id, code };
  }

  async proves(principal: PrincipalId, value: string, surface = 'telegram') {
    return this.factors.prove(principal, { kind: 'totp', value }, surface, this.now);
  }

  async events(): Promise<readonly StoredEvent[]> {
    return this.store.audit.walk(this.store.writer, 0, 10_000);
  }

  async types(): Promise<string[]> {
    return (await this.events()).map(({ body }) => body.type);
  }

  /** What was sent to that peer since it was last asked. */
  async told(peer: Peer): Promise<string[]> {
    const { outbox, writer } = this.store;
    for (;;) {
      const items = await outbox.claim([peer], writer, this.now + 1, this.now, 1_000);
      if (items.length === 0) break;
      for (const { id } of items) await outbox.settle(id, 'sent', this.now);
      this.#sent.push(...items);
    }
    const mine = this.#sent.filter((item) => item.peer.native === peer.native);
    this.#sent = this.#sent.filter((item) => item.peer.native !== peer.native);
    return mine.map(({ text }) => text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
  }
}

/** The code of the problem a promise ends with; `ok` when it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (cause: unknown) => Problem.codeOf(cause),
  );
}
