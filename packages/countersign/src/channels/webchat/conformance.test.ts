import { describe, test } from 'vitest';
import { webchatHarness } from '../../testing/channel/webchat.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(webchatHarness, { describe, test });
