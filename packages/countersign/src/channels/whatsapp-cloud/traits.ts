// What WhatsApp through Meta's cloud interface can do. Apart from the channel, so that whoever has none loads none.
import type { Traits } from '../../core/channel-port.ts';

/** A phone number, or the id that Meta gives a person towards one business; it outlives names and is `CC.` and letters or
 * digits. The id of a group has another form (H07). */
export const CLOUD_PEER = /^(?:\+[1-9]\d{6,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128})$/;

export const WHATSAPP_CLOUD_TRAITS: Traits = {
  proof: 'signed-webhook',
  assurance: 'medium',
  // Free words for 24 hours after somebody wrote; later only what Meta has approved as a template.
  canInitiate: 'template',
  buttons: true,
  edits: false,
  deletes: false,
  maxText: 4_096,
  draws: true,
  peerIds: CLOUD_PEER,
  receipts: 'reported',
  streams: false,
  writesConfig: true,
};
