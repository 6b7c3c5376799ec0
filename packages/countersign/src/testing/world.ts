// A whole gateway in memory, without a port: the real store, the real services, a clock that moves when told, and any
// channels on their stages; the loopback channel unless a test names others. `world.says('ana', 'hi')`,
// `world.approves(code)`, `world.heardBy('ana')`; on a messenger the same through `world.on(harness)`.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Loopback, loopbackNative } from '../channels/loopback/channel.ts';
import type { AccountPolicy, AdmissionRules } from '../core/admission.ts';
import type { Agent, Question } from '../core/agent-port.ts';
import { BARE_APPROVALS } from '../core/approval/bare.ts';
import type { Actor, StoredEvent } from '../core/audit/event.ts';
import type { Inbox } from '../core/channel-port.ts';
import type { Peer } from '../core/identity/peer.ts';
import type { Principal } from '../core/identity/people-port.ts';
import type { Accepted, Inbound } from '../core/message.ts';
import { NO_FILE } from '../core/pairing/allow-port.ts';
import type { PairingRow } from '../core/pairing/pairings-port.ts';
import type { LoginSettings, PairingSettings, Roster } from '../core/roster.ts';
import type { BearerSettings, Users } from '../core/session/bearer-port.ts';
import { NO_IDENTITY } from '../core/session/no-identity.ts';
import { STORED_USERS } from '../core/session/user.ts';
import type { Store } from '../core/store-port.ts';
import { type CoreServices, createCoreServices } from '../gateway/core-services.ts';
import { createBearerSigner } from '../runtime/crypto/bearer-signer.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { createPasskeys } from '../runtime/crypto/passkeys.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { StorageKey } from '../runtime/keys.ts';
import { openStore } from '../store/open.ts';
import type { ChannelHarness } from './channel/harness.ts';
import { loopbackHarness, StagedLoopback } from './channel/loopback.ts';
import { FakeClock, MemoryLog, SeededRandom } from './fakes.ts';
import { Stand, type Taken } from './stand.ts';

export const HOST: Actor = { kind: 'host' };

/** Answers at once with what it was asked, and remembers the questions. */
export class RecordingAgent implements Agent {
  readonly kind = 'echo';
  readonly describe = 'a recording agent';
  readonly asked: Question[] = [];
  /** Replaced by tests: an agent that is away, slow, or broken. */
  answer: (question: Question, onText: (piece: string) => void, signal: AbortSignal) => Promise<string> =
    async ({ text }, onText) => {
      onText(`you said: ${text}`);
      return `you said: ${text}`;
    };

  ask(question: Question, onText: (piece: string) => void, signal: AbortSignal): Promise<string> {
    this.asked.push(question);
    return this.answer(question, onText, signal);
  }
}

interface Options {
  readonly seed?: string;
  readonly policy?: Partial<AccountPolicy>;
  readonly admission?: Partial<AdmissionRules>;
  readonly pairing?: Partial<PairingSettings>;
  readonly login?: Partial<LoginSettings>;
  /** The public https address; none by default. */
  readonly publicUrl?: string;
  readonly waiting?: { readonly max: number; readonly maxAgeMs: number };
  /** How people are named to tools; nobody is by default. */
  readonly bearer?: Partial<BearerSettings>;
  readonly users?: Users;
  /** Whom cards about requests go to, and whether a page is open. */
  readonly approvals?: Partial<Parameters<typeof createCoreServices>[0]['approvals']>;
  /** Accounts of each channel. */
  readonly accounts?: readonly string[];
  /** Another policy for one account. */
  readonly policies?: Readonly<Record<string, Partial<AccountPolicy>>>;
  /** The channels; the loopback one alone by default. */
  readonly on?: readonly ChannelHarness[];
}

const LOGIN: LoginSettings = {
  on: true,
  codeTtlMs: 60_000,
  codeDigits: 6,
  maxAttempts: 5,
  maxOpen: 3,
  maxPerHour: 5,
  deliverTo: [],
  allowCarrier: false,
};

export const PAIRING: PairingSettings = {
  codeFormat: 'XXXXXXXX',
  tokenExpiryMs: 3_600_000,
  denyCooldownMs: 3_600_000,
  slots: { max: 3, maxPerAddress: 2, evictAfterMs: 600_000, maxWaiting: 1_000 },
  message: 'Your code: {code}',
  writeConfig: false,
  notifyOn: [],
  notifyMessage: 'New pairing request on {channel} from {identifier}. Code: {code}',
};

export async function openWorld(options: Options = {}): Promise<World> {
  const clock = new FakeClock();
  const random = new SeededRandom(options.seed ?? 'world');
  const key = new StorageKey(random.bytes(32));
  const hasher = createHasher(key);
  const store = await openStore('sqlite::memory:', {
    clock,
    random,
    hasher,
    vault: createVault(key, random),
  });
  const stands: Stand[] = [];
  const taken: Taken[] = [];
  const world = new World({ store, clock, random, hasher, stands }, options, taken);
  for (const harness of options.on ?? [loopbackHarness]) {
    for (const account of options.accounts ?? ['default']) {
      const bench = await harness.open({ clock, random, account });
      stands.push(new Stand(world, harness, bench, taken));
    }
  }
  await world.start();
  return world;
}

/** The configuration of a world, that a test may change while it runs. */
interface Ruled {
  readonly roster: Roster;
  change(account: string, policy: Partial<AccountPolicy>): void;
}

interface Parts {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly hasher: ReturnType<typeof createHasher>;
  readonly stands: readonly Stand[];
}

export class World implements AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly roster: Roster;
  readonly log = new MemoryLog();
  readonly agent = new RecordingAgent();
  readonly services: CoreServices;
  readonly signingKey: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** Another object is another configuration. */
  bearer: BearerSettings;
  /** Another configuration from now on, as a reload takes it up. */
  readonly configure: Ruled['change'];
  readonly #stands: readonly Stand[];
  readonly #inbox: Inbox;
  readonly #stop = new AbortController();

  constructor({ store, clock, random, hasher, stands }: Parts, options: Options, taken: Taken[]) {
    this.store = store;
    this.clock = clock;
    this.#stands = stands;
    const { roster, change } = ruled(options);
    this.configure = change;
    this.random = random;
    this.roster = roster;
    const ports = { store, clock, random, hasher, log: this.log, roster, agent: () => this.agent };
    const running = () => stands.map(({ bench }) => bench.channel);
    const [passwords, passkeys] = [createPasswords(random), createPasskeys()];
    const pairUrl = () => options.publicUrl ?? null;
    this.signingKey = generateKeyPairSync('ed25519');
    const settings = { ...NO_IDENTITY.settings(), mappedOnly: false, ...options.bearer };
    const keys = { current: { kid: 'test', key: this.signingKey.privateKey } };
    const users = options.users ?? STORED_USERS;
    this.bearer = settings;
    this.services = createCoreServices({
      ...ports,
      identity: { signer: createBearerSigner(keys), users, settings: () => this.bearer },
      allowFile: NO_FILE,
      passwords,
      passkeys,
      running,
      pairUrl,
      approvals: { ...BARE_APPROVALS, ...options.approvals },
    });
    const { inbox } = this.services;
    this.#inbox = {
      receive: async (inbound) => {
        const accepted = await inbox.receive(inbound);
        taken.push({ inbound, accepted });
        return accepted;
      },
      fate: async (report) => inbox.fate?.(report),
      moved: async (moved) => inbox.moved?.(moved),
    };
  }

  /** Every channel listens. */
  async start(): Promise<void> {
    for (const { bench } of this.#stands) await bench.channel.start(this.#inbox, this.#stop.signal);
  }

  /** One account of a channel on its stage. */
  on({ name }: Pick<ChannelHarness, 'name'>, account = 'default'): Stand {
    const found = this.#stands.find(
      ({ harness, bench }) => harness.name === name && bench.channel.account === account,
    );
    if (found === undefined) throw new Error(`the world has no account ${account} on ${name}`);
    return found;
  }

  channel(account = 'default'): Loopback {
    for (const { bench } of this.#stands) {
      if (bench.channel instanceof StagedLoopback && bench.channel.account === account) return bench.channel;
    }
    throw new Error(`the world has no loopback account ${account}`);
  }

  peer(name: string, account = 'default'): Peer {
    return { channel: 'loopback', account, native: loopbackNative(name) };
  }

  /** Says it and waits until everything that follows has happened. */
  async says(
    name: string,
    text: string,
    more: Partial<Inbound> & { account?: string } = {},
  ): Promise<Accepted> {
    const { account, ...words } = more;
    const accepted = await this.channel(account).hear(name, { text, ...words });
    await this.settle();
    return accepted;
  }

  /** Until the inbox, the turns and the outbox have nothing left to do now. */
  async settle(): Promise<void> {
    const { inbox, turns, dispatcher } = this.services;
    await inbox.idle();
    await turns.idle();
    await dispatcher.dispatch();
    await dispatcher.dispatch();
  }

  /** What that person was sent, oldest first. */
  heardBy(name: string, account = 'default'): string[] {
    const said = this.channel(account).sent.filter(({ to }) => to.peer.native === name);
    return said.map(({ message }) => message.text);
  }

  /** The code in the last message to that person. */
  codeOf(name: string, account = 'default'): string {
    const code = /Your code: (\S+)/.exec(
      this.heardBy(name, account).findLast((text) => text.includes('code')) ?? '',
    );
    if (code?.[1] === undefined) throw new Error(`${name} was sent no code`);
    return code[1];
  }

  async approves(what: string, by: Actor = HOST): Promise<PairingRow> {
    const { pairing } = await this.services.findPairing({ what });
    const row = await this.services.pairings.approve(pairing.id, by, { forMs: null, name: null });
    await this.settle();
    return row;
  }

  /** A person who may talk already. */
  async knows(name: string, role: Principal['role'] = 'user'): Promise<Principal> {
    const person = await this.services.directory.add({ name, role, peer: this.peer(name) }, HOST);
    await this.settle();
    return person;
  }

  async events(): Promise<readonly StoredEvent[]> {
    await this.services.identities.written();
    return this.store.audit.walk(this.store.writer, 0, 10_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    await this.services.identities.written();
    this.#stop.abort();
    for (const { bench } of this.#stands) await bench[Symbol.asyncDispose]();
    await this.store.close();
  }
}

function ruled(options: Options): Ruled {
  const policy: AccountPolicy = {
    enabled: true,
    dmPolicy: 'pairing',
    allowFrom: [],
    groupPolicy: 'disabled',
    groupAllowFrom: [],
    requireMention: true,
    personalNumber: false,
    ...options.policy,
  };
  const admission: AdmissionRules = {
    agent: 'main',
    dmScope: 'per-account-channel-peer',
    allowShared: false,
    pairingMaxAgeMs: 600_000,
    ...options.admission,
  };
  const accounts = options.accounts ?? ['default'];
  const traits = new Map((options.on ?? [loopbackHarness]).map(({ channel, traits }) => [channel, traits]));
  const policies = new Map(
    accounts.map((account) => [account, { ...policy, ...options.policies?.[account] }]),
  );
  const roster: Roster = {
    channels: [...traits.keys()],
    policy: (channel, account) => (traits.has(channel) ? (policies.get(account) ?? null) : null),
    traits: (channel) => traits.get(channel) ?? null,
    admission: () => admission,
    pairing: () => ({ ...PAIRING, ...options.pairing }),
    waiting: () => options.waiting ?? { max: 20, maxAgeMs: 3_600_000 },
    history: () => ({ messages: 40, bytes: 65_536 }),
    agentTimeoutMs: () => 120_000,
    login: () => ({ ...LOGIN, ...options.login }),
  };
  return {
    roster,
    change: (account, more) => {
      policies.set(account, { ...(policies.get(account) ?? policy), ...more });
    },
  };
}
