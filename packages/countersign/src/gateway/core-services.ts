// The services of core, wired once from their ports: for compose.ts, for the demo and for the tests' world. It decides
// nothing.
import type { PrincipalId, SessionId } from '@countersign/protocol/ids';
import type { Agent } from '../core/agent-port.ts';
import { Approvals } from '../core/approval/approvals.ts';
import { ApprovalCards } from '../core/approval/cards.ts';
import { ElevationBook } from '../core/approval/elevations.ts';
import { PolicyBook } from '../core/approval/policies.ts';
import type { RiskFacts } from '../core/approval/service.ts';
import { Denials } from '../core/audit/denials.ts';
import type { Actor } from '../core/audit/event.ts';
import { Bus } from '../core/bus.ts';
import { loginChats } from '../core/challenge/chats.ts';
import { LoginCodes } from '../core/challenge/codes.ts';
import { Login } from '../core/challenge/login.ts';
import { NextRoute } from '../core/challenge/next-route.ts';
import type { Channel } from '../core/channel-port.ts';
import { Claim } from '../core/claim.ts';
import { Control } from '../core/control/control.ts';
import { Desk } from '../core/desk.ts';
import { Devices } from '../core/device/devices.ts';
import { Factors } from '../core/factor/factors.ts';
import type { Passkeys, Passwords } from '../core/factor/ports.ts';
import { HostRecovery } from '../core/factor/recover.ts';
import { StepUp } from '../core/factor/step-up.ts';
import { AliasBook, withAliases } from '../core/identity/aliases.ts';
import { Directory } from '../core/identity/directory.ts';
import { Links } from '../core/identity/links.ts';
import { GroupInbox } from '../core/inbox.ts';
import type { Session } from '../core/message.ts';
import { Dispatcher } from '../core/outbox.ts';
import type { AllowFile } from '../core/pairing/allow-port.ts';
import { type Found, findPairing, type Search } from '../core/pairing/find.ts';
import { Pairings } from '../core/pairing/pairings.ts';
import { PairingRequests } from '../core/pairing/requests.ts';
import type { Clock, Hasher, Log, Random } from '../core/ports.ts';
import type { Roster } from '../core/roster.ts';
import type { BearerSettings, BearerSigner, Users } from '../core/session/bearer-port.ts';
import { Bearers } from '../core/session/bearers.ts';
import { Front } from '../core/session/front.ts';
import { SessionIdentities } from '../core/session/identities.ts';
import type { Identities } from '../core/session/identity.ts';
import { MintLog } from '../core/session/mint-log.ts';
import { type Revoked, revokeSession } from '../core/session/revoke.ts';
import { UserMaps } from '../core/session/user-maps.ts';
import type { Store } from '../core/store-port.ts';
import { Turns } from '../core/turns.ts';
import type { ApprovalRules } from './risk-facts.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly log: Log;
  readonly roster: Roster;
  readonly allowFile: AllowFile;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
  /** How people are named to the agent's tools. */
  readonly identity: { readonly signer: BearerSigner; readonly users: Users; settings(): BearerSettings };
  /** What the house is to the judging of actions, and whom its configuration names. */
  readonly approvals: {
    readonly facts: RiskFacts;
    settings(): ApprovalRules;
    /** Whether one of them has a page open, or a browser that is told; left out: nobody has. */
    elsewhere?(people: readonly PrincipalId[]): Promise<boolean>;
  };
  agent(): Agent;
  /** The channels that run now. */
  running(): readonly Channel[];
  /** The public https address; null while there is none. */
  pairUrl(): string | null;
}

export interface CoreServices {
  readonly bus: Bus;
  readonly denials: Denials;
  readonly aliases: AliasBook;
  readonly inbox: GroupInbox;
  readonly desk: Desk;
  readonly control: Control;
  readonly login: Login;
  readonly requests: PairingRequests;
  readonly pairings: Pairings;
  readonly directory: Directory;
  readonly links: Links;
  readonly claim: Claim;
  readonly devices: Devices;
  readonly factors: Factors;
  readonly recovery: HostRecovery;
  readonly stepUp: StepUp;
  readonly identities: Identities;
  readonly userMaps: UserMaps;
  readonly turns: Turns;
  readonly dispatcher: Dispatcher;
  readonly approvals: Approvals;
  readonly approvalCards: ApprovalCards;
  readonly policies: PolicyBook;
  readonly elevations: ElevationBook;
  findPairing(search: Search): Promise<Found>;
  /** @throws Problem `state_conflict`. */
  revokeSession(session: Session, by: Actor): Promise<Revoked>;
}

export function createCoreServices(ports: Ports): CoreServices {
  const { store, clock, random, hasher, log, agent, running, allowFile, passwords, passkeys } = ports;
  const bus = new Bus();
  const aliases = new AliasBook({ store, clock, roster: ports.roster, bus, allowFile });
  const roster = withAliases(ports.roster, aliases);
  const codes = new LoginCodes();
  const denials = new Denials(store);
  const requests = new PairingRequests({ store, clock, random, hasher, roster, denials, bus });
  const pairings = new Pairings({ store, clock, random, roster, bus, allowFile });
  const find = (search: Search) => findPairing(search, { store, clock, hasher, roster });
  const route = (channel: string, account: string) =>
    running().find((one) => one.id === channel && one.account === account) ?? null;
  const devices = new Devices({ store, clock, random, hasher, bus, denials });
  const login = new Login({
    store,
    clock,
    random,
    hasher,
    roster,
    bus,
    denials,
    codes,
    devices,
    aliases,
    running,
  });
  const nextRoute = new NextRoute({
    store,
    clock,
    random,
    hasher,
    bus,
    codes,
    chatsOf: (principal, now) => loginChats(store, now, principal, { roster, running }),
  });
  const directory = new Directory({ store, clock, random, roster, bus, allowFile });
  const factors = new Factors({ store, clock, random, hasher, denials, bus, passwords, passkeys });
  const recovery = new HostRecovery({ store, clock, random, bus });
  const { facts, settings: approvalRules, elsewhere } = ports.approvals;
  const approvalCards: ApprovalCards = new ApprovalCards({
    ...{ store, clock, random, hasher, bus, roster },
    settings: approvalRules,
    page: () => ports.pairUrl(),
    elsewhere: elsewhere ?? (async () => false),
    approvals: () => approvals,
  });
  const judging = { store, clock, bus, telling: () => approvalCards, facts, settings: approvalRules };
  const deadline = (afterMs: number) => AbortSignal.timeout(afterMs);
  const approvals: Approvals = new Approvals({
    ...{ ...judging, random, hasher, log, denials, factors, deadline },
  });
  const policies = new PolicyBook(judging);
  const elevations = new ElevationBook({ store, clock, random, bus, log, denials, factors });
  const control = new Control({
    store,
    clock,
    hasher,
    roster,
    denials,
    bus,
    pairings,
    devices,
    login,
    recovery,
    approvals,
    approvalCards,
    elevations,
    factors,
    pairUrl: () => ports.pairUrl(),
    findPairing: find,
    channel: route,
  });
  const desk = new Desk({ store, clock, random, roster, requests, control, bus, log });
  const { signer, users, settings } = ports.identity;
  const mints = new MintLog(store, log);
  const bearers = new Bearers({ clock, random, hasher, signer, users, log: mints, settings });
  const identities = new SessionIdentities({ store, clock, hasher, roster, bearers, settings });
  const front = new Front({ identities, settings });
  const turns = new Turns({
    store,
    clock,
    roster,
    bus,
    log,
    agent,
    front: (turn) => front.of(turn),
    deadline,
    stream: ({ peer, conversation }, delta) => {
      route(peer.channel, peer.account)?.stream?.({ peer, conversation }, delta);
    },
  });
  const dispatcher = new Dispatcher({
    store,
    clock,
    log,
    roster,
    codes,
    aliases,
    running,
    channel: route,
    cardFailed: async (card) => {
      await nextRoute.take(card);
      await approvalCards.failed(card);
    },
  });
  bus.subscribe('bearerEnded', (jti) => bearers.end(jti));
  bus.subscribe('turnWaiting', (session) => turns.kick(session));
  bus.subscribe('outboxPut', () => void dispatcher.dispatch());
  return {
    bus,
    denials,
    aliases,
    inbox: new GroupInbox({ store, clock, roster, desk, denials, bus, log, aliases, dispatcher }),
    desk,
    control,
    login,
    requests,
    pairings,
    directory,
    devices,
    factors,
    recovery,
    stepUp: new StepUp({ store, clock, factors, people: directory }),
    links: new Links({ store, clock, random, hasher, roster, denials, bus, allowFile }),
    claim: new Claim({ store, clock, random, hasher, denials, bus, devices }),
    identities,
    userMaps: new UserMaps({ store, clock, bus, directory }),
    turns,
    dispatcher,
    approvals,
    approvalCards,
    policies,
    elevations,
    findPairing: find,
    revokeSession: (session, by) => {
      const stopAsking = (id: SessionId) => {
        turns.end(id);
        identities.forget(id);
      };
      return revokeSession(session, by, { store, clock, bus, stopAsking });
    },
  };
}
