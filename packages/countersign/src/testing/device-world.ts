// Devices without a socket: the real service over the real store in memory, a clock that moves when told, keys that are
// names (whoever calls `connect` has checked the signature).
import type { PublicJwk } from '@countersign/protocol/gateway';
import { makeId } from '@countersign/protocol/ids';
import { Denials } from '../core/audit/denials.ts';
import type { StoredEvent } from '../core/audit/event.ts';
import { Bus } from '../core/bus.ts';
import type { ConnectOutcome, ConnectRequest, PairingRequired } from '../core/device/connecting.ts';
import { Devices } from '../core/device/devices.ts';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { type Peer, parseNative } from '../core/identity/peer.ts';
import type { Principal, Role } from '../core/identity/people-port.ts';
import type { Store } from '../core/store-port.ts';
import { Feed } from '../gateway/feed.ts';
import { FakeClock, SeededRandom } from './fakes.ts';
import { openTestStore, testPorts } from './store/open.ts';

export const HOST = { kind: 'host' } as const;
export const AT_HOST = { for: null, approverScopes: ALL_SCOPES } as const;
const JWK: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) };

export class DeviceWorld implements AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly bus = new Bus();
  readonly feed: Feed;
  readonly devices: Devices;
  /** What the bus said of devices and requests, in order. */
  readonly heard: string[] = [];
  readonly #random: SeededRandom;
  readonly #told: string[] = [];

  constructor(store: Store, clock: FakeClock, random: SeededRandom, feed: Feed) {
    this.store = store;
    this.feed = feed;
    feed.listen(this.bus);
    this.clock = clock;
    this.#random = random;
    const { hasher } = testPorts({ clock, random });
    const denials = new Denials(store);
    this.devices = new Devices({ store, clock, random, hasher, bus: this.bus, denials });
    this.bus.subscribe('deviceChanged', (id) => this.heard.push(id));
    this.bus.subscribe('deviceRequested', (id) => this.heard.push(id));
  }

  static async open(url = 'sqlite::memory:', seed = 'devices'): Promise<DeviceWorld> {
    const clock = new FakeClock();
    const random = new SeededRandom(seed);
    const feed = new Feed(new SeededRandom('feed'));
    const store = await openTestStore(url, { clock, random, committed: feed.committed });
    return new DeviceWorld(store, clock, random, feed);
  }

  async person(name: string, role: Role = 'owner'): Promise<Principal> {
    const id = makeId('principal', this.#random.bytes(15));
    const person = { id, name, role, state: 'active', createdAt: this.clock.now() } as const;
    await this.store.people.add(person);
    return person;
  }

  /** A chat in which the person may act as what they are. */
  async chat({ id, role }: Principal, name: string, assurance: 'low' | 'medium' = 'medium'): Promise<Peer> {
    const native = parseNative(name, /^\S+$/);
    if (native === null) throw new Error('no native id');
    const peer = { channel: 'loopback', account: 'default', native };
    const link = { principal: id, ceiling: role, assurance, direct: true, accessUntil: null } as const;
    const claims = { displayName: null, username: null, at: this.clock.now() };
    await this.store.people.link(peer, { ...link, ...claims });
    return peer;
  }

  async factorOf({ id }: Principal): Promise<void> {
    await this.store.factors.add({
      id: makeId('factor', this.#random.bytes(15)),
      principal: id,
      kind: 'totp',
      label: 'phone',
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      passkey: null,
      state: 'active',
      createdAt: this.clock.now(),
    });
  }

  connect(key: string, more: Partial<ConnectRequest> = {}): Promise<ConnectOutcome> {
    return this.devices.connect({
      key: JWK,
      thumbprint: key.padEnd(43, '-'),
      role: 'operator',
      scopes: ['pairing', 'read'],
      token: null,
      name: key,
      address: '127.0.0.1',
      ...more,
    });
  }

  async asks(key: string, more: Partial<ConnectRequest> = {}): Promise<PairingRequired> {
    const outcome = await this.connect(key, more);
    if (outcome.as !== 'pairing_required') throw new Error(`${key}: ${JSON.stringify(outcome)}`);
    return outcome;
  }

  async enters(key: string, more: Partial<ConnectRequest> = {}) {
    const outcome = await this.connect(key, more);
    if (outcome.as !== 'connected') throw new Error(`${key}: ${JSON.stringify(outcome)}`);
    return outcome;
  }

  /** A paired key. */
  async paired(key: string, more: Partial<ConnectRequest> = {}) {
    const { requestId } = await this.asks(key, more);
    return this.devices.approve(requestId, HOST, AT_HOST);
  }

  async events(): Promise<readonly StoredEvent[]> {
    return this.store.audit.walk(this.store.writer, 0, 10_000);
  }

  async eventTypes(): Promise<string[]> {
    return (await this.events()).map(({ body }) => body.type);
  }

  /** Sends what is due; everything that people were sent so far, oldest first. */
  async told(): Promise<readonly string[]> {
    const { outbox, writer } = this.store;
    const accounts = [{ channel: 'loopback', account: 'default' }];
    for (;;) {
      const now = this.clock.now();
      const items = await outbox.claim(accounts, writer, now + 1_000, now, 100);
      if (items.length === 0) return this.#told;
      for (const { id, text } of items) {
        this.#told.push(text);
        await outbox.settle(id, 'sent', now);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
  }
}
