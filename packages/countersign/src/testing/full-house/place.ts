// The home of a full house before its gateway runs: a configuration, keys, the real store with the real services over it,
// a clock that moves when told, and channels that keep to themselves. Nothing is written but inside the given home.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { TELEGRAM_TRAITS } from '../../channels/telegram/traits.ts';
import { WEBCHAT_TRAITS } from '../../channels/webchat/channel.ts';
import type { Environment } from '../../config/load.ts';
import type { Agent } from '../../core/agent-port.ts';
import { BARE_APPROVALS } from '../../core/approval/bare.ts';
import type { Address, Channel, ChannelStatus, Delivery, Outbound, Traits } from '../../core/channel-port.ts';
import { type Peer, storedNative } from '../../core/identity/peer.ts';
import type { Accepted } from '../../core/message.ts';
import { AllowLists } from '../../core/pairing/allow-lists.ts';
import { AllowMemory } from '../../core/pairing/allow-memory.ts';
import { NO_FILE } from '../../core/pairing/allow-port.ts';
import { NO_IDENTITY } from '../../core/session/no-identity.ts';
import type { Store } from '../../core/store-port.ts';
import { ConfigAllowFile } from '../../gateway/allow-file.ts';
import { ConfigHouse, readConfig } from '../../gateway/config-house.ts';
import { type CoreServices, createCoreServices } from '../../gateway/core-services.ts';
import { HouseRoster } from '../../gateway/house-roster.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { createPasskeys } from '../../runtime/crypto/passkeys.ts';
import { createPasswords } from '../../runtime/crypto/passwords.ts';
import { createVault } from '../../runtime/crypto/vault.ts';
import { openHome } from '../../runtime/home.ts';
import { loadSigningKey, loadStorageKey } from '../../runtime/keys.ts';
import { systemRandom } from '../../runtime/random.ts';
import { openStore } from '../../store/open.ts';
import { FakeClock, MemoryLog, SeededRandom } from '../fakes.ts';
import type { Somebody } from './names.ts';

const TRAITS: ReadonlyMap<string, Traits> = new Map([
  ['webchat', WEBCHAT_TRAITS],
  ['telegram', TELEGRAM_TRAITS],
]);

/** Every account of the house. */
const ACCOUNTS = [
  ['telegram', 'default'],
  ['telegram', 'support'],
  ['webchat', 'default'],
] as const;

/** Takes what it is given; what is for one of `refused` comes back. */
class QuietChannel implements Channel {
  readonly id: string;
  readonly account: string;
  readonly traits: Traits;
  readonly sent: { readonly to: Address; readonly message: Outbound }[] = [];
  readonly #refused: ReadonlySet<string>;

  constructor(id: string, account: string, traits: Traits, refused: ReadonlySet<string>) {
    this.id = id;
    this.account = account;
    this.traits = traits;
    this.#refused = refused;
  }

  async start(): Promise<void> {}

  async send(to: Address, message: Outbound): Promise<Delivery> {
    if (this.#refused.has(to.peer.native)) throw new Problem('channel_cannot_initiate');
    this.sent.push({ to, message });
    return { fate: 'sent', ref: String(this.sent.length) };
  }

  async edit(): Promise<void> {}

  status(): ChannelStatus {
    return { state: 'connected', detail: null, lastInboundAt: null, lastOutboundAt: null };
  }
}

export interface PlaceOptions {
  /** An empty folder, or one that does not exist. */
  readonly home: string;
  /** The configuration as written. */
  readonly config: string;
  readonly env: Environment;
  readonly seed: string;
  /** When the first thing happens. */
  readonly from: number;
  readonly agent: Agent;
}

export class HousePlace implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly store: Store;
  readonly core: CoreServices;
  /** Native ids nothing can be delivered to. */
  readonly refused = new Set<string>();
  readonly #channels: readonly QuietChannel[];
  readonly #config: ConfigHouse;
  #said = 0;

  private constructor(
    store: Store,
    ports: { clock: FakeClock; random: SeededRandom; hasher: ReturnType<typeof createHasher> },
    config: ConfigHouse,
    roster: HouseRoster,
    agent: Agent,
  ) {
    const { random } = ports;
    this.clock = ports.clock;
    this.random = random;
    this.store = store;
    this.#config = config;
    const channels = ACCOUNTS.map(
      ([id, account]) => new QuietChannel(id, account, traitsOf(id), this.refused),
    );
    this.#channels = channels;
    this.core = createCoreServices({
      ...ports,
      store,
      roster,
      log: new MemoryLog(),
      // The gateway writes what its file owes when it starts.
      allowFile: NO_FILE,
      passwords: createPasswords(random),
      passkeys: createPasskeys(),
      agent: () => agent,
      identity: NO_IDENTITY,
      running: () => channels,
      pairUrl: () => null,
      approvals: BARE_APPROVALS,
    });
  }

  /** @throws Error when there is something in the home already. */
  static async open({ home: root, config: text, env, seed, from, agent }: PlaceOptions): Promise<HousePlace> {
    if (existsSync(root) && readdirSync(root).length > 0)
      throw new Error('a full house is made in an empty folder');
    mkdirSync(root, { recursive: true, mode: 0o700 });
    writeFileSync(join(root, 'countersign.jsonc'), text, { mode: 0o600 });
    const home = openHome(root);
    const clock = new FakeClock(from);
    const random = new SeededRandom(seed);
    const keys = { folder: home.keys, random: systemRandom };
    const key = await loadStorageKey(keys);
    // A gateway makes none beside a store that is there already.
    loadSigningKey(keys, 'gateway');
    const hasher = createHasher(key);
    const vault = createVault(key, systemRandom);
    const place = { home: root, env };
    const config = new ConfigHouse(place, readConfig(place));
    const url = config.current.store.url.reveal();
    const store = await openStore(url, { clock, random, hasher, vault, home: root });
    const memory = new AllowMemory({ store, clock });
    const roster = new HouseRoster({
      config: () => config.current,
      allowed: (channel, account) => memory.inForce(channel, account),
      traits: TRAITS,
    });
    const house = new HousePlace(store, { clock, random, hasher }, config, roster, agent);
    const { core } = house;
    const log = new MemoryLog();
    const writes = (channel: string) => roster.traits(channel)?.writesConfig === true;
    const file = new ConfigAllowFile({ place, store, clock, log, memory, writes, written: () => undefined });
    const revoke = (peer: Peer) => core.pairings.revoke(peer, { kind: 'file' });
    const lists = new AllowLists({ store, clock, bus: core.bus, memory, file, revoke });
    const ownerHasFactor = () => core.factors.ownerHasFactor();
    await config.begin({ store, clock, log, bus: core.bus, lists, ownerHasFactor, running: true });
    return house;
  }

  get now(): number {
    return this.clock.now();
  }

  /** Waits until then. What happens next may be later than planned, never earlier than what happened. */
  until(at: number): void {
    if (at > this.now) this.clock.advance(at - this.now);
  }

  peer(channel: 'telegram' | 'webchat', native: string, account = 'default'): Peer {
    return { channel, account, native: storedNative(native) };
  }

  /** A browser key's name: 52 letters of base32. */
  browser(): Peer {
    const letters = [...this.random.bytes(52)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]);
    return this.peer('webchat', letters.join(''));
  }

  /** Says it, and everything that follows has happened. */
  async says(peer: Peer, { name, username }: Omit<Somebody, 'words'>, text: string): Promise<Accepted> {
    this.#said += 1;
    const isBrowser = peer.channel === 'webchat';
    const accepted = await this.core.inbox.receive({
      peer,
      assurance: isBrowser ? 'low' : 'medium',
      actor: 'human',
      conversation: { kind: 'direct', id: peer.native },
      messageId: String(40_000 + this.#said),
      kind: 'text',
      text,
      sentAt: this.now,
      arrived: 'live',
      forwarded: false,
      quoted: false,
      press: null,
      mentioned: true,
      displayName: name,
      username,
      address: isBrowser ? `203.0.113.${this.#said % 250}` : null,
    });
    await this.settle();
    return accepted;
  }

  async settle(): Promise<void> {
    const { inbox, turns, dispatcher } = this.core;
    await inbox.idle();
    await turns.idle();
    await dispatcher.dispatch();
  }

  /** The last thing that chat was sent. */
  lastTo({ channel, account, native }: Peer): string {
    const route = this.#channels.find((one) => one.id === channel && one.account === account);
    return route?.sent.findLast(({ to }) => to.peer.native === native)?.message.text ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    await this.core.denials.flush(this.now, true);
    this.#config.close();
    await this.store.close();
  }
}

function traitsOf(id: string): Traits {
  const traits = TRAITS.get(id);
  if (traits === undefined) throw new Error(`this build has no channel ${id}`);
  return traits;
}
