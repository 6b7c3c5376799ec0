import { describe, test } from 'vitest';
import { telegramHarness, telegramWebhookHarness } from '../../testing/channel/telegram-harness.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(telegramHarness, { describe, test });
channelConformance(telegramWebhookHarness, { describe, test });
