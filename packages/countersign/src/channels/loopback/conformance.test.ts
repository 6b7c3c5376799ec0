import { describe, test } from 'vitest';
import { buttonsHarness, loopbackHarness } from '../../testing/channel/loopback.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(loopbackHarness, { describe, test });
channelConformance(buttonsHarness, { describe, test });
