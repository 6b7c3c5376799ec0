// Session keys name an agent's context. A key is something to look up, never a source of identity: runtimes lower-case
// its parts and native ids may hold colons, so nothing here is ever parsed back into a peer.
import type { Peer } from '../identity/peer.ts';
import type { Conversation } from '../message.ts';

export type DmScope = 'main' | 'per-peer' | 'per-channel-peer' | 'per-account-channel-peer';

export interface SessionKey {
  readonly key: string;
  /** A key only one person may hold. In groups the binding is per (key, person), so two may share the key. */
  readonly exclusive: boolean;
}

interface Where {
  readonly agent: string;
  readonly dmScope: DmScope;
  /** session.allowShared: several people may speak on one direct key, and nobody gets a bearer there. */
  readonly allowShared: boolean;
}

/** Builds the key of a message. Agent ids, channels and accounts hold no colon (checked by the configuration). */
export function sessionKey(peer: Peer, conversation: Conversation, where: Where): SessionKey {
  const { agent } = where;
  if (conversation.kind !== 'direct') {
    return {
      key: `agent:${agent}:${peer.channel}:${peer.account}:group:${conversation.id}`,
      exclusive: false,
    };
  }
  return { key: directKey(peer, where), exclusive: !where.allowShared };
}

function directKey(peer: Peer, { agent, dmScope }: Where): string {
  switch (dmScope) {
    case 'main':
      return `agent:${agent}:main`;
    case 'per-peer':
      return `agent:${agent}:direct:${peer.native}`;
    case 'per-channel-peer':
      return `agent:${agent}:${peer.channel}:direct:${peer.native}`;
    case 'per-account-channel-peer':
      return `agent:${agent}:${peer.channel}:${peer.account}:direct:${peer.native}`;
    default:
      return dmScope satisfies never;
  }
}

/** The word `dm` in its own place: an id that holds `:dm:` is left alone, or two people would be found as one. */
const OLDER_FORM = /^(agent:[^:]*(?::(?!(?:direct|dm|group):)[^:]*){0,2}):dm:/;

/** As stored keys are compared: older installs wrote `dm`, runtimes lower-case. */
export function comparableKey(key: string): string {
  return key.toLowerCase().replace(OLDER_FORM, '$1:direct:');
}
