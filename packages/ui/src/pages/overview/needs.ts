// A need as a card shows it: what it is, what it means, where it is decided. Pure.
import type { Need } from '@countersign/protocol/overview';
import { href } from '../../app/router.ts';
import type { IconName } from '../../parts/Icon.tsx';
import type { Text } from '../../text/say.ts';
import { keyOf, titleOf } from '../channels/words.ts';

type Says = Text['overview']['needs'];

export interface Card {
  /** One need, however often it is read. */
  readonly key: string;
  readonly icon: IconName;
  readonly title: string;
  /** Null where the gateway's own words say it. */
  readonly does: string | null;
  /** Null where nothing on these pages decides it. */
  readonly action: { readonly href: string; readonly label: string; readonly name: string } | null;
}

/** Who works elevated stands above every page, with the way to end it: once is enough. */
export const isHere = (need: Need): boolean => need.kind !== 'check' || need.check.name !== 'elevation';

export function cardOf(need: Need, says: Says, channels: Text['channels']): Card {
  switch (need.kind) {
    case 'pairing': {
      const { id, state } = need.pairing;
      const { title, waiting, does, action, actionOf } = says.pairing;
      return {
        key: id,
        icon: 'door',
        title: state === 'waiting' ? waiting : title,
        does,
        action: { href: href('pairings', { open: id }), label: action, name: actionOf(id) },
      };
    }
    case 'approval': {
      const { id, short } = need.approval;
      const { title, does, action, actionOf } = says.approval;
      return {
        key: id,
        icon: 'ask',
        title,
        does,
        action: { href: href('approvals', { open: id }), label: action, name: actionOf(short) },
      };
    }
    case 'device': {
      const { id } = need.device;
      const { title, does, action, actionOf } = says.device;
      return {
        key: id,
        icon: 'device',
        title,
        does,
        action: { href: href('devices', { open: id }), label: action, name: actionOf(id) },
      };
    }
    case 'recovery': {
      const { id } = need.recovery;
      const { title, does, action, actionOf } = says.recovery;
      return {
        key: id,
        icon: 'warn',
        title,
        does,
        action: { href: href('factors'), label: action, name: actionOf(id) },
      };
    }
    case 'config': {
      const { path, why, gone = [] } = need.change;
      const { guarded, removal, does, doesRemoval, action, actionOf } = says.config;
      return {
        key: `config ${path}`,
        icon: 'gear',
        title: why === 'guarded' ? guarded : removal,
        does: why === 'guarded' ? does : doesRemoval(gone.length),
        action: { href: href('settings', { at: path }), label: action, name: actionOf(path) },
      };
    }
    case 'channel': {
      const { state } = need.channel;
      const name = titleOf(need.channel, channels);
      const { retrying, failed, does, action, actionOf } = says.channel;
      return {
        key: `channel ${keyOf(need.channel)}`,
        icon: 'channel',
        title: state === 'failed' ? failed(name) : retrying(name),
        does,
        action: {
          href: href('channels', { open: keyOf(need.channel) }),
          label: action,
          name: actionOf(name),
        },
      };
    }
    case 'check': {
      const { level, name, message } = need.check;
      return {
        key: `check ${name} ${message}`,
        icon: 'warn',
        title: level === 'error' ? says.check.error : says.check.warning,
        does: null,
        action: null,
      };
    }
    default:
      return need satisfies never;
  }
}
