// The rows of demand.md about pairing, as sentences of behaviour, for one channel: any channel. A new one inherits all of
// them by standing in channel/all.ts.

// Rows that are proven elsewhere, or not at all yet, and why:
//   P-02  an older store is moved         the OpenClaw import, an issue of its own
//   P-13  every printed command exists    gateway/doctor.test.ts, cli/run.test.ts: no channel prints commands of its own
//   P-14  health is green, nothing comes  the conformance suite: lastInboundAt moves with a message, "retrying" is said
//   P-15  a stale process erases a yes    store/two-processes.test.ts: below the channels
//   H08   an unresolved LID               WhatsApp, with its channel
//   H11   a context field is missing      core/admission.test.ts (kind "unknown"); the conformance suite demands the fields
//   H14   a legacy list merged everywhere the OpenClaw import
//   H22   two accounts on one path        the conformance suite and H17 here, where a delivery can be forged
//   H57   deny, deny, approve is flagged  approvals of actions: people are asked once, and a no is quiet for a while

import { describe } from 'vitest';
import type { ChannelHarness } from '../channel/harness.ts';
import { entrances } from './entrances.ts';
import { etiquette } from './etiquette.ts';
import { whoSpeaks } from './who-speaks.ts';

export function pairingCases(harness: ChannelHarness): void {
  describe(`pairing, on ${harness.name}`, () => {
    whoSpeaks(harness);
    entrances(harness);
    etiquette(harness);
  });
}
