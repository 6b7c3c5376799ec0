// Twilio against our stub: the address that is signed, several numbers at one address, 24 hours and templates, fates.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Address, Inbox, Outbound, Report } from '../../core/channel-port.ts';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { FakeClock } from '../../testing/fakes.ts';
import { refusedBy, TWILIO_SID, TWILIO_TOKEN, TwilioStub } from '../../testing/twilio-stub.ts';
import { Twilio, type TwilioSettings } from './channel.ts';
import { TWILIO_TRAITS } from './traits.ts';

const SMS = '+15550000001';
const CHAT = 'whatsapp:+15550000001';
const CODE: Outbound = {
  id: 'out_code',
  kind: 'login-code',
  text: 'Then type there: 123456',
  code: '123456',
};

async function line(from: string, more: Partial<TwilioSettings> = {}) {
  const clock = new FakeClock();
  const stub = await TwilioStub.start({ from, post: (request) => channel.webhook(request) });
  const channel = new Twilio(
    {
      account: 'default',
      accountSid: TWILIO_SID,
      authToken: { reveal: () => TWILIO_TOKEN },
      from,
      apiRoot: stub.url,
      publicUrl: stub.origin,
      templates: { login: null, notice: null },
      ...more,
    },
    { clock },
  );
  const received: Inbound[] = [];
  const reports: Report[] = [];
  const inbox: Inbox = {
    receive: async (inbound) => {
      received.push(inbound);
      return { as: 'repeated', first: 'nobody' };
    },
    fate: async (report) => void reports.push(report),
  };
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await stub[Symbol.asyncDispose]();
  });
  return { clock, stub, channel, received, reports, start: () => channel.start(inbox, stop.signal) };
}

async function started(from: string, more: Partial<TwilioSettings> = {}) {
  const made = await line(from, more);
  await made.start();
  return made;
}

const OUR_SMS = '+15550783881';
const OUR_CHAT = 'whatsapp:+15550783881';

function to(text: string): Address {
  const native = parseNative(text, TWILIO_TRAITS.peerIds);
  if (native === null) throw new Error(`${text} is no id`);
  return {
    peer: { channel: 'twilio', account: 'default', native },
    conversation: { kind: 'direct', id: text },
  };
}

const words = (text: string): Outbound => ({ id: `out_${text}`, kind: 'notice', text });
const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (cause: unknown) => cause,
  );

describe('what is signed is the address we configured', () => {
  test('H60: the same bytes twice are one message, by its own id', async () => {
    const { stub, received } = await started(OUR_SMS);
    const form = stub.formOf(SMS, 'hello');
    expect([await stub.deliver(form), await stub.deliver(form)]).toEqual([200, 200]);
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(1);
  });

  test('what the request says of its own address is not asked', async () => {
    const { stub, channel, received } = await started(OUR_SMS);
    const request = stub.requestOf(stub.formOf(SMS, 'hello'));
    const moved = new Request('http://10.0.0.1:8787/webhooks/twilio/default', {
      method: 'POST',
      headers: {
        ...Object.fromEntries(request.headers),
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
      },
      body: await request.text(),
    });
    expect((await channel.webhook(moved)).status).toBe(200);
    expect(received).toHaveLength(1);
  });

  test('H63: more than a form ever has is refused, whether its length was told or not', async () => {
    const { stub, channel, received } = await started(OUR_SMS);
    const request = stub.requestOf(stub.formOf(SMS, 'x'.repeat(64 * 1024)));
    const headers = { ...Object.fromEntries(request.headers), 'content-length': '65537' };
    expect((await channel.webhook(request)).status).toBe(413);
    expect(
      (await channel.webhook(new Request(request.url, { method: 'POST', headers, body: 'x' }))).status,
    ).toBe(413);
    expect(received).toEqual([]);
  });

  test('nothing may stand behind it but what we put there', async () => {
    const { stub, channel, received } = await started(OUR_SMS);
    for (const path of [
      '/webhooks/twilio/default?Body=',
      '/webhooks/twilio/default?m=a&m=b',
      '/webhooks/twilio/x/y',
    ])
      expect((await channel.webhook(stub.requestOf(stub.formOf(SMS, 'hello'), { path }))).status).toBe(401);
    expect((await channel.webhook(new Request(`${stub.origin}/webhooks/twilio/default`))).status).toBe(401);
    expect(received).toEqual([]);
  });

  test('a signed form that is no message is refused like a forgery', async () => {
    const { stub, received } = await started(OUR_SMS);
    const { From, ...rest } = stub.formOf(SMS, 'hello');
    expect(await stub.deliver({ ...rest, Body: `helloFrom${From}` })).toBe(401);
    expect(received).toEqual([]);
  });

  test('a message to another number of the account is none of ours, and no forgery', async () => {
    const { stub, received } = await started(OUR_SMS);
    expect(await stub.deliver({ ...stub.formOf(SMS, 'hello'), To: '+15550783882' })).toBe(200);
    expect(received).toEqual([]);
  });
});

describe('the login', () => {
  test('H59: without a token, a number or an address it does not start', async () => {
    for (const [from, more] of [
      [OUR_SMS, { authToken: { reveal: () => '' } }],
      ['15550783881', {}],
      [OUR_SMS, { publicUrl: null }],
      [OUR_SMS, { accountSid: 'AC1/../..' }],
    ] as const) {
      const { channel, start } = await line(from, more);
      expect(await problemOf(start())).toMatchObject({ code: 'channel_refused' });
      expect(channel.status().state).toBe('failed');
    }
  });

  test('a wrong token is said, an account that was closed too, and neither says the token', async () => {
    const wrong = await line(OUR_SMS, { authToken: { reveal: () => 'canary-token' } });
    const problem = await problemOf(wrong.start());
    expect(problem).toMatchObject({ code: 'channel_refused' });
    expect(JSON.stringify([problem, wrong.channel.status()])).not.toContain('canary');
    const closed = await line(OUR_SMS);
    closed.stub.status = 'suspended';
    expect(await problemOf(closed.start())).toMatchObject({
      message: 'Twilio says that this account is suspended',
    });
  });

  test('H66: a redirect is not followed, and sees no token', async () => {
    const other = await TwilioStub.start();
    const { stub, start } = await line(OUR_SMS);
    stub.server.redirectTo = other.url;
    expect(await problemOf(start())).toMatchObject({ code: 'channel_unreachable' });
    expect(other.server.calls).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  test('an error of Twilio is told without the number it repeats', async () => {
    const { channel, stub } = await started(OUR_SMS);
    stub.failNext(/Messages/, refusedBy(400, 21_602, `no body for ${SMS}, token ${TWILIO_TOKEN}`));
    expect(await problemOf(channel.send(to(SMS), words('one')))).toMatchObject({
      message: 'Twilio refused it (21602): no body for [number], token [token]',
    });
  });
});

describe('what we say', () => {
  test('SMS goes at any time; WhatsApp in words for 24 hours, then by template, then not at all', async () => {
    const sms = await started(OUR_SMS);
    await sms.channel.send(to(SMS), CODE);
    expect(sms.stub.shown(SMS).map(({ text }) => text)).toEqual([CODE.text]);

    const { channel, stub, clock } = await started(OUR_CHAT);
    stub.windows = new Set();
    expect(await problemOf(channel.send(to(CHAT), CODE))).toMatchObject({
      code: 'channel_cannot_initiate',
      hint: expect.stringContaining('loginContentSid'),
    });
    await stub.say(CHAT, 'hello');
    await channel.send(to(CHAT), CODE);
    clock.advance('24h');
    expect(await problemOf(channel.send(to(CHAT), words('late')))).toMatchObject({
      code: 'channel_cannot_initiate',
      hint: expect.stringContaining('noticeContentSid'),
    });
    expect(stub.shown(CHAT).map(({ text }) => text)).toEqual([CODE.text]);
  });

  test('C-05: a code is not risked where nobody knows whether words arrive', async () => {
    const { channel, stub } = await started(OUR_CHAT);
    // Twilio takes it, and says later that it was lost.
    stub.windows = null;
    expect(channel.reaches(to(CHAT), 'login-code')).toBe(false);
    expect(await problemOf(channel.send(to(CHAT), CODE))).toMatchObject({ code: 'channel_cannot_initiate' });
    expect(stub.messages).toEqual([]);
    await channel.send(to(CHAT), words('one'));
    expect(stub.shown(CHAT)).toHaveLength(1);
  });

  test('a template carries the digits alone, or one line', async () => {
    const templates = { login: 'HXlogin', notice: 'HXnotice' };
    const { channel, stub } = await started(OUR_CHAT, { templates });
    stub.windows = new Set();
    await channel.send(to(CHAT), CODE);
    await channel.send(to(CHAT), words('one\ntwo'));
    expect(stub.shown(CHAT).map(({ template, text }) => [template, text])).toEqual([
      ['HXlogin', '123456'],
      ['HXnotice', 'one · two'],
    ]);
  });

  test('H04: a number without WhatsApp in front is not written to from WhatsApp', async () => {
    const { channel } = await started(OUR_CHAT);
    expect(await problemOf(channel.send(to(SMS), words('one')))).toMatchObject({ code: 'channel_refused' });
  });

  test('its fate is told at the address that names it, and to no other', async () => {
    const { channel, stub, reports } = await started(OUR_SMS);
    await channel.send(to(SMS), words('one'));
    const [message] = stub.messages;
    if (message === undefined) throw new Error('nothing was sent');
    expect(message.callback).toBe(`${stub.origin}/webhooks/twilio/default?m=out_one`);
    expect(await stub.tell(message, 'sent')).toBe(200);
    expect(await stub.tell(message, 'undelivered', '30003')).toBe(200);
    expect(
      await stub.tell({ ...message, callback: message.callback?.replace('one', 'two') ?? null }, 'sent'),
    ).toBe(200);
    // Signed with our token for another account of Twilio: none of ours.
    const foreign = { AccountSid: `AC${'f'.repeat(32)}`, From: OUR_SMS, MessageSid: message.sid };
    const path = '/webhooks/twilio/default?m=out_one';
    expect(await stub.deliver({ ...foreign, MessageStatus: 'delivered' }, path)).toBe(401);
    expect(reports).toEqual([
      { channel: 'twilio', account: 'default', id: 'out_one', fate: 'failed', reason: 'not_reachable' },
    ]);
  });
});
