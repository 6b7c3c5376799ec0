// A message as a channel hands it over: plain words of one person, directly; everything else is said.
import type { Peer } from '../core/identity/peer.ts';
import type { Inbound } from '../core/message.ts';

export function inboundFrom(peer: Peer, more: Partial<Inbound> = {}): Inbound {
  return {
    peer,
    assurance: 'medium',
    actor: 'human',
    conversation: { kind: 'direct', id: peer.native },
    messageId: '1',
    kind: 'text',
    text: 'hello',
    sentAt: null,
    arrived: 'live',
    forwarded: false,
    quoted: false,
    press: null,
    mentioned: true,
    displayName: null,
    username: null,
    address: null,
    ...more,
  };
}
