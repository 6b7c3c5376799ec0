// A whole gateway in memory, without a port: the real store, the real services, the loopback channel, a clock that moves
// when told. `world.says('ana', 'hi')`, `world.approves(code)`, `world.heardBy('ana')`.

import { LOOPBACK_TRAITS, Loopback, loopbackNative } from '../channels/loopback/channel.ts';
import type { AccountPolicy, AdmissionRules } from '../core/admission.ts';
import type { Agent, Question } from '../core/agent-port.ts';
import type { Actor, StoredEvent } from '../core/audit/event.ts';
import type { Peer } from '../core/identity/peer.ts';
import type { Principal } from '../core/identity/people-port.ts';
import type { Accepted, Inbound } from '../core/message.ts';
import type { PairingRow } from '../core/pairing/pairings-port.ts';
import type { PairingSettings, Roster } from '../core/roster.ts';
import type { Store } from '../core/store-port.ts';
import { type CoreServices, createCoreServices } from '../gateway/core-services.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { StorageKey } from '../runtime/keys.ts';
import { openStore } from '../store/open.ts';
import { FakeClock, MemoryLog, SeededRandom } from './fakes.ts';

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
  readonly waiting?: { readonly max: number; readonly maxAgeMs: number };
  /** Accounts of the loopback channel. */
  readonly accounts?: readonly string[];
}

export const PAIRING: PairingSettings = {
  codeFormat: 'XXXXXXXX',
  tokenExpiryMs: 3_600_000,
  denyCooldownMs: 3_600_000,
  slots: { max: 3, maxPerAddress: 2, evictAfterMs: 600_000, maxWaiting: 1_000 },
  message: 'Your code: {code}',
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
  return new World(store, clock, random, hasher, options);
}

export class World implements AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly log = new MemoryLog();
  readonly agent = new RecordingAgent();
  readonly services: CoreServices;
  readonly #channels: readonly Loopback[];
  readonly #stop = new AbortController();

  constructor(
    store: Store,
    clock: FakeClock,
    random: SeededRandom,
    hasher: ReturnType<typeof createHasher>,
    options: Options,
  ) {
    this.store = store;
    this.clock = clock;
    this.#channels = (options.accounts ?? ['default']).map((account) => new Loopback(clock, account));
    const roster = fixedRoster(options);
    const ports = { store, clock, random, hasher, log: this.log, roster, agent: () => this.agent };
    this.services = createCoreServices({ ...ports, running: () => this.#channels });
    for (const channel of this.#channels) void channel.start(this.services.inbox, this.#stop.signal);
  }

  channel(account = 'default'): Loopback {
    const found = this.#channels.find((channel) => channel.account === account);
    if (found === undefined) throw new Error(`the world has no account ${account}`);
    return found;
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
    return this.store.audit.walk(this.store.writer, 0, 10_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    this.#stop.abort();
    await this.store.close();
  }
}

function fixedRoster(options: Options): Roster {
  const policy: AccountPolicy = {
    enabled: true,
    dmPolicy: 'pairing',
    allowFrom: [],
    groupPolicy: 'disabled',
    groupAllowFrom: [],
    requireMention: true,
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
  return {
    channels: ['loopback'],
    policy: (channel, account) => (channel === 'loopback' && accounts.includes(account) ? policy : null),
    traits: (channel) => (channel === 'loopback' ? LOOPBACK_TRAITS : null),
    admission: () => admission,
    pairing: () => ({ ...PAIRING, ...options.pairing }),
    waiting: () => options.waiting ?? { max: 20, maxAgeMs: 3_600_000 },
    history: () => ({ messages: 40, bytes: 65_536 }),
    agentTimeoutMs: () => 120_000,
  };
}
