import { describe, test } from 'vitest';
import { whatsappHarness } from '../../testing/channel/whatsapp-harness.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(whatsappHarness, { describe, test });
