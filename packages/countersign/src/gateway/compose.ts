// THE composition root: configuration → ports → services → app. Nothing else builds anything, and nothing here decides.

import { existsSync } from 'node:fs';
import { createAgent } from '../agents/registry.ts';
import { WebChat } from '../channels/webchat/channel.ts';
import type { Environment } from '../config/load.ts';
import type { EventType } from '../core/audit/event.ts';
import { chatStanding } from '../core/chat-state.ts';
import { readPeerRef } from '../core/identity/peer-ref.ts';
import type { PageChannel } from '../core/page-port.ts';
import { AllowLists } from '../core/pairing/allow-lists.ts';
import { AllowMemory } from '../core/pairing/allow-memory.ts';
import { renewalNotices } from '../core/pairing/renewals.ts';
import type { Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { auditHeadFile } from '../runtime/audit-head-file.ts';
import { openSigning } from '../runtime/bearer-keys.ts';
import { systemClock } from '../runtime/clock.ts';
import { CredentialFiles } from '../runtime/credential-file.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { createPasskeys } from '../runtime/crypto/passkeys.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { thumbprint, verifySignature } from '../runtime/crypto/public-key.ts';
import { createSigner } from '../runtime/crypto/signer.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { openGrantKey } from '../runtime/grant-key.ts';
import { type Home, openHome } from '../runtime/home.ts';
import { HttpUsers } from '../runtime/http-users.ts';
import { loadSigningKey, loadStorageKey } from '../runtime/keys.ts';
import { type OpenLog, openLog } from '../runtime/log.ts';
import { readOpenClaw } from '../runtime/openclaw.ts';
import { systemRandom } from '../runtime/random.ts';
import { createPushSender } from '../runtime/web-push.ts';
import { openStore } from '../store/open.ts';
import { ConfigAllowFile } from './allow-file.ts';
import { type App, createApp } from './app.ts';
import { approvalHouse, createApprovalDoors } from './approval-services.ts';
import { AuditHeads } from './audit-heads.ts';
import { AuditReads } from './audit-reads.ts';
import { CHANNEL_TRAITS, type Stage } from './channel-factory.ts';
import { createChannelServices } from './channel-services.ts';
import type { Channels } from './channels-running.ts';
import type { PublicKeys } from './claim-door.ts';
import { ConfigEdits } from './config-edit-door.ts';
import { ConfigHouse, readConfig } from './config-house.ts';
import { type CoreServices, createCoreServices } from './core-services.ts';
import { Counters } from './counters.ts';
import { deniedCalls } from './denied-calls.ts';
import { DeviceDoor } from './device-door.ts';
import type { DeviceProofs } from './dpop.ts';
import { createEntryServices } from './entry-services.ts';
import { FactorDoor } from './factor-door.ts';
import { Feed } from './feed.ts';
import { ForwardAuth } from './forward-auth.ts';
import { GatewayHouse } from './house.ts';
import { HouseRoster } from './house-roster.ts';
import { createIdentityServices, per } from './identity-services.ts';
import { Lists } from './lists.ts';
import { OverviewReads } from './overview.ts';
import { Pages } from './pages.ts';
import { isElsewhere, Presence } from './presence.ts';
import { createProxyServices, type ProxyServices } from './proxy-services.ts';
import type { PushBell } from './push-bell.ts';
import { createPushServices, pushSubject } from './push-services.ts';
import { pairUrl } from './remote-ready.ts';
import { ROUTES } from './routes.ts';
import type { Services } from './services.ts';
import { createTokenServices } from './token-services.ts';
import { uiPlace } from './ui-build.ts';
import { VERSION } from './version.ts';
import { Webhooks } from './webhooks.ts';

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
  readonly stage?: Stage;
}

export interface Composed {
  readonly app: App;
  readonly config: ConfigHouse;
  readonly core: CoreServices;
  readonly store: Store;
  readonly channels: Channels;
  readonly keys: PublicKeys;
  readonly proofs: DeviceProofs;
  readonly feed: Feed;
  /** Whose pages are open: the socket says. */
  readonly presence: Presence;
  readonly services: Services;
  readonly proxy: ProxyServices;
  readonly signer: Signer;
  readonly home: Home;
  readonly log: OpenLog;
  readonly agentDescribe: () => string;
  /** What time brings to the configuration, and to the keys of bearers: for the sweeper. */
  tidyConfig(): Promise<void>;
  /** For the sweeper: accesses that end soon. */
  tellRenewals(): Promise<void>;
  webchat(): PageChannel | null;
  close(): Promise<void>;
}

const KEYS: PublicKeys = { thumbprint, verifySignature };

/** @throws Problem `config_invalid`, `store_*`. */
export async function compose({ home: root, env, running, stage }: Options): Promise<Composed> {
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
  const feed = new Feed(random);
  const presence = new Presence();
  let bell: PushBell | null = null;
  const committed = (types: ReadonlySet<EventType>) => {
    feed.committed(types);
    bell?.committed(types);
  };
  const told = { clock, random, hasher, vault, home: root, committed };
  const store = await openStore(read.config.store.url.reveal(), told);

  const config = new ConfigHouse(place, read);
  const inForce = () => config.current;
  const memory = new AllowMemory({ store, clock });
  const roster = new HouseRoster({
    config: inForce,
    allowed: (channel, account) => memory.inForce(channel, account),
    traits: CHANNEL_TRAITS,
  });
  const writes = (channel: string) => roster.traits(channel)?.writesConfig === true;
  const allowFile = new ConfigAllowFile({
    place,
    store,
    clock,
    log,
    memory,
    writes,
    written: () => config.written(),
  });
  const counters = new Counters();
  const agent = per(
    () => config.current.agent,
    (settings) => counters.agent(createAgent(settings, { log })),
  );
  const port = () => running?.port() ?? config.current.gateway.port;
  const { installation } = store;
  const identity = createIdentityServices({
    installation,
    config: inForce,
    openSigning: () => openSigning({ folder: home.keys, clock }),
    openDirectory: (settings) => new HttpUsers({ clock, log, settings }),
  });
  const core = createCoreServices({
    identity,
    store,
    clock,
    random,
    hasher,
    log,
    roster,
    agent,
    allowFile,
    passwords: createPasswords(random),
    passkeys: createPasskeys(),
    approvals: {
      ...approvalHouse({
        ...{ home, place, config: inForce, host: installation },
        port: running === null ? null : port,
      }),
      elsewhere: (people) => isElsewhere(people, { presence, store, tokens: core.devices.tokens }),
    },
    running: () => channels.running(),
    pairUrl: () => pairUrl(config.current),
  });
  feed.listen(core.bus);
  const standing: ConstructorParameters<typeof WebChat>[0]['standing'] = (peer) =>
    chatStanding(store, peer, roster.policy(peer.channel, peer.account), clock.now());
  const proxy = createProxyServices({
    store,
    clock,
    random,
    hasher,
    log,
    counters,
    bus: core.bus,
    denials: core.denials,
    tokens: { authenticate: (presented) => served.door.authenticate(presented) },
    identities: core.identities,
    config: inForce,
    home: () => address(),
    denied: (...call) => services.denied(...call),
  });
  const files = new CredentialFiles({ home: root, vault, random });
  const { channels, channelsAdd, channelLogins } = createChannelServices({
    place,
    config,
    running: running !== null,
    store,
    clock,
    random,
    log,
    bus: core.bus,
    inbox: proxy.verifyLinks.inbox(counters.inbox(core.inbox)),
    credentials: (channel, account) => files.at(channel, account),
    ...(stage === undefined ? {} : { stage }),
    webchat: () => new WebChat({ transcripts: store.transcripts, clock, bus: core.bus, standing }),
  });
  const webhooks = new Webhooks({
    clock,
    running: () => channels.running(),
    refused: () => services.denied({ door: 'tcp' }, 'webhooks.receive', 'channel_signature_invalid'),
  });

  const people = core.directory;
  const lists = new AllowLists({
    store,
    clock,
    bus: core.bus,
    memory,
    file: allowFile,
    revoke: (peer, by) => core.pairings.revoke(peer, by),
  });
  const kept = auditHeadFile(home.keys);
  const heads = new AuditHeads({ store, clock, log, signer, keys: KEYS, kept });
  const audit = new AuditReads({ store, people, heads });
  const localHome = () => `http://localhost:${port()}`;
  const names = () => config.current.gateway;
  const pages = new Pages({ folder: uiPlace().folder, random, names, home: localHome });
  const { claim, proofs, login } = createEntryServices({
    ...{ store, clock, random, hasher, signer, keys: KEYS, core, names, home: localHome },
  });
  const house = new GatewayHouse({
    store,
    clock,
    config: inForce,
    home,
    openclaw: () => readOpenClaw(env),
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
    pending: () => config.pending(),
    allow: { owed: () => allowFile.owed(), listedButBlocked: () => lists.listedButBlocked() },
    stop: running === null ? null : () => running.stop(),
  });
  const { devices } = core;
  const address = () => config.current.gateway.publicUrl ?? localHome();
  const subject = () => pushSubject(config.current.gateway.publicUrl);
  const sender = createPushSender({ clock, subject, rules: { loopback: read.config.testEndpoints } });
  const held = async () => (await config.pending()).length;
  const push = createPushServices({ store, clock, random, log, devices, sender, held });
  // A call in this process is over before anybody could be told.
  if (running !== null) bell = push.bell;
  const factors = new FactorDoor({
    store,
    bus: core.bus,
    factors: core.factors,
    stepUp: core.stepUp,
    devices,
    recovery: core.recovery,
    running: running !== null,
    people,
    home: address,
  });
  const deviceDoor = new DeviceDoor({ store, clock, devices, people, address });
  const served = createTokenServices({
    store,
    clock,
    random,
    hasher,
    roster,
    core,
    identity,
    config: inForce,
  });
  const rows = new Lists({ store, clock, roster, people });
  const doors = createApprovalDoors({
    ...{ store, clock, random, hasher, log, core, identity, signer, heads, config: inForce },
    socket: home.agentSocket,
    openGrantSigner: () => openGrantKey(folder, log),
  });
  const services: Services = {
    clock,
    claim,
    login,
    house,
    overview: new OverviewReads({
      store,
      clock,
      house,
      lists: rows,
      approvals: doors.approvals,
      devices: deviceDoor,
      factors,
      config,
      channels,
    }),
    pairings: core.pairings,
    people,
    userMaps: core.userMaps,
    links: core.links,
    stepUp: core.stepUp,
    factors,
    devices: deviceDoor,
    push: push.door,
    lists: rows,
    revokeSession: core.revokeSession,
    channels,
    channelsAdd,
    channelLogins,
    config,
    configEdits: new ConfigEdits({ place, config, hasher, running: running !== null }),
    tokens: served.tokens,
    oauth: served.oauth,
    ingress: served.ingress,
    forwardAuth: new ForwardAuth({ bearers: served.oauth.bearers, header: () => identity.settings().header }),
    ...doors,
    audit,
    pages,
    webhooks,
    routes: () => ROUTES,
    findPairing: (search) => core.findPairing(search),
    peerOf: (text) => readPeerRef(text, { store, roster, findPairing: (search) => core.findPairing(search) }),
    denied: deniedCalls({ denials: core.denials, clock }),
  };
  try {
    const { bus } = core;
    const ownerHasFactor = () => core.factors.ownerHasFactor();
    await core.aliases.load();
    await config.begin({ store, clock, log, bus, lists, ownerHasFactor, running: running !== null });
  } catch (cause) {
    await store.close();
    throw cause;
  }
  const callers = { devices: proofs, tokens: served.door };
  const app = createApp({ services, routes: ROUTES, log, clock, random, counters, proofs: callers, names });
  return {
    app,
    config,
    core,
    store,
    channels,
    keys: KEYS,
    proofs,
    feed,
    presence,
    services,
    proxy,
    signer,
    home,
    log,
    agentDescribe: () => agent().describe,
    async tidyConfig() {
      identity.tidy();
      await config.tidy();
    },
    tellRenewals: () => renewalNotices({ store, clock, roster, bus: core.bus, allowFile }),
    webchat: () => channels.running().find((channel) => channel instanceof WebChat) ?? null,
    async close() {
      doors.approvals.close();
      doors.execHosts.close();
      await push.bell.stop();
      await proxy.close();
      await core.identities.written();
      config.close();
      await core.approvals.settled();
      await core.denials
        .flush(clock.now(), true)
        .catch(() => log.error('audit.failed', { event: 'denials.counted' }));
      await files.settled();
      await store.close();
      log.close();
    },
  };
}
