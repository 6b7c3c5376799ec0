// The same once more, for people whose LID nobody knows: one real handshake for each case.
import { describe, test } from 'vitest';
import { whatsappPhoneHarness } from '../../testing/channel/whatsapp-harness.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(whatsappPhoneHarness, { describe, test });
