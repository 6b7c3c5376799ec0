// The whole story in the terminal, on real code: a stranger, a code, a yes, an answer; an agent that would delete something,
// a yes with a proof, one run; and the proof of all of it. In memory and a folder that goes: no account, no port, nothing left.
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { quotedName } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import { EchoAgent } from '../agents/echo.ts';
import { LOOPBACK_TRAITS, Loopback } from '../channels/loopback/channel.ts';
import { BARE_APPROVALS } from '../core/approval/bare.ts';
import { verifyChain } from '../core/audit/chain.ts';
import type { Actor, StoredEvent } from '../core/audit/event.ts';
import { NO_FILE } from '../core/pairing/allow-port.ts';
import type { Log } from '../core/ports.ts';
import type { Roster } from '../core/roster.ts';
import { NO_IDENTITY } from '../core/session/no-identity.ts';
import type { Store } from '../core/store-port.ts';
import { type CoreServices, createCoreServices } from '../gateway/core-services.ts';
import { systemClock } from '../runtime/clock.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { createPasskeys } from '../runtime/crypto/passkeys.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { StorageKey } from '../runtime/keys.ts';
import { systemRandom } from '../runtime/random.ts';
import { openStore } from '../store/open.ts';
import { type House, tellExec } from './exec-story.ts';

interface Terminal {
  out(line: string): void;
  readonly isTTY: boolean;
}

const OWNER: Actor = { kind: 'host' };
const BEAT_MS = 900;

/** Plays the demo. Resolves when it is over; throws when anything did not happen as told. */
export async function runDemo({ terminal }: { readonly terminal: Terminal }): Promise<void> {
  const key = new StorageKey(systemRandom.bytes(32));
  const hasher = createHasher(key);
  const ports = { clock: systemClock, random: systemRandom, hasher };
  const store = await openStore('sqlite::memory:', { ...ports, vault: createVault(key, systemRandom) });
  const channel = new Loopback(systemClock);
  const agent = new EchoAgent();
  const house = {
    ...ports,
    store,
    log: SILENT,
    roster: ROSTER,
    agent: () => agent,
    identity: NO_IDENTITY,
    allowFile: NO_FILE,
    passwords: createPasswords(systemRandom),
    passkeys: createPasskeys(),
    running: () => [channel],
    pairUrl: () => null,
    approvals: BARE_APPROVALS,
  };
  const services = createCoreServices(house);
  const stop = new AbortController();
  try {
    await channel.start(services.inbox, stop.signal);
    await new Story(terminal, { store, services, hasher, log: SILENT }, channel).tell();
  } finally {
    stop.abort();
    await store.close();
  }
}

class Story {
  readonly #terminal: Terminal;
  readonly #house: House;
  readonly #store: Store;
  readonly #services: CoreServices;
  readonly #channel: Loopback;
  #shown = 0;

  constructor(terminal: Terminal, house: House, channel: Loopback) {
    this.#terminal = terminal;
    this.#house = house;
    this.#store = house.store;
    this.#services = house.services;
    this.#channel = channel;
  }

  async tell(): Promise<void> {
    await this.#scene('1. somebody you do not know writes to your agent');
    await this.#says('ana', 'hello, are you there?');
    this.#note('the message went nowhere: the agent has heard nothing');

    await this.#scene('2. you see who asks, and say yes');
    const { items } = { items: await this.#store.pairings.list({ states: ['pending'], limit: 10 }) };
    const [request] = items;
    if (request?.code == null) throw new Problem('internal', { detail: 'the demo found no request' });
    await this.#types('countersign pairing list');
    this.#print(
      `  ${request.peer.native} ${quotedName(request.displayName ?? '')} - code ${request.code} - just now`,
    );
    await this.#types(`countersign pairing approve loopback ${request.code}`);
    await this.#services.pairings.approve(request.id, OWNER, { forMs: null, name: 'Ana' });
    await this.#hear();

    await this.#scene('3. now the agent answers');
    await this.#says('ana', 'are you there now?');

    await this.#scene('4. nobody talks it round');
    await this.#types(`countersign pairing approve loopback ${request.code}`);
    this.#print(`  ${await this.#refused(() => this.#approveAgain(request.code ?? ''))}`);
    await this.#says('mallory', `/pairing approve ${request.code}`);
    this.#note('to a stranger, a command is only text: mallory gets a code like anybody else');

    await tellExec(
      {
        scene: (title) => this.#scene(title),
        types: (command) => this.#types(command),
        print: (line) => this.#print(line),
        note: (text) => this.#note(text),
      },
      this.#house,
    );

    await this.#scene('7. and every answer can be proven');
    const events = await this.#store.audit.walk(this.#store.writer, 0, 1_000);
    for (const event of events) this.#print(`  ${describe(event)}`);
    const verified = verifyChain(events);
    if (!verified.ok) throw new Problem('audit_broken');
    await this.#types('countersign audit verify');
    this.#print(`  ok: ${events.length} events, each linked to the one before by its hash`);
    this.#print('');
    this.#print('that was real code on a channel inside this process. next:');
    this.#print('  npm start                      the gateway, with web chat');
    this.#print('  countersign pairing list       who waits');
    this.#print('  countersign channels add telegram, then write to your bot: the same on a real messenger');
  }

  async #approveAgain(code: string): Promise<void> {
    const { pairing } = await this.#services.findPairing({ what: code });
    await this.#services.pairings.approve(pairing.id, OWNER, { forMs: null, name: null });
  }

  async #refused(work: () => Promise<void>): Promise<string> {
    try {
      await work();
    } catch (cause) {
      if (cause instanceof Problem && cause.code === 'already_decided') return `error: ${cause.message}`;
      throw cause;
    }
    throw new Problem('internal', { detail: 'a code counted twice' });
  }

  async #says(name: string, text: string): Promise<void> {
    this.#print(`  ${this.#paint('cyan', `${name}:`)} ${text}`);
    await this.#channel.hear(name, { text, displayName: name === 'ana' ? 'Ana' : 'Your Bank' });
    await this.#hear();
  }

  /** Waits until everything that follows has happened, and shows what was sent. */
  async #hear(): Promise<void> {
    await this.#services.inbox.idle();
    await this.#services.turns.idle();
    await this.#services.dispatcher.dispatch();
    const sent = this.#channel.sent.slice(this.#shown);
    this.#shown += sent.length;
    for (const { to, message } of sent) {
      await this.#beat();
      this.#print(`  ${this.#paint('green', `to ${to.peer.native}:`)} ${message.text}`);
    }
  }

  async #scene(title: string): Promise<void> {
    await this.#beat();
    this.#print('');
    this.#print(this.#paint('bold', title));
  }

  async #types(command: string): Promise<void> {
    await this.#beat();
    this.#print(`  $ ${command}`);
  }

  #note(text: string): void {
    this.#print(this.#paint('dim', `  (${text})`));
  }

  #print(line: string): void {
    this.#terminal.out(line);
  }

  #paint(style: 'bold' | 'dim' | 'cyan' | 'green', text: string): string {
    return this.#terminal.isTTY ? styleText(style, text) : text;
  }

  /** People read; pipes do not. */
  async #beat(): Promise<void> {
    if (this.#terminal.isTTY) await sleep(BEAT_MS);
  }
}

function describe({ body, hash }: StoredEvent): string {
  return `${String(body.seq).padStart(2)}  ${body.type.padEnd(20)} ${body.outcome.padEnd(7)} ${hash.slice(0, 12)}`;
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const ROSTER: Roster = {
  channels: ['loopback'],
  policy: (channel) =>
    channel === 'loopback'
      ? {
          enabled: true,
          dmPolicy: 'pairing',
          allowFrom: [],
          groupPolicy: 'disabled',
          groupAllowFrom: [],
          requireMention: true,
          personalNumber: false,
        }
      : null,
  traits: (channel) => (channel === 'loopback' ? LOOPBACK_TRAITS : null),
  admission: () => ({
    agent: 'main',
    dmScope: 'per-account-channel-peer',
    allowShared: false,
    pairingMaxAgeMs: 600_000,
  }),
  pairing: () => ({
    codeFormat: 'XXXXXXXX',
    tokenExpiryMs: 3_600_000,
    denyCooldownMs: 3_600_000,
    slots: { max: 3, maxPerAddress: 2, evictAfterMs: 600_000, maxWaiting: 1_000 },
    message: 'Pairing required. Your code: {code}. Ask the owner to approve it.',
    writeConfig: false,
    notifyOn: [],
    notifyMessage: 'New pairing request on {channel} from {identifier}. Code: {code}',
  }),
  waiting: () => ({ max: 20, maxAgeMs: 3_600_000 }),
  history: () => ({ messages: 40, bytes: 65_536 }),
  agentTimeoutMs: () => 30_000,
  login: () => ({
    on: false,
    codeTtlMs: 60_000,
    codeDigits: 6,
    maxAttempts: 5,
    maxOpen: 3,
    maxPerHour: 5,
    deliverTo: [],
    allowCarrier: false,
  }),
};
