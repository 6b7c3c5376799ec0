// Notifications in a browser, wired: what waits is read from the same places that lists read it from.

import type { PrincipalId } from '@countersign/protocol/ids';
import type { Devices } from '../core/device/devices.ts';
import type { DeviceTokenDesk } from '../core/device/tokens.ts';
import type { Clock, Log, Random } from '../core/ports.ts';
import { commonChannel, type Notice, type NoticeKind } from '../core/push/notice.ts';
import type { PushSender } from '../core/push/push-port.ts';
import { Pushes } from '../core/push/pushes.ts';
import type { Store } from '../core/store-port.ts';
import { type BellPace, PushBell } from './push-bell.ts';
import { PushDoor } from './push-door.ts';

/** Of a crowd at the door a few tell on which channels it stands. */
const LOOKED_AT = 50;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sender: PushSender;
  readonly devices: Pick<Devices, 'waiting'> & { readonly tokens: Pick<DeviceTokenDesk, 'live'> };
  /** How much of the configuration waits to be accepted. */
  readonly held: () => Promise<number>;
  readonly pace?: BellPace;
}

export interface PushServices {
  readonly door: PushDoor;
  readonly bell: PushBell;
  readonly pushes: Pushes;
}

/**
 * RFC 8292 2.1: whom a push service may write to. Apple's takes a name that resolves and refuses any other, so that
 * its browsers are told only where the gateway has a public address.
 */
export function pushSubject(publicUrl: string | null): string {
  return publicUrl?.startsWith('https:') === true ? publicUrl : 'mailto:owner@countersign.invalid';
}

export function createPushServices({
  store,
  clock,
  random,
  log,
  sender,
  devices,
  held,
  pace,
}: Ports): PushServices {
  const waiting = async (kind: NoticeKind, person: PrincipalId): Promise<Notice | null> => {
    const nothing = { kind, channel: null };
    switch (kind) {
      case 'pairing': {
        const rows = await store.pairings.list({ states: ['pending'], limit: LOOKED_AT });
        const now = clock.now();
        const channels = rows.filter(({ expiresAt }) => expiresAt > now).map(({ peer }) => peer.channel);
        return channels.length === 0 ? null : { kind, channel: commonChannel(channels) };
      }
      case 'device':
        return (await devices.waiting({ limit: 1 })).length === 0 ? null : nothing;
      case 'config':
        return (await held()) === 0 ? null : nothing;
      case 'approval': {
        const rows = await store.approvals.briefs({ states: ['pending'], limit: LOOKED_AT });
        // Whoever asked is told by nobody to decide it.
        const theirs = rows.filter(
          ({ expiresAt, need }) => expiresAt > clock.now() && need?.people.includes(person) === true,
        );
        return theirs.length === 0 ? null : nothing;
      }
      case 'recovery':
      case 'test':
        return nothing;
      default:
        return kind satisfies never;
    }
  };
  const pushes = new Pushes({ store, clock, random, log, sender, tokens: devices.tokens, waiting });
  const more = pace === undefined ? {} : { pace };
  return {
    pushes,
    door: new PushDoor({ store, pushes }),
    bell: new PushBell({ pushes, clock, log, ...more }),
  };
}
