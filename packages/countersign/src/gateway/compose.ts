// THE composition root: configuration → ports → services → app. Nothing else builds anything, and nothing here decides.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgent } from '../agents/registry.ts';
import { WEBCHAT_TRAITS, WebChat } from '../channels/webchat/channel.ts';
import type { Environment } from '../config/load.ts';
import type { Agent } from '../core/agent-port.ts';
import type { Traits } from '../core/channel-port.ts';
import { chatStanding } from '../core/chat-state.ts';
import type { PageChannel } from '../core/page-port.ts';
import type { Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { systemClock } from '../runtime/clock.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { thumbprint, verifySignature } from '../runtime/crypto/public-key.ts';
import { createSigner } from '../runtime/crypto/signer.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { type Home, openHome } from '../runtime/home.ts';
import { loadSigningKey, loadStorageKey } from '../runtime/keys.ts';
import { type OpenLog, openLog } from '../runtime/log.ts';
import { systemRandom } from '../runtime/random.ts';
import { openStore } from '../store/open.ts';
import { type App, createApp } from './app.ts';
import { AuditReads } from './audit-reads.ts';
import { Channels } from './channels-running.ts';
import { ClaimDoor, type PublicKeys } from './claim-door.ts';
import { ConfigHouse, readConfig } from './config-house.ts';
import { type CoreServices, createCoreServices } from './core-services.ts';
import { Counters } from './counters.ts';
import { GatewayHouse } from './house.ts';
import { HouseRoster } from './house-roster.ts';
import { Lists } from './lists.ts';
import { Nonces } from './nonces.ts';
import { Pages } from './pages.ts';
import { ROUTES } from './routes.ts';
import type { Services } from './services.ts';
import { uiPlace } from './ui-build.ts';

interface Options {
  /** $COUNTERSIGN_HOME, absolute. */
  readonly home: string;
  readonly env: Environment;
  /** What a running gateway adds to the same app; null for a call in this process. */
  readonly running: {
    readonly startedAt: number;
    /** Once it listens: the port people use. */
    port(): number;
    stop(): void;
  } | null;
}

export interface Composed {
  readonly app: App;
  readonly config: ConfigHouse;
  readonly core: CoreServices;
  readonly store: Store;
  readonly channels: Channels;
  readonly keys: PublicKeys;
  readonly services: Services;
  readonly signer: Signer;
  readonly home: Home;
  readonly log: OpenLog;
  readonly agentDescribe: () => string;
  webchat(): PageChannel | null;
  close(): Promise<void>;
}

export const VERSION = readVersion();

/** Channels this build can run. */
const CHANNEL_TRAITS: ReadonlyMap<string, Traits> = new Map([['webchat', WEBCHAT_TRAITS]]);
const KEYS: PublicKeys = { thumbprint, verifySignature };

/** @throws Problem `config_invalid`, `store_*`. */
export async function compose({ home: root, env, running }: Options): Promise<Composed> {
  const place = { home: root, env };
  const read = readConfig(place);
  const { agentGroup, agentSocket } = read.config.gateway;
  const home = openHome(root, { agentGroup, agentSocket });
  const clock = systemClock;
  const random = systemRandom;
  const log = openLog({ clock, file: home.logFile });
  const folder = { folder: home.keys, random, source: read.config.keys, mayCreate: !existsSync(home.store) };
  const storageKey = await loadStorageKey(folder);
  const hasher = createHasher(storageKey);
  const vault = createVault(storageKey, random);
  const signer = createSigner(loadSigningKey(folder, 'gateway'));
  const store = await openStore(read.config.store.url.reveal(), { clock, random, hasher, vault, home: root });

  const config = new ConfigHouse(place, read, { store, clock, log });
  const roster = new HouseRoster({ config: () => config.current, traits: CHANNEL_TRAITS });
  const counters = new Counters();
  const agent = memoised(
    () => config.current.agent,
    (settings) => counters.agent(createAgent(settings, { log })),
  );
  const port = () => running?.port() ?? config.current.gateway.port;

  const core = createCoreServices({
    store,
    clock,
    random,
    hasher,
    log,
    roster,
    agent,
    running: () => channels.running(),
  });
  const standing: ConstructorParameters<typeof WebChat>[0]['standing'] = (peer) =>
    chatStanding(store, peer, roster.policy(peer.channel, peer.account), clock.now());
  const channels = new Channels({
    config: () => config.current,
    inbox: counters.inbox(core.inbox),
    clock,
    log,
    create: (channel, account) =>
      channel === 'webchat' && account === 'default'
        ? new WebChat({ transcripts: store.transcripts, clock, bus: core.bus, standing })
        : null,
  });

  const people = core.directory;
  const audit = new AuditReads({ store, people });
  const pages = new Pages({ folder: uiPlace().folder, chatUrl: () => config.current.gateway.chatUrl });
  const claim = new ClaimDoor({
    claim: core.claim,
    nonces: new Nonces({ store, clock, random, hasher }),
    signer,
    keys: KEYS,
    home: () => `http://localhost:${port()}`,
  });
  const house = new GatewayHouse({
    store,
    clock,
    config: () => config.current,
    home,
    version: VERSION,
    startedAt: running?.startedAt ?? null,
    pid: process.pid,
    addresses: () =>
      running === null ? [] : [`http://localhost:${port()}/`, `http://localhost:${port()}/chat`],
    agentDescribe: () => agent().describe,
    claim,
    channels,
    pages,
    counters,
    audit,
    configValid: () => ({ mistakes: config.mistakes }),
    stop: running === null ? null : () => running.stop(),
  });
  const services: Services = {
    clock,
    claim,
    house,
    pairings: core.pairings,
    people,
    lists: new Lists({ store, clock, roster, people }),
    channels,
    config,
    audit,
    pages,
    routes: () => ROUTES,
    findPairing: (search) => core.findPairing(search),
    denied: (caller, verb, reason) =>
      core.denials.record(`call.denied:${caller.door}:${verb}:${reason}`, {
        type: 'call.denied',
        at: clock.now(),
        actor: { kind: 'sender' },
        subject: { door: caller.door, verb },
        outcome: 'denied',
        reason,
      }),
  };
  const names = () => ({
    publicUrl: config.current.gateway.publicUrl,
    chatUrl: config.current.gateway.chatUrl,
  });
  const app = createApp({ services, routes: ROUTES, log, clock, random, counters, names });
  return {
    app,
    config,
    core,
    store,
    channels,
    keys: KEYS,
    services,
    signer,
    home,
    log,
    agentDescribe: () => agent().describe,
    webchat: () => channels.running().find((channel) => channel instanceof WebChat) ?? null,
    async close() {
      config.close();
      await core.denials
        .flush(clock.now(), true)
        .catch(() => log.error('audit.failed', { event: 'denials.counted' }));
      await store.close();
      log.close();
    },
  };
}

/** The agent of the settings in force: built anew only when they change. */
function memoised<S>(settings: () => S, build: (settings: S) => Agent): () => Agent {
  let built: { readonly of: S; readonly agent: Agent } | null = null;
  return () => {
    const now = settings();
    if (built === null || built.of !== now) built = { of: now, agent: build(now) };
    return built.agent;
  };
}

function readVersion(): string {
  const parsed: { version: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  return parsed.version;
}
