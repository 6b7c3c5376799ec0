// A house with a real configuration file, a real store in its home and a Telegram account that nobody connects: for what
// allowFrom in the file and the store mean to each other. The clock moves when told; the file is looked at when told.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeId } from '@countersign/protocol/ids';
import type { ConfigPlace } from '../config/load.ts';
import type { ChannelName } from '../config/native-ids.ts';
import { BARE_APPROVALS } from '../core/approval/bare.ts';
import type { StoredEvent } from '../core/audit/event.ts';
import type { Traits } from '../core/channel-port.ts';
import { type Peer, storedNative } from '../core/identity/peer.ts';
import type { Accepted } from '../core/message.ts';
import { AllowLists } from '../core/pairing/allow-lists.ts';
import { AllowMemory } from '../core/pairing/allow-memory.ts';
import type { AllowFile } from '../core/pairing/allow-port.ts';
import type { PairingRow } from '../core/pairing/pairings-port.ts';
import { NO_IDENTITY } from '../core/session/no-identity.ts';
import type { Store } from '../core/store-port.ts';
import { ConfigAllowFile } from '../gateway/allow-file.ts';
import { ConfigHouse, readConfig } from '../gateway/config-house.ts';
import { type CoreServices, createCoreServices } from '../gateway/core-services.ts';
import { HouseRoster } from '../gateway/house-roster.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { createPasskeys } from '../runtime/crypto/passkeys.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { StorageKey } from '../runtime/keys.ts';
import { openStore } from '../store/open.ts';
import { FakeClock, MemoryLog, SeededRandom } from './fakes.ts';
import { inboundFrom } from './inbound.ts';
import { HOST, RecordingAgent } from './world.ts';

const TRAITS: Traits = {
  proof: 'pulled',
  assurance: 'medium',
  canInitiate: 'window',
  buttons: false,
  edits: false,
  deletes: false,
  maxText: 4096,
  peerIds: /^[1-9]\d{0,15}$/,
  receipts: 'sent',
  streams: false,
  writesConfig: true,
};

export interface Cuts {
  /** The process dies after an approval is durable and before the file is touched. */
  readonly beforeFile?: boolean;
  /** It dies after the file is written and before that is noted. */
  readonly beforeDone?: boolean;
  /** Ending an access fails from the n-th time on. */
  readonly revokeFrom?: number;
}

interface Options {
  readonly text?: string;
  readonly home?: string;
  readonly clock?: FakeClock;
  readonly cuts?: Cuts;
  readonly ownerHasFactor?: () => boolean;
  readonly running?: boolean;
}

/** A configuration with one Telegram account, comments and all. */
export function telegram(allowFrom: readonly string[], more = ''): string {
  const entries = allowFrom.map((native) => `      "${native}", // ${native}`).join('\n');
  return `{
  // kept
  "agent": { "kind": "echo" },
  "channels": { "telegram": { "botToken": "1:x", "dmPolicy": "pairing", "allowFrom": [
${entries}
    ] }${more} }
}
`;
}

export class ListsHouse implements AsyncDisposable {
  readonly home: string;
  readonly clock: FakeClock;
  readonly log = new MemoryLog();
  readonly store: Store;
  readonly core: CoreServices;
  readonly config: ConfigHouse;
  readonly lists: AllowLists;
  readonly file: ConfigAllowFile;
  readonly roster: HouseRoster;
  #said = 0;
  readonly #run: string;

  private constructor(
    home: string,
    clock: FakeClock,
    store: Store,
    place: ConfigPlace,
    random: SeededRandom,
    hasher: ReturnType<typeof createHasher>,
    cuts: Cuts,
  ) {
    this.home = home;
    this.clock = clock;
    this.store = store;
    this.#run = Buffer.from(random.bytes(6)).toString('hex');
    const { log } = this;
    this.config = new ConfigHouse(place, readConfig(place));
    const memory = new AllowMemory({ store, clock });
    this.roster = new HouseRoster({
      config: () => this.config.current,
      allowed: (channel, account) => memory.inForce(channel, account),
      traits: new Map([['telegram', TRAITS]]),
    });
    const writes = (channel: string) => channel === 'telegram';
    const noting =
      cuts.beforeDone === true ? { ...store, allowLists: { ...store.allowLists, done: died } } : store;
    const written = () => this.config.written();
    this.file = new ConfigAllowFile({ place, store: noting, clock, log, memory, writes, written });
    const allowFile: AllowFile = cuts.beforeFile === true ? { settle: async () => undefined } : this.file;
    this.core = createCoreServices({
      store,
      clock,
      random,
      hasher,
      log,
      roster: this.roster,
      allowFile,
      passwords: createPasswords(random),
      passkeys: createPasskeys(),
      agent: () => new RecordingAgent(),
      identity: NO_IDENTITY,
      running: () => [],
      pairUrl: () => null,
      approvals: BARE_APPROVALS,
    });
    let revoked = 0;
    this.lists = new AllowLists({
      store,
      clock,
      bus: this.core.bus,
      memory,
      file: this.file,
      revoke: (peer, by) => {
        revoked += 1;
        if (revoked >= (cuts.revokeFrom ?? Number.POSITIVE_INFINITY)) return died();
        return this.core.pairings.revoke(peer, by);
      },
    });
  }

  static async open(options: Options = {}): Promise<ListsHouse> {
    const home = options.home ?? mkdtempSync(join(tmpdir(), 'cs-lists-'));
    if (options.text !== undefined)
      writeFileSync(join(home, 'countersign.jsonc'), options.text, { mode: 0o600 });
    const clock = options.clock ?? new FakeClock();
    const random = new SeededRandom(`lists ${clock.now()} ${Math.trunc(performance.now() * 1000)}`);
    const key = new StorageKey(Buffer.alloc(32, 7));
    const hasher = createHasher(key);
    const vault = createVault(key, random);
    const store = await openStore('sqlite:countersign.db', { clock, random, hasher, vault, home });
    const built: ReadonlySet<ChannelName> = new Set<ChannelName>(['telegram', 'webchat']);
    const house = new ListsHouse(
      home,
      clock,
      store,
      { home, env: {}, built },
      random,
      hasher,
      options.cuts ?? {},
    );
    const { lists, core, log } = house;
    const ownerHasFactor = async () => options.ownerHasFactor?.() ?? false;
    const running = options.running ?? true;
    try {
      await house.config.begin({ store, clock, log, bus: core.bus, lists, ownerHasFactor, running });
    } catch (cause) {
      await store.close();
      throw cause;
    }
    return house;
  }

  get path(): string {
    return join(this.home, 'countersign.jsonc');
  }

  get text(): string {
    return readFileSync(this.path, 'utf8');
  }

  /** Somebody saves the file with an editor, and the gateway looks. */
  async saves(text: string): Promise<void> {
    this.clock.advance('10s');
    writeFileSync(`${this.path}.new`, text, { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
    await this.looks();
  }

  async looks(): Promise<void> {
    await this.config.tidy();
  }

  /** allowFrom as `config get` prints it. */
  listed(account = 'default'): unknown {
    const where = account === 'default' ? '' : `accounts.${account}.`;
    return this.config.get(`channels.telegram.${where}allowFrom`);
  }

  /** Whom the file alone lets in. */
  letsIn(account = 'default'): readonly string[] {
    return this.roster.policy('telegram', account)?.allowFrom ?? [];
  }

  peer(native: string, account = 'default'): Peer {
    return { channel: 'telegram', account, native: storedNative(native) };
  }

  async says(native: string, account = 'default', text = 'hello'): Promise<Accepted> {
    this.#said += 1;
    const { inbox } = this.core;
    const accepted = await inbox.receive(
      inboundFrom(this.peer(native, account), {
        messageId: `${this.#run}-${this.#said}`,
        text,
        sentAt: this.clock.now(),
      }),
    );
    await inbox.idle();
    return accepted;
  }

  /** True when a message of theirs would reach the agent: at once, or by becoming a person first. */
  async mayTalk(native: string, account = 'default'): Promise<boolean> {
    const accepted = await this.says(native, account);
    return accepted.as === 'agent' || (accepted.as === 'desk' && accepted.because === 'enrol');
  }

  async asks(native: string, account = 'default'): Promise<PairingRow> {
    await this.says(native, account);
    const row = await this.store.pairings.latest(this.peer(native, account));
    if (row === null) throw new Error(`${native} did not become a request`);
    return row;
  }

  async approves(native: string, forMs: number | null = null, account = 'default'): Promise<PairingRow> {
    const { id } = await this.asks(native, account);
    return this.core.pairings.approve(id, HOST, { forMs, name: null });
  }

  revokes(native: string, account = 'default'): Promise<unknown> {
    return this.core.pairings.revoke(this.peer(native, account), HOST);
  }

  /** An owner with a chat on this channel, known to the store alone: the lists stay as the test wrote them. */
  async owns(native: string): Promise<void> {
    const id = makeId('principal', Buffer.alloc(15, 1));
    const at = this.clock.now();
    await this.store.people.add({ id, name: 'Ana', role: 'owner', state: 'active', createdAt: at });
    await this.store.people.link(this.peer(native), {
      principal: id,
      ceiling: 'owner',
      assurance: 'medium',
      direct: true,
      accessUntil: null,
      displayName: null,
      username: null,
      at,
    });
  }

  /** What owners were told, oldest first: it waits in the outbox, for no channel runs. */
  async told(): Promise<string[]> {
    const { outbox } = this.store;
    const accounts = ['default', 'support'].map((account) => ({ channel: 'telegram', account }));
    const found: string[] = [];
    for (;;) {
      const now = this.clock.now();
      const items = await outbox.claim(accounts, this.store.writer, now + 60_000, now, 100);
      if (items.length === 0) return found;
      for (const item of items) {
        if (item.kind === 'owner-notice') found.push(item.text);
        await outbox.settle(item.id, 'sent', now);
      }
    }
  }

  async events(type: string): Promise<readonly StoredEvent[]> {
    const all = await this.store.audit.walk(this.store.writer, 0, 10_000);
    return all.filter(({ body }) => body.type === type);
  }

  /** The process ends; another one opens the same home. */
  async restarts(options: Omit<Options, 'home' | 'clock'> = {}): Promise<ListsHouse> {
    await this.close();
    this.clock.advance('1m');
    return ListsHouse.open({ ...options, home: this.home, clock: this.clock });
  }

  async close(): Promise<void> {
    this.config.close();
    await this.core.inbox.idle();
    await this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => undefined);
    rmSync(this.home, { recursive: true, force: true });
  }
}

function died(): never {
  throw new Error('the process died here');
}
