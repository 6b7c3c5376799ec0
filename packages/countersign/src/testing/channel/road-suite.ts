// The road of a delivery: proven before it is read, durable before it is acknowledged, and at an end when we stop.

import assert from 'node:assert/strict';
import { Problem } from '@countersign/protocol/problem';
import { FORGERIES, FORGERY_KINDS } from './events.ts';
import type { ChannelHarness } from './harness.ts';
import { countingKey, has, openRig, turns } from './rig.ts';
import type { Runner } from './runner.ts';

export function roadSuite(harness: ChannelHarness, { describe, test }: Runner): void {
  for (const how of FORGERY_KINDS.filter((one) => has(harness, one))) {
    test(`H17 H22: ${FORGERIES[how]}: refused, unheard`, async () => {
      await using rig = await openRig(harness);
      assert.equal(await rig.bench.forge(rig.event('text'), how), 'refused');
      assert.deepEqual(rig.received, []);
      assert.equal(await rig.bench.visible(), 0);
      await rig.one(rig.event('text'));
    });
  }

  describe('a delivery is acknowledged after it is durable', () => {
    test('while the inbox has not answered the platform has no answer either', async () => {
      await using rig = await openRig(harness);
      let seen = 'nothing';
      let store: () => void = () => undefined;
      const stored = new Promise<void>((resolve) => {
        store = resolve;
      });
      rig.answer = async () => {
        await stored;
        return rig.take();
      };
      const delivered = rig.bench.deliver(rig.event('text')).then((answer) => {
        seen = answer;
      });
      await rig.reached(1);
      await turns();
      assert.equal(seen, 'nothing', 'acknowledged before it was durable');
      store();
      await delivered;
      assert.equal(seen, 'acknowledged');
    });

    test('what the inbox could not keep comes again, and counts as the same message', async () => {
      await using rig = await openRig(harness);
      let failures = 1;
      rig.answer = async () => {
        if (failures === 0) return rig.take();
        failures -= 1;
        throw new Problem('store_unavailable');
      };
      const event = rig.event('text');
      // Some platforms are told no and come again; of others we ask for it again ourselves.
      if ((await rig.bench.deliver(event)) === 'refused')
        assert.equal(await rig.bench.deliver(event), 'acknowledged');
      assert.equal(rig.received.length, 2);
      assert.equal(new Set(rig.received.map(countingKey)).size, 1);
    });

    test('twenty people at once are twenty messages, each of its own person', async () => {
      await using rig = await openRig(harness);
      const names = Array.from({ length: 20 }, (_, n) => `person${n}`);
      const events = names.map((from) => rig.event('text', { from, text: `I am ${from}` }));
      const answers = await Promise.all(events.map((event) => rig.bench.deliver(event)));
      assert.deepEqual(new Set(answers), new Set(['acknowledged']));
      const said = rig.received.map(({ peer, text }) => `${peer.native}: ${text}`);
      assert.deepEqual(
        said.toSorted(),
        names.map((name) => `${harness.native(name)}: I am ${name}`).toSorted(),
      );
    });

    test('what one person says one after the other arrives in that order', async () => {
      await using rig = await openRig(harness);
      for (let n = 0; n < 5; n++) await rig.one(rig.event('text', { text: `part ${n}` }));
      assert.deepEqual(
        rig.received.map(({ text }) => text),
        ['part 0', 'part 1', 'part 2', 'part 3', 'part 4'],
      );
    });
  });

  describe('the end', () => {
    test('after abort nothing is heard any more, and the status says off', async () => {
      await using rig = await openRig(harness);
      await rig.one(rig.event('text'));
      rig.stop();
      await rig.bench.until('off');
      assert.equal(rig.bench.channel.status().state, 'off');
      const late = rig.bench.deliver(rig.event('text')).catch(() => 'refused');
      await turns();
      assert.equal(rig.received.length, 1);
      // A platform that keeps what nobody fetched has no answer to give.
      assert.notEqual(await Promise.race([late, turns().then(() => 'no answer')]), 'acknowledged');
    });
  });

  describe('the status tells the truth', () => {
    test('off before the start, connected after it, with the times of the last words each way', async () => {
      await using rig = await openRig(harness, { start: false });
      const { channel } = rig.bench;
      assert.deepEqual(
        { ...channel.status(), detail: null },
        { state: 'off', detail: null, lastInboundAt: null, lastOutboundAt: null },
      );
      await rig.start();
      await rig.bench.until('connected');
      rig.clock.advance('5s');
      await rig.one(rig.event('text'));
      assert.equal(channel.status().state, 'connected');
      assert.equal(channel.status().lastInboundAt, rig.clock.now());
      rig.clock.advance('5s');
      await channel.send(rig.to('ana'), rig.outbound('hello'));
      assert.equal(channel.status().lastOutboundAt, rig.clock.now());
    });

    if (has(harness, 'connection'))
      test('P-05 P-14: a lost connection is said, and what was written meanwhile is not lost', async () => {
        await using rig = await openRig(harness);
        const { bench } = rig;
        await rig.one(rig.event('text'));
        await bench.disconnect();
        await bench.until('retrying');
        const missed = [rig.event('text'), rig.event('text', { from: 'bob' })];
        const waiting = missed.map((event) => bench.deliver(event));
        await bench.reconnect();
        await bench.until('connected');
        assert.deepEqual(await Promise.all(waiting), ['acknowledged', 'acknowledged']);
        assert.deepEqual(
          new Set(rig.received.slice(1).map(({ text }) => text)),
          new Set(missed.map(({ text }) => text)),
        );
        assert.equal(new Set(rig.received.map(countingKey)).size, 3);
      });

    if (has(harness, 'probe'))
      test('a live check says who we are there', async () => {
        await using rig = await openRig(harness);
        const who = await rig.bench.channel.probe?.(new AbortController().signal);
        assert.ok(who !== undefined && who.length > 0);
      });
  });
}
