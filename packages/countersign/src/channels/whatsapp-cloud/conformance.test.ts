import { describe, test } from 'vitest';
import { cloudHarness, cloudScopedHarness } from '../../testing/channel/cloud-harness.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(cloudHarness, { describe, test });
channelConformance(cloudScopedHarness, { describe, test });
