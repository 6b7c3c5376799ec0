// Every channel that is here, on its stage. What the hostile cases demand they demand of each of these: a new channel
// inherits all of it by being written into this list.
import { cloudHarness, cloudScopedHarness } from './cloud-harness.ts';
import type { ChannelHarness } from './harness.ts';
import { buttonsHarness, loopbackHarness } from './loopback.ts';
import { telegramHarness, telegramWebhookHarness } from './telegram-harness.ts';
import { twilioSmsHarness, twilioWhatsAppHarness } from './twilio-harness.ts';
import { webchatHarness } from './webchat.ts';
import { whatsappHarness } from './whatsapp-harness.ts';
import { xmppHarness } from './xmpp-harness.ts';

/** Long suites are a file for each of these, so that they run side by side. */
export const GROUPS = {
  ours: [loopbackHarness, buttonsHarness, webchatHarness],
  telegram: [telegramHarness, telegramWebhookHarness],
  webhooks: [cloudHarness, cloudScopedHarness, twilioSmsHarness, twilioWhatsAppHarness],
  sessions: [whatsappHarness, xmppHarness],
} as const satisfies Readonly<Record<string, readonly ChannelHarness[]>>;

export const HARNESSES: readonly ChannelHarness[] = Object.values(GROUPS).flat();
