// What Twilio can do, by SMS and by WhatsApp. Apart from the channel, so that whoever has none loads none.
import type { Traits } from '../../core/channel-port.ts';

const SMS = /^\+[1-9]\d{6,14}$/;
const WHATSAPP = /^whatsapp:\+[1-9]\d{6,14}$/;

/** `whatsapp:+1…` and `+1…` are two people until somebody links them: one is vouched for by WhatsApp, the other by nobody
 * but the phone network. */
export const TWILIO_TRAITS: Traits = {
  proof: 'signed-webhook',
  assurance: 'medium',
  // A number in an SMS can be forged by its sender and moved to another SIM: it never approves.
  carrierIds: SMS,
  canInitiate: 'template',
  buttons: false,
  edits: false,
  deletes: false,
  maxText: 1_600,
  // By WhatsApp; by SMS nobody says yes.
  draws: true,
  peerIds: /^(?:whatsapp:)?\+[1-9]\d{6,14}$/,
  receipts: 'reported',
  streams: false,
  writesConfig: true,
};

/** The same, for an account whose own number is on the phone network. */
export const TWILIO_SMS_TRAITS: Traits = {
  ...TWILIO_TRAITS,
  assurance: 'low',
  canInitiate: 'always',
  peerIds: SMS,
};

export const TWILIO_WHATSAPP_TRAITS: Traits = { ...TWILIO_TRAITS, peerIds: WHATSAPP };

export type Way = 'sms' | 'whatsapp';

/** What an account is, by its own number. */
export function wayOf(from: string): Way | null {
  return SMS.test(from) ? 'sms' : WHATSAPP.test(from) ? 'whatsapp' : null;
}
