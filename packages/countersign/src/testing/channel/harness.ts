// What the author of a channel writes to have it proven: a stage with the real adapter on it and the platform played, by
// a server on loopback or by plain calls. The suites hold the script; the harness knows how this platform says the lines.
// What a platform does not have is stated with its reason and printed by the suite: nothing is skipped in silence.

import type { Channel, Traits } from '../../core/channel-port.ts';
import type { Native, Peer } from '../../core/identity/peer.ts';
import type { Clock, Random } from '../../core/ports.ts';
import type { EventKind, Forgery, TestEvent } from './events.ts';
import type { VendorFailure } from './failures.ts';

/** What a stage can do besides carrying events. */
export type Ability =
  /** More than one account of ours on this channel. */
  | 'accounts'
  /** A connection of its own, that can be lost: `disconnect` and `reconnect`. */
  | 'connection'
  /** Senders who call themselves something. */
  | 'names'
  /** Sends that fail the way the vendor fails: `failNext`. */
  | 'failures'
  /** A live check of the login. */
  | 'probe';

export interface ChannelHarness {
  /** For people: `telegram, by webhook`. */
  readonly name: string;
  /** The channel's id: `telegram`. */
  readonly channel: string;
  readonly traits: Traits;
  /** What this platform does not have, each with the reason. What is not named here is tried. */
  readonly lacks: Readonly<Partial<Record<EventKind | Forgery | Ability, string>>>;
  /** The native id of the test person of that name (lower-case letters, digits): always the same one, on every account. */
  native(name: string): Native;
  /** The id of a group, of whatever it is that can look like a sender on this channel: it must not fit `peerIds` (H07). */
  readonly groupIds: readonly string[];
  open(ports: StagePorts): Promise<ChannelBench>;
}

export interface StagePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
}

/** What the platform saw of its delivery: taken, or to be delivered again (or refused for good). */
export type Answer = 'acknowledged' | 'refused';

/** A message of ours, as the person sees it now. */
export interface Shown {
  /** The platform's name of it: what `send` returned as `ref`, where the channel has one. */
  readonly ref: string;
  readonly text: string;
  /** Labels, in the order they are shown. */
  readonly buttons: readonly string[];
  readonly edited: boolean;
  readonly removed: boolean;
}

/** A chat of the person: the direct one, or one of the test group. */
export type Place = 'direct' | 'group' | 'thread';

/** One account of ours, wired to its platform, not yet started. Disposing closes the platform; the suite aborts the
 * channel's own signal before that. */
export interface ChannelBench extends AsyncDisposable {
  readonly channel: Channel;
  peer(name: string): Peer;
  /** Delivers as the platform would, and resolves when the platform has seen the answer. While the answer is owed the
   * promise is pending. A platform that delivers again by itself resolves when it was taken at last. */
  deliver(event: TestEvent): Promise<Answer>;
  /** Delivers what must not be believed. */
  forge(event: TestEvent, how: Forgery): Promise<Answer>;
  /** What we said there, oldest first, as it looks now; removed messages stay, marked. */
  shown(name: string, place?: Place): Promise<readonly Shown[]>;
  /** How often we made the platform do something that anybody could see: messages, changes, answers to presses. */
  visible(): Promise<number>;
  /** A person presses a button of a shown message. `as` is somebody who sees another's message, or plays it back. */
  press(message: Shown, label: string, as: string): Promise<Answer>;
  /** What that person was told in answer to their presses. */
  told(name: string): Promise<readonly string[]>;
  /** The next sends fail like that, and then no more. `rate_limited` asks for three seconds. */
  failNext(how: VendorFailure, times: number): void;
  /** The connection breaks. What happens meanwhile waits at the platform. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
  /** Resolves when the adapter's `status().state` is one of these, however it gets there. */
  until(...states: ReturnType<Channel['status']>['state'][]): Promise<void>;
}

/** The parts of a stage that need what the platform lacks. Spread it first, then write those that it has. */
export const NOT_HERE = {
  forge: () => Promise.reject(new Error('this proof cannot be forged here')),
  press: () => Promise.reject(new Error('there are no buttons here')),
  told: () => Promise.resolve([]),
  failNext: () => {
    throw new Error('sends do not fail here');
  },
  disconnect: () => Promise.reject(new Error('there is no connection here')),
  reconnect: () => Promise.reject(new Error('there is no connection here')),
  until: () => Promise.resolve(),
} as const satisfies Partial<ChannelBench>;
