// XMPP passes what every channel has to pass.
import { describe, test } from 'vitest';
import { xmppHarness } from '../../testing/channel/xmpp-harness.ts';
import { channelConformance } from '../../testing/channel-conformance.ts';

channelConformance(xmppHarness, { describe, test });
