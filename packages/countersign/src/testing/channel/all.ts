// Every channel that is here, on its stage. What the hostile cases demand they demand of each of these: a new channel
// inherits all of it by being written into this list.
import type { ChannelHarness } from './harness.ts';
import { buttonsHarness, loopbackHarness } from './loopback.ts';
import { telegramHarness, telegramWebhookHarness } from './telegram-harness.ts';
import { webchatHarness } from './webchat.ts';

export const HARNESSES: readonly ChannelHarness[] = [
  loopbackHarness,
  buttonsHarness,
  webchatHarness,
  telegramHarness,
  telegramWebhookHarness,
];
