// One suite, every channel: what a stranger's adapter has to show before core believes a word of it. Loopback, web chat
// and every messenger pass the same one; a platform that lacks something says so in the list of passed tests.

import assert from 'node:assert/strict';
import type { ChannelHarness } from './channel/harness.ts';
import { inboundSuite } from './channel/inbound-suite.ts';
import { outboundSuite } from './channel/outbound-suite.ts';
import { has, lacking } from './channel/rig.ts';
import { roadSuite } from './channel/road-suite.ts';
import type { Runner } from './channel/runner.ts';

export function channelConformance(harness: ChannelHarness, runner: Runner): void {
  const { describe, test } = runner;
  describe(`channel: ${harness.name}`, () => {
    describe('stated', () => {
      for (const [what, reason] of lacking(harness)) {
        test(`has no "${what}": ${reason}`, () =>
          assert.ok(reason.trim().length > 10, 'a reason is a sentence'));
      }
      test('what is lacking agrees with the traits', () => {
        const { traits } = harness;
        assert.equal(has(harness, 'press'), traits.buttons);
        assert.ok(has(harness, 'text') && has(harness, 'empty'), 'people write');
        // A proof that cannot be seen to fail proves nothing (H17).
        if (traits.proof === 'signed-webhook')
          assert.ok(has(harness, 'unsigned') && has(harness, 'wrong-secret'));
        assert.notEqual(traits.proof, 'none', 'a sender proven by nothing is nobody');
      });
    });
    roadSuite(harness, runner);
    inboundSuite(harness, runner);
    outboundSuite(harness, runner);
  });
}
