// A phone links us: by what it scans or by what is typed into it, once, by nobody but its owner, and to the end or not at
// all.
import assert from 'node:assert/strict';
import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import type { LoginStep } from '../../core/linking-port.ts';
import { OUR_PHONE } from '../../testing/whatsapp/directory.ts';
import { Stage } from '../../testing/whatsapp/stage.ts';

const ANA = { phone: '15550001111', lid: '200000000000777' };

describe('linking', () => {
  async function link(
    stage: Stage,
    more: { force?: boolean; phone?: string | null; forged?: boolean; scan?: boolean } = {},
  ) {
    const steps: LoginStep[] = [];
    const { force = false, phone = null, forged = false, scan = true } = more;
    const who = await stage.make().login(
      { force, phone },
      (step) => {
        steps.push(step);
        if (step.state === 'picture' && scan) stage.stub.scanned(step.text, { forged });
      },
      AbortSignal.timeout(10_000),
    );
    return { who, steps };
  }

  test('a phone scans the picture, and the channel starts on what that left', async () => {
    await using stage = await Stage.open({ linked: false });
    const { who, steps } = await link(stage);
    expect(who).toBe(`+${OUR_PHONE}`);
    expect(steps.map(({ state }) => state)).toEqual(['picture', 'finishing']);
    const channel = await stage.start();
    expect(channel.status()).toMatchObject({ state: 'connected', detail: `as +${OUR_PHONE}` });
    expect(await channel.probe()).toBe(`+${OUR_PHONE}`);
  });

  test('C-01: what is said while a phone is being linked is heard afterwards, and costs none of the keys', async () => {
    await using stage = await Stage.open({ linked: false });
    const ana = stage.stub.person(ANA);
    const owed: Promise<string>[] = [];
    await stage.make().login(
      { force: false, phone: null },
      (step) => {
        if (step.state === 'picture') stage.stub.scanned(step.text);
        // Known to the server by now; delivered before the linking is over.
        if (step.state === 'finishing')
          owed.push(
            stage.stub.say(ana, { id: 'A1', from: ana.lid, sender_pn: ana.pn }, { conversation: 'hi' }),
          );
      },
      AbortSignal.timeout(10_000),
    );
    expect(stage.heard).toEqual([]);
    const kept = new Map(stage.credentials.entries);
    await stage.start();
    expect(await Promise.all(owed)).toEqual(['acknowledged']);
    expect(stage.heard.map(({ text }) => text)).toEqual(['hi']);
    // Keys that the server gives to others, and we no longer have, would make their first words unreadable.
    expect([...kept.keys()].filter((name) => name.startsWith('session:'))).toEqual([]);
    expect(kept.has('creds')).toBe(true);
  });

  test('what is linked already is not linked over, unless that was meant', async () => {
    await using stage = await Stage.open();
    const before = stage.credentials.entries.get('creds');
    await assert.rejects(link(stage), (cause) => cause instanceof Problem && cause.code === 'state_conflict');
    expect(stage.credentials.entries.get('creds')).toBe(before);
    await link(stage, { force: true });
    expect(stage.credentials.entries.get('creds')).not.toBe(before);
  });

  test('a phone whose signature is not right links nothing: the library alone would take it', async () => {
    await using stage = await Stage.open({ linked: false });
    await assert.rejects(link(stage, { forged: true }), Problem);
    const channel = await stage.start();
    expect(channel.status().state).toBe('failed');
  });

  test('a code for the phone of a number', async () => {
    await using stage = await Stage.open({ linked: false });
    const given = Promise.withResolvers<LoginStep>();
    const stop = new AbortController();
    const done = stage.make().login({ force: false, phone: '+1 (555) 000-9999' }, given.resolve, stop.signal);
    const refused = assert.rejects(done, Problem);
    const step = await given.promise;
    await stage.until(() => stage.stub.codeFor !== null);
    expect(step).toMatchObject({ state: 'code', text: expect.stringMatching(/^[A-Z0-9]{8}$/) });
    expect(stage.stub.codeFor).toBe('15550009999@s.whatsapp.net');
    stop.abort();
    await refused;
    // What was begun and not finished is no login.
    expect((await stage.start()).status().state).toBe('failed');
  });

  test.each(['5550009999x', '+0155500', 'ana'])('%j is no number to send a code to', async (phone) => {
    await using stage = await Stage.open({ linked: false });
    await assert.rejects(
      link(stage, { phone }),
      (cause) => cause instanceof Problem && cause.code === 'request_malformed',
    );
    expect(stage.stub.logins).toBe(0);
  });

  test('a service that cannot be reached is not a picture that nobody scanned', async () => {
    await using stage = await Stage.open({ linked: false });
    stage.stub.disconnect();
    await assert.rejects(link(stage), (cause) => {
      assert(cause instanceof Problem);
      expect(cause.message).toBe('WhatsApp could not be reached');
      return cause.code === 'channel_unreachable';
    });
  });

  test('logging out tells WhatsApp where it can, and leaves no keys in any case', async () => {
    await using stage = await Stage.open();
    expect(await stage.make().logout(AbortSignal.timeout(10_000))).toBe(true);
    expect(stage.credentials.entries.size).toBe(0);
    await using away = await Stage.open();
    away.stub.disconnect();
    expect(await away.make().logout(AbortSignal.timeout(10_000))).toBe(false);
    expect(away.credentials.entries.size).toBe(0);
  });
});
