// What a notification says: that something of a kind waits, and on which channel. Never who, never a code, an id or a
// number: it is read on locked screens. It is a hint and no message: nothing is decided on it and nothing is lost with it.
import type { EventType } from '../audit/event.ts';
import { authorise, type Caller, type Verb } from '../authorise.ts';

export type NoticeKind = 'pairing' | 'device' | 'recovery' | 'config' | 'approval' | 'test';

export interface Notice {
  readonly kind: NoticeKind;
  /** The kind of transport; null for none, or for several. */
  readonly channel: string | null;
}

/** Which event begins a wait. */
const OF_EVENT: Readonly<Partial<Record<EventType, NoticeKind>>> = {
  'pairing.requested': 'pairing',
  'device.requested': 'device',
  'recovery.announced': 'recovery',
  'config.held': 'config',
  'allow_list.held': 'config',
  'approval.requested': 'approval',
};

/** By which verb it ends. */
const DECIDED_BY: Readonly<Record<NoticeKind, Verb>> = {
  pairing: 'pairing.approve',
  device: 'devices.approve',
  recovery: 'host.recover_stop',
  config: 'config.accept',
  approval: 'approvals.approve',
  test: 'push.test',
};

/** What the events of a commit give somebody to decide. */
export function kindsOf(types: Iterable<EventType>): ReadonlySet<NoticeKind> {
  const kinds = new Set<NoticeKind>();
  for (const type of types) {
    const kind = OF_EVENT[type];
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}

/** The channel of all of them; null where they are of several, or there is none. */
export function commonChannel(channels: readonly string[]): string | null {
  const [first = null, ...others] = new Set(channels);
  return others.length === 0 ? first : null;
}

/** True when whoever holds it could decide that now, with a proof of a factor where the table asks for one. */
export function mayDecide(caller: Extract<Caller, { door: 'device' }>, kind: NoticeKind): boolean {
  const house = { owned: true, ownerHasFactor: true, freshFactor: false };
  return authorise(caller, DECIDED_BY[kind], house).outcome !== 'deny';
}
