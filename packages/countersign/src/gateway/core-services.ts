// The services of core, wired once from their ports: for compose.ts, for the demo and for the tests' world. It decides
// nothing.
import type { Agent } from '../core/agent-port.ts';
import { Denials } from '../core/audit/denials.ts';
import { Bus } from '../core/bus.ts';
import type { Channel } from '../core/channel-port.ts';
import { Claim } from '../core/claim.ts';
import { Desk } from '../core/desk.ts';
import { Directory } from '../core/identity/directory.ts';
import { GroupInbox } from '../core/inbox.ts';
import { Dispatcher } from '../core/outbox.ts';
import { type Found, findPairing, type Search } from '../core/pairing/find.ts';
import { Pairings } from '../core/pairing/pairings.ts';
import { PairingRequests } from '../core/pairing/requests.ts';
import type { Clock, Hasher, Log, Random } from '../core/ports.ts';
import type { Roster } from '../core/roster.ts';
import type { Store } from '../core/store-port.ts';
import { Turns } from '../core/turns.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly log: Log;
  readonly roster: Roster;
  agent(): Agent;
  /** The channels that run now. */
  running(): readonly Channel[];
}

export interface CoreServices {
  readonly bus: Bus;
  readonly denials: Denials;
  readonly inbox: GroupInbox;
  readonly desk: Desk;
  readonly pairings: Pairings;
  readonly directory: Directory;
  readonly claim: Claim;
  readonly turns: Turns;
  readonly dispatcher: Dispatcher;
  findPairing(search: Search): Promise<Found>;
}

export function createCoreServices(ports: Ports): CoreServices {
  const { store, clock, random, hasher, log, roster, agent, running } = ports;
  const bus = new Bus();
  const denials = new Denials(store);
  const requests = new PairingRequests({ store, clock, random, hasher, roster, denials, bus });
  const desk = new Desk({ store, clock, random, roster, requests, bus });
  const route = (channel: string, account: string) =>
    running().find((one) => one.id === channel && one.account === account) ?? null;
  const turns = new Turns({
    store,
    clock,
    roster,
    bus,
    log,
    agent,
    deadline: (afterMs) => AbortSignal.timeout(afterMs),
    stream: ({ peer, conversation }, delta) => {
      route(peer.channel, peer.account)?.stream?.({ peer, conversation }, delta);
    },
  });
  const dispatcher = new Dispatcher({ store, clock, log, running, channel: route });
  bus.subscribe('turnWaiting', (session) => turns.kick(session));
  bus.subscribe('outboxPut', () => void dispatcher.dispatch());
  return {
    bus,
    denials,
    inbox: new GroupInbox({ store, clock, roster, desk, denials, bus, log }),
    desk,
    pairings: new Pairings({ store, clock, random, roster, bus }),
    directory: new Directory({ store, clock, random, roster, bus }),
    claim: new Claim({ store, clock, random, hasher, denials, bus }),
    turns,
    dispatcher,
    findPairing: (search) => findPairing(search, { store, clock, hasher, roster }),
  };
}
