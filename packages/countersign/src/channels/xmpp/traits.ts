// What an account on an XMPP server can do. Apart from the channel, so that whoever has none loads none.
import type { Traits } from '../../core/channel-port.ts';
import { XMPP_PEER } from './wire.ts';

export const XMPP_TRAITS: Traits = {
  // We log in to our own server over TLS, and it stamps every sender (RFC 6120 8.1.2).
  proof: 'own-session',
  assurance: 'medium',
  canInitiate: 'always',
  buttons: false,
  // XEP-0308. Whoever's program does not know it sees the new words below the old ones.
  edits: true,
  deletes: false,
  maxText: 4_096,
  peerIds: XMPP_PEER,
  // Our server has taken it; who bounces it, or says that it has arrived, says so later.
  receipts: 'reported',
  streams: false,
  writesConfig: true,
};
