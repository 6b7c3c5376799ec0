import { describe, test } from 'vitest';
import { twilioSmsHarness, twilioWhatsAppHarness } from '../../testing/channel/twilio-harness.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(twilioSmsHarness, { describe, test });
channelConformance(twilioWhatsAppHarness, { describe, test });
