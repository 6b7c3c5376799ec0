// `countersign/channel`: what a channel is, for whoever writes one, and the suite that proves it. Importing it loads no
// test runner and no store; docs/channels/writing-a-channel.md tells the rest.

export { Problem, type ProblemCode } from '@countersign/protocol/problem';
export type {
  Address,
  Channel,
  ChannelStatus,
  Delivery,
  Delta,
  Inbox,
  Outbound,
  Traits,
} from './core/channel-port.ts';
export { type Assurance, type Native, type Peer, parseNative, peerKey } from './core/identity/peer.ts';
export type { Accepted, Arrival, Conversation, Inbound, Press } from './core/message.ts';
export type { Button, OutboundKind } from './core/outbound.ts';
export type { Clock, Log, Millis, Random } from './core/ports.ts';
export {
  EVENT_KINDS,
  EVENTS,
  type EventKind,
  FORGERIES,
  type Forgery,
  type TestEvent,
} from './testing/channel/events.ts';
export type { VendorFailure } from './testing/channel/failures.ts';
export {
  type Ability,
  type Answer,
  type ChannelBench,
  type ChannelHarness,
  NOT_HERE,
  type Place,
  type Shown,
  type StagePorts,
} from './testing/channel/harness.ts';
export type { Runner } from './testing/channel/runner.ts';
export { channelConformance } from './testing/channel-conformance.ts';
