// What Telegram can do, through a bot. Apart from the channel, so that whoever has none loads none.
import type { Traits } from '../../core/channel-port.ts';

/** A person's id. Groups and channels have negative ones, so none fits (H07). */
export const TELEGRAM_PEER = /^[1-9]\d{0,15}$/;

export const TELEGRAM_TRAITS: Traits = {
  // We log in with the bot's own token and ask. By webhook it is a shared secret in a header over TLS, which is weaker
  // against whoever ends the TLS, and no better than our own session: assurance stays what it is.
  proof: 'own-session',
  assurance: 'medium',
  // Whoever has written to a bot can be written to at any time, without a window or a template, until they block it;
  // somebody who never has is refused by Telegram, one by one (`channel_cannot_initiate`).
  canInitiate: 'always',
  buttons: true,
  edits: true,
  deletes: true,
  maxText: 4_096,
  peerIds: TELEGRAM_PEER,
  receipts: 'sent',
  streams: false,
  writesConfig: true,
};
