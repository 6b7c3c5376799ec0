// What a linked device of WhatsApp can do: for everybody who asks, without the library.
import type { Traits } from '../../core/channel-port.ts';
import { WHATSAPP_PEER } from './wire.ts';

export const WHATSAPP_TRAITS: Traits = {
  // We hold the keys of a linked device, the server proves itself in the handshake, and each message is sealed to us by
  // the sender's own device. Who may use that device is the phone's matter.
  proof: 'own-session',
  assurance: 'medium',
  // Whoever has ever been met can be written to; a number that started too many chats is refused one by one.
  canInitiate: 'always',
  // WhatsApp shows buttons of companies only: a person's account that sends them reaches nobody.
  buttons: false,
  edits: true,
  deletes: true,
  maxText: 4_096,
  draws: true,
  peerIds: WHATSAPP_PEER,
  receipts: 'reported',
  streams: false,
  writesConfig: true,
};
