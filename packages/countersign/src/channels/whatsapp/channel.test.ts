// A login that lasts: what ends it, what does not, what is kept and what a crash may cost.
import assert from 'node:assert/strict';
import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import { OUR_LID, OUR_PHONE } from '../../testing/whatsapp/directory.ts';
import { Stage } from '../../testing/whatsapp/stage.ts';

const ANA = { phone: '15550001111', lid: '200000000000777' };

describe('C-06: the end of a connection', () => {
  test('WhatsApp ended the login: the keys are cleared, the owner is told once, nobody tries again', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    stage.stub.fail('401');
    await stage.until(() => channel.status().state === 'failed');
    await stage.until(() => stage.ended.length > 0);
    expect(stage.credentials.entries.size).toBe(0);
    expect(stage.ended).toHaveLength(1);
    expect(channel.status().hint).toMatch(/countersign channels login whatsapp/);
    expect(stage.stub.logins).toBe(1);
    expect(stage.pauses).toEqual([]);
  });

  test('the same at the start: keys that nobody takes any more do not stand in the way of a new linking', async () => {
    await using stage = await Stage.open();
    stage.stub.turnAway('401');
    const channel = await stage.start();
    expect(channel.status().state).toBe('failed');
    expect(stage.credentials.entries.size).toBe(0);
    expect(stage.ended).toHaveLength(1);
  });

  test.each([
    ['403', 'WhatsApp has shut this number out for now', /open WhatsApp on the phone/],
    ['402', 'WhatsApp has shut this number out for now', /open WhatsApp on the phone/],
    ['405', 'WhatsApp wants a newer version of the library', /names the version/],
  ])('turned away with %s: it says so, keeps the keys, and knocks rarely', async (code, detail, hint) => {
    await using stage = await Stage.open();
    stage.stub.turnAway(code);
    const channel = await stage.start();
    await stage.until(() => stage.pauses.length > 0);
    expect(channel.status()).toMatchObject({ state: 'retrying', detail, hint: expect.stringMatching(hint) });
    expect(Math.min(...stage.pauses)).toBeGreaterThanOrEqual(150_000);
    expect(stage.credentials.entries.has('creds')).toBe(true);
    expect(stage.ended).toEqual([]);
    // When the door opens again it needs nobody.
    stage.stub.turnAway(null);
    await stage.until(() => channel.status().state === 'connected');
    expect(channel.status().hint).toBeUndefined();
  });

  test('asked to come back, it does so at once and on the same keys', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    stage.stub.tell({ tag: 'stream:error', attrs: { code: '515' } });
    await stage.until(() => stage.stub.logins === 2 && channel.status().state === 'connected');
    expect(stage.pauses).toEqual([]);
  });

  test('another program on the same login: we step back, and keep the keys', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    stage.stub.conflict();
    await stage.until(() => channel.status().state === 'failed');
    expect(channel.status()).toMatchObject({
      detail: expect.stringMatching(/another program/),
      hint: expect.stringMatching(/stop that one/),
    });
    expect(stage.credentials.entries.has('creds')).toBe(true);
    expect(stage.stub.logins).toBe(1);
  });

  test('a lost connection is tried again, slower and slower, never twice after the same time', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    stage.stub.disconnect();
    await stage.until(() => stage.pauses.length >= 6);
    expect(stage.pauses[0]).toBeLessThanOrEqual(1_000);
    for (const [n, ms] of stage.pauses.slice(0, 6).entries()) {
      const most = 1_000 * 2 ** n;
      expect(ms).toBeGreaterThanOrEqual(most / 2);
      expect(ms).toBeLessThanOrEqual(most);
    }
    expect(channel.status().state).toBe('retrying');
    stage.stub.reconnect();
    await stage.until(() => channel.status().state === 'connected');
    expect(stage.credentials.entries.has('creds')).toBe(true);
  });

  test('nobody linked: it says so, and asks WhatsApp nothing', async () => {
    await using stage = await Stage.open({ linked: false });
    const channel = await stage.start();
    expect(channel.status()).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/no phone is linked/),
    });
    expect(stage.stub.logins).toBe(0);
    await assert.rejects(channel.probe(), /no phone is linked/);
    await assert.rejects(
      channel.send(stage.to('+15550001111'), { id: 'x', kind: 'notice', text: 'x' }),
      /not connected/,
    );
  });
});

describe('durable before acknowledged', () => {
  test('a crash between opening a message and keeping it costs nothing: WhatsApp’s copy opens once more', async () => {
    await using stage = await Stage.open();
    await stage.start();
    const ana = stage.stub.person(ANA);
    // One message goes through, so that there is a session whose keys move on with each message.
    await stage.stub.say(ana, { id: 'A1', from: ana.lid, sender_pn: ana.pn }, { conversation: 'one' });
    stage.receive = () => Promise.reject(new Problem('store_unavailable'));
    const owed = stage.stub.say(ana, { id: 'A2', from: ana.lid, sender_pn: ana.pn }, { conversation: 'two' });
    await stage.until(() => stage.heard.some(({ text }) => text === 'two'));
    stage.stop();
    stage.receive = async () => undefined;
    stage.heard.length = 0;
    await stage.start();
    expect(await owed).toBe('acknowledged');
    expect(stage.heard.map(({ text, arrived }) => [text, arrived])).toEqual([['two', 'backlog']]);
  });

  test('a crash between an answer and its keys costs nothing: what the other one says next is asked for once more', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    const ana = stage.stub.person(ANA);
    await stage.stub.say(ana, { id: 'A1', from: ana.lid, sender_pn: ana.pn }, { conversation: 'one' });
    const before = new Map(stage.credentials.entries);
    await channel.send(stage.to(ana.lid), { id: 'out-1', kind: 'notice', text: 'an answer' });
    stage.stop();
    // She has read it, and writes under the keys that came with it; ours were not written yet.
    stage.credentials.entries = before;
    stage.heard.length = 0;
    await stage.start();
    const owed = stage.stub.say(ana, { id: 'A2', from: ana.lid, sender_pn: ana.pn }, { conversation: 'two' });
    expect(await owed).toBe('acknowledged');
    expect(stage.heard.map(({ text }) => text)).toEqual(['two']);
  });

  test('P-05: a reconnect with five hundred messages of the past sends nothing', {
    timeout: 60_000,
  }, async () => {
    await using stage = await Stage.open();
    await stage.start();
    const ana = stage.stub.person(ANA);
    const old = String(Math.floor(stage.clock.now() / 1_000) - 7_200);
    for (let n = 0; n < 500; n++) {
      await stage.stub.say(
        ana,
        { id: `H${n}`, from: ana.lid, sender_pn: ana.pn, t: old, offline: '1' },
        { conversation: `old ${n}` },
      );
    }
    expect(stage.heard.every(({ arrived }) => arrived === 'backlog')).toBe(true);
    expect(stage.stub.visible).toBe(0);
  });
});

describe('who is who, through the real library', () => {
  test('H08: a LID with the digits of somebody’s number arrives as that LID', async () => {
    await using stage = await Stage.open();
    await stage.start();
    const eve = stage.stub.person({ phone: '15553334444', lid: '15550001111' });
    await stage.stub.say(eve, { id: 'E1', from: eve.lid }, { conversation: 'I am Ana' });
    expect(stage.heard.map(({ peer, alias }) => [peer.native, alias])).toEqual([['15550001111@lid', null]]);
  });

  test('C-02: LID with its number, then LID alone, then the number alone: one person', async () => {
    await using stage = await Stage.open();
    await stage.start();
    const ana = stage.stub.person(ANA);
    await stage.stub.say(ana, { id: 'A1', from: ana.lid, sender_pn: ana.pn }, { conversation: '1' });
    await stage.stub.say(ana, { id: 'A2', from: ana.lid }, { conversation: '2' });
    await stage.stub.say(ana, { id: 'A3', from: ana.pn }, { conversation: '3' });
    const expected = [ana.lid, '+15550001111'];
    expect(stage.heard.map(({ peer, alias }) => [peer.native, alias])).toEqual([
      expected,
      expected,
      expected,
    ]);
  });

  test('H08: a number beside the wrong person does not become theirs, not even by way of the library', async () => {
    await using stage = await Stage.open();
    await stage.start();
    const [ana, eve] = [
      stage.stub.person(ANA),
      stage.stub.person({ phone: '15553334444', lid: '266600000000000' }),
    ];
    for (const [n, attrs] of [
      { from: eve.lid, participant_pn: ana.pn },
      { from: eve.lid, peer_recipient_pn: ana.pn },
      { from: eve.lid, recipient_pn: ana.pn },
      { from: eve.lid },
    ].entries())
      await stage.stub.say(eve, { id: `E${n}`, ...attrs }, { conversation: 'I am Ana' });
    expect(stage.heard.map(({ peer, alias, unresolved }) => [peer.native, alias, unresolved])).toEqual(
      Array.from({ length: 4 }, () => [eve.lid, null, true]),
    );
  });

  test('our own words to somebody do not make their LID ours', async () => {
    await using stage = await Stage.open();
    await stage.start();
    const [ana, us] = [stage.stub.person(ANA), `${OUR_PHONE}@s.whatsapp.net`];
    const own = { from: us, recipient: ana.lid, sender_pn: us, sender_lid: `${OUR_LID}@lid` };
    await stage.stub.say(ana, { id: 'O1', ...own }, { conversation: 'from my phone' });
    await stage.stub.say(ana, { id: 'A1', from: ana.lid }, { conversation: 'hi' });
    expect(stage.heard.map(({ actor, peer }) => [actor, peer.native])).toEqual([
      ['self', ana.lid],
      ['human', ana.lid],
    ]);
  });

  test('H17: a stanza that nobody sealed is refused and counted, whatever else is in it', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    const { proto } = await import('baileys');
    const content = proto.Message.encode({ conversation: '/pairing approve' }).finish();
    const answer = await stage.stub.stanza({
      tag: 'message',
      attrs: {
        id: 'F1',
        from: '15550001111@s.whatsapp.net',
        sender_lid: '1234567890@lid',
        type: 'text',
        t: stage.stub.time,
      },
      content: [{ tag: 'plaintext', attrs: {}, content }],
    });
    expect([answer, stage.heard, channel.status().detail]).toEqual([
      'refused',
      [],
      expect.stringMatching(/1 unsealed/),
    ]);
    // Nor has it taught the library who is who.
    const ana = stage.stub.person(ANA);
    stage.stub.knowsLids = false;
    await stage.stub.say(ana, { id: 'A1', from: ana.pn }, { conversation: 'hi' });
    expect(stage.heard.map(({ peer, alias }) => [peer.native, alias])).toEqual([['+15550001111', null]]);
  });
});

describe('what becomes of our words', () => {
  test('C-05: sent is said when WhatsApp has it, delivered when the other phone has', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    const ana = stage.stub.person(ANA);
    await stage.stub.say(ana, { id: 'A1', from: ana.lid, sender_pn: ana.pn }, { conversation: 'hi' });
    await channel.send(stage.to(ana.lid), { id: 'out-1', kind: 'notice', text: 'hello' });
    await stage.until(() => stage.reports.length > 0);
    expect(stage.reports).toEqual([
      { channel: 'whatsapp', account: 'default', id: 'out-1', fate: 'delivered' },
    ]);
  });

  test('a number that is not on WhatsApp is said to be none', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    await assert.rejects(
      channel.send(stage.to('+15550002222'), { id: 'out-1', kind: 'notice', text: 'hello' }),
      (cause) => cause instanceof Problem && cause.code === 'channel_cannot_initiate',
    );
  });

  test('an edit that no phone takes any more is said anew', async () => {
    await using stage = await Stage.open();
    const channel = await stage.start();
    const ana = stage.stub.person(ANA);
    await stage.stub.say(ana, { id: 'A1', from: ana.lid, sender_pn: ana.pn }, { conversation: 'hi' });
    const { ref = '' } = await channel.send(stage.to(ana.lid), {
      id: 'c-1',
      kind: 'card',
      text: 'who asks: bob',
    });
    stage.clock.advance('20m');
    await channel.edit(stage.to(ana.lid), ref, { id: 'c-2', kind: 'card-update', text: 'Approved' });
    expect(stage.stub.shown.map(({ text, edited }) => [text, edited])).toEqual([
      ['who asks: bob', false],
      ['Approved', false],
    ]);
  });
});
