// Twilio's own library says what is signed. What is signed is not yet what was said: one signature fits many forms, and
// only one of them is a message.
import fc from 'fast-check';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, test } from 'vitest';
import { CHANNELS } from '../../config/native-ids.ts';
import { twilioDoor } from '../../testing/twilio-fuzz.ts';
import { TWILIO_SID, TWILIO_TOKEN } from '../../testing/twilio-stub.ts';
import { fuzzDoor } from '../../testing/webhook-fuzz.ts';
import { TWILIO_TRAITS, wayOf } from './traits.ts';
import { isSigned, readForm, readMessage, readStatus, statusId, type Us } from './wire.ts';

const URL_OF_OURS = 'https://gate.example/webhooks/twilio/default';
const SID = `SM${'0'.repeat(32)}`;
const US: Us = { account: 'default', accountSid: TWILIO_SID, from: '+15550783881', way: 'sms' };
const FORM: Readonly<Record<string, string>> = {
  AccountSid: TWILIO_SID,
  ApiVersion: '2010-04-01',
  Body: 'hello',
  From: '+15550000001',
  FromCity: 'SAN FRANCISCO',
  MessageSid: SID,
  NumMedia: '0',
  NumSegments: '1',
  SmsMessageSid: SID,
  SmsSid: SID,
  SmsStatus: 'received',
  To: '+15550783881',
};

const fields = (form: object) => new Map(Object.entries(form));
const oracle = (url: string, form: object) =>
  webhooks.getExpectedTwilioSignature(TWILIO_TOKEN, url, { ...form });
const encode = (form: Readonly<Record<string, string>>) => Buffer.from(new URLSearchParams(form).toString());
const signed = (form: object, signature: string, url = URL_OF_OURS) =>
  isSigned(url, fields(form), signature, TWILIO_TOKEN);

describe('the signature', () => {
  const names = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,12}$/);

  test('is what Twilio’s own library makes of any form', () => {
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: 'grapheme' })), (form) => {
        expect(signed(form, oracle(URL_OF_OURS, form))).toBe(true);
        expect(webhooks.validateRequest(TWILIO_TOKEN, oracle(URL_OF_OURS, form), URL_OF_OURS, form)).toBe(
          true,
        );
      }),
    );
  });

  test('H59 H61: no token, no header, another way to write its bytes: nothing', () => {
    const good = oracle(URL_OF_OURS, FORM);
    expect(signed(FORM, good)).toBe(true);
    const urlSafe = good.replaceAll('+', '-').replaceAll('/', '_');
    // The last letter before = holds two bits that nobody reads.
    const spare = `${good.slice(0, 26)}${String.fromCharCode(good.charCodeAt(26) + 1)}=`;
    for (const header of [null, '', good.slice(0, -1), `${good}=`, ` ${good}`, spare, `${good},${good}`])
      expect(isSigned(URL_OF_OURS, fields(FORM), header, TWILIO_TOKEN), String(header)).toBe(false);
    if (urlSafe !== good) expect(signed(FORM, urlSafe)).toBe(false);
    expect(isSigned(URL_OF_OURS, fields(FORM), oracle(URL_OF_OURS, FORM), '')).toBe(false);
    expect(signed(FORM, oracle('http://gate.example/webhooks/twilio/default', FORM))).toBe(false);
    expect(signed(FORM, oracle(`${URL_OF_OURS}/`, FORM))).toBe(false);
  });
});

describe('one signature fits many forms', () => {
  test('what Twilio’s library cannot tell apart', () => {
    expect(oracle(URL_OF_OURS, { A: '1', B: '2' })).toBe(oracle(URL_OF_OURS, { A: '1B2' }));
    expect(oracle(`${URL_OF_OURS}Body`, {})).toBe(oracle(URL_OF_OURS, { Body: '' }));
  });

  test('a form whose fields were run into one another is signed, and no message', () => {
    const { From, FromCity, ...rest } = FORM;
    const merged = { ...rest, Body: `${rest['Body']}From${From}FromCity${FromCity}` };
    expect(signed(merged, oracle(URL_OF_OURS, FORM))).toBe(true);
    expect(readMessage(fields(merged), US)).toBeNull();
  });

  test('another sender out of the words of one’s own message: signed, and nobody', () => {
    const olga = '+15550009999';
    const eve = { ...FORM, Body: `hello From${olga}`, From: '+15550000666' };
    const signature = oracle(URL_OF_OURS, eve);
    const splits = [
      { ...FORM, Body: 'hello ', From: `${olga}From+15550000666` },
      {
        ...FORM,
        Body: 'hello ',
        From: olga,
        'From+15550000666FromCity': 'SAN FRANCISCO',
        FromCity: undefined,
      },
    ];
    for (const split of splits) {
      const form = Object.fromEntries(Object.entries(split).filter(([, value]) => value !== undefined));
      expect(signed(form, signature)).toBe(true);
      const read = readForm(encode(Object.fromEntries(Object.entries(form).map(([a, b]) => [a, String(b)]))));
      const inbound = read === null ? null : readMessage(read, US);
      expect(inbound === null || inbound === 'other').toBe(true);
    }
  });

  describe('a sender is never somebody whom the words of another name', () => {
    const olga = '+15550009999';
    const wa = (number: string) => `whatsapp:${number}`;
    const chat: Us = { ...US, from: wa(US.from), way: 'whatsapp' };
    const { FromCity: _, ...plain } = FORM;
    const ofChat = {
      ...plain,
      From: wa('+15550000666'),
      To: chat.from,
      WaId: '15550000666',
      ProfileName: 'Eve',
    };
    const textOf = (form: object) =>
      Object.entries(form)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map((pair) => pair.join(''))
        .join('');
    const all = (number: string, us: Us) =>
      `From${number}MessageSid${SID}NumMedia0NumSegments1SmsMessageSid${SID}SmsSid${SID}SmsStatusreceivedTo${us.from}`;

    test.each<[string, Us, object, object]>([
      [
        'a city that swallows the sender',
        US,
        { ...FORM, Body: `hi From${olga}FromCityX`, From: '+15550000666' },
        { ...FORM, Body: 'hi ', From: olga, FromCity: 'XFrom+15550000666FromCitySAN FRANCISCO' },
      ],
      [
        'a field that nobody knows',
        chat,
        { ...ofChat, Body: `hi From${wa(olga)}Gx` },
        {
          ...ofChat,
          Body: 'hi ',
          From: wa(olga),
          Gx: 'Fromwhatsapp:+15550000666',
          WaId: undefined,
          WaId15550000666: '',
        },
      ],
      [
        'a field nobody knows whose name takes the first letter',
        chat,
        { ...ofChat, Body: `hi From${wa(olga)}G` },
        {
          ...ofChat,
          Body: 'hi ',
          From: wa(olga),
          GF: 'romwhatsapp:+15550000666',
          WaId: undefined,
          WaId15550000666: '',
        },
      ],
      [
        'a field of words whose name takes the first letter',
        chat,
        { ...ofChat, Body: `hi From${wa(olga)}List` },
        {
          ...ofChat,
          Body: 'hi ',
          From: wa(olga),
          ListF: 'romwhatsapp:+15550000666',
          WaId: undefined,
          WaId15550000666: '',
        },
      ],
      [
        'a short code that becomes the name of a field',
        US,
        { ...plain, Body: `hi From${olga}`, From: '32665' },
        { ...plain, Body: 'hi ', From: olga, From32665: '' },
      ],
      [
        'a sender’s name that does',
        US,
        { ...plain, Body: `hi From${olga}`, From: 'BANK' },
        { ...plain, Body: 'hi ', From: olga, FromBANK: '' },
      ],
      [
        'a whole message in the words, and a last field that swallows the genuine one',
        US,
        { ...plain, Body: `hi ${all(olga, US)}Z`, From: '+15550000666' },
        {
          ...plain,
          Body: 'hi ',
          From: olga,
          Z: textOf({ ...plain, From: '+15550000666' }).slice(textOf(plain).indexOf('From')),
        },
      ],
      [
        'a whole message in the profile name, and words that swallow the genuine one',
        chat,
        { ...ofChat, Body: 'hi', ProfileName: `${all(wa(olga), chat)}WaId${olga.slice(1)}Z` },
        {
          ...ofChat,
          Body: `hiFrom${ofChat.From}MessageSid${SID}NumMedia0NumSegments1ProfileName`,
          From: wa(olga),
          ProfileName: undefined,
          WaId: olga.slice(1),
          Z: `SmsMessageSid${SID}SmsSid${SID}SmsStatusreceivedTo${chat.from}WaId15550000666`,
        },
      ],
      [
        'the kind of a picture that names the sender',
        US,
        {
          ...plain,
          Body: 'hi',
          From: '+15550000666',
          NumMedia: '1',
          MediaContentType0: `From${olga}`,
          MediaUrl0: 'u',
        },
        { ...plain, Body: 'hiFrom+15550000666MediaContentType0', From: olga, NumMedia: '1', MediaUrl0: 'u' },
      ],
    ])('%s', (_name, us, genuine, forged) => {
      const form = JSON.parse(JSON.stringify(forged)) as Record<string, string>;
      expect(signed(form, oracle(URL_OF_OURS, genuine))).toBe(true);
      const read = readForm(encode(form));
      expect(read === null ? null : readMessage(read, us)).toBeNull();
    });

    test('and words about senders and fields are words', () => {
      for (const Body of [
        'Sent From my phone',
        'what is MessageSid, From, FromCity and WaId?',
        'From +1555 to Tokyo',
        'From: a\nTo: b',
      ])
        expect(readMessage(fields({ ...FORM, Body }), US), Body).toMatchObject({ text: Body });
      const named = {
        ...ofChat,
        ProfileName: 'From Scratch Bakery',
        Body: 'hi',
        ChannelMetadata: '{"data":{"context":{"ProfileName":"From Scratch Bakery"}}}',
      };
      expect(readMessage(fields(named), chat)).toMatchObject({ displayName: 'From Scratch Bakery' });
    });
  });

  test('no way to cut a signed text into other fields makes another sender', () => {
    const body = fc.stringMatching(/^(?:[a-z ]|From\+1555000999\d|FromCity|To\+1|WaId1|SmsSid){0,8}$/);
    fc.assert(
      fc.property(body, fc.array(fc.nat(400), { minLength: 12, maxLength: 12 }), (words, cuts) => {
        const form = { ...FORM, Body: words };
        const text = Object.keys(form)
          .sort()
          .reduce((whole, name) => `${whole}${name}${form[name as keyof typeof form]}`, '');
        const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
        const parts = [0, ...at, text.length].map((from, n, all) =>
          text.slice(from, all[n + 1] ?? text.length),
        );
        const pairs = parts.flatMap((name, n) => (n % 2 === 0 ? [[name, parts[n + 1] ?? '']] : []));
        const read = readForm(
          Buffer.from(pairs.map((pair) => pair.map((p) => encodeURIComponent(p ?? '')).join('=')).join('&')),
        );
        const inbound = read === null ? null : readMessage(read, US);
        if (inbound !== null && inbound !== 'other') expect(inbound.peer.native).toBe(FORM['From']);
      }),
      { numRuns: 2_000 },
    );
  });

  test('what was pressed holds the words of whoever made the button: it is no text of theirs', () => {
    const whatsapp: Us = { ...US, from: 'whatsapp:+15550783881', way: 'whatsapp' };
    const form = { ...FORM, From: 'whatsapp:+15550000001', To: whatsapp.from, WaId: '15550000001' };
    for (const more of [{ ButtonText: 'Yes' }, { ButtonPayload: 'yes' }])
      expect(readMessage(fields({ ...form, ...more }), whatsapp)).toMatchObject({ kind: 'other' });
    expect(readMessage(fields({ ...form, MessageType: 'reaction' }), whatsapp)).toMatchObject({
      kind: 'reaction',
    });
  });

  test('H58: a forward that was hidden in the words is a forward', () => {
    const whatsapp: Us = { ...US, from: 'whatsapp:+15550783881', way: 'whatsapp' };
    const from = 'whatsapp:+15550000001';
    const form = { ...FORM, From: from, To: whatsapp.from, WaId: '15550000001' };
    const forwarded = { ...form, Forwarded: 'true' };
    expect(readMessage(fields(forwarded), whatsapp)).toMatchObject({ forwarded: true });
    const hidden = { ...form, Body: 'helloForwardedtrue' };
    expect(signed(hidden, oracle(URL_OF_OURS, forwarded))).toBe(true);
    expect(readMessage(fields(hidden), whatsapp)).toMatchObject({ forwarded: true });
  });
});

describe('a form is read strictly', () => {
  test('every name once, in the names and the writing that Twilio has', () => {
    expect(readForm(encode(FORM))).toEqual(fields(FORM));
    for (const text of [
      'A=1&A=2',
      'a=1',
      '=1',
      'A',
      'A=%',
      'A=%ff',
      'A[]=1',
      'A=1&',
      '',
      '__proto__=1',
      'A%00=1',
    ])
      expect(readForm(Buffer.from(text)), text).toBeNull();
    expect(readForm(Buffer.from([0x41, 0x3d, 0xff]))).toBeNull();
    const many = Array.from({ length: 201 }, (_, n) => `A${n}=1`).join('&');
    expect(readForm(Buffer.from(many))).toBeNull();
  });

  test.each(Object.keys(FORM).filter((name) => name !== 'FromCity'))(
    'without %s it is no message',
    (name) => {
      const { [name]: _, ...rest } = FORM;
      expect(readMessage(fields(rest), US)).toBeNull();
    },
  );

  test.each([
    { AccountSid: `AC${'f'.repeat(32)}` },
    { MessageSid: 'SM1' },
    { MessageSid: `SM${'1'.repeat(32)}` },
    { SmsSid: `SM${'1'.repeat(32)}` },
    { SmsStatus: 'delivered' },
    { NumMedia: '1000' },
    { NumMedia: 'a' },
    { From: 'whatsapp:+15550000001' },
    { From: 'a"b' },
    { From: '' },
    { Forwarded: 'maybe' },
  ])('%j is no message', (change) => {
    expect(readMessage(fields({ ...FORM, ...change }), US)).toBeNull();
  });

  test.each([{ To: '+15550783882' }, { From: '32665' }, { From: 'BANK' }, { From: '+15550783881' }])(
    '%j is nobody’s message to us, and no forgery',
    (change) => {
      expect(readMessage(fields({ ...FORM, ...change }), US)).toBe('other');
    },
  );

  test('H04: SMS and WhatsApp of one number are two people, and worth differently', () => {
    const sms = readMessage(fields(FORM), US);
    const way = { from: 'whatsapp:+15550783881', way: 'whatsapp' } as const;
    const form = { ...FORM, From: 'whatsapp:+15550000001', To: way.from, WaId: '15550000001' };
    const chat = readMessage(fields(form), { ...US, ...way });
    if (sms === null || sms === 'other' || chat === null || chat === 'other') throw new Error('no message');
    expect([sms.peer.native, sms.assurance]).toEqual(['+15550000001', 'low']);
    expect([chat.peer.native, chat.assurance]).toEqual(['whatsapp:+15550000001', 'medium']);
    expect(readMessage(fields({ ...form, WaId: '15550000002' }), { ...US, ...way })).toBeNull();
  });

  test('the shape of an id is the one that a list takes', () => {
    expect(TWILIO_TRAITS.peerIds.source).toBe(CHANNELS.twilio.shape.source);
    expect([wayOf('+15550783881'), wayOf('whatsapp:+15550783881'), wayOf('15550783881')]).toEqual([
      'sms',
      'whatsapp',
      null,
    ]);
  });
});

describe('what became of a message of ours', () => {
  const status = { AccountSid: TWILIO_SID, From: US.from, MessageSid: SID, MessageStatus: 'delivered' };

  test('is told at the address that we gave, and at nothing that looks like it', () => {
    expect(statusId('?m=out_abc.1')).toBe('out_abc.1');
    for (const search of ['', '?', '?m=', '?m=a&m=b', '?m=a%20', '?n=a', '?m=a&x=1', `?m=${'a'.repeat(65)}`])
      expect(statusId(search), search).toBeNull();
  });

  test('ends well, ends badly with a reason of ours, or has not ended', () => {
    const read = (more: object) => readStatus(fields({ ...status, ...more }), 'out_1', US);
    expect(read({})).toEqual({ id: 'out_1', fate: 'delivered' });
    expect(read({ MessageStatus: 'read' })).toMatchObject({ fate: 'delivered' });
    expect(read({ MessageStatus: 'failed', ErrorCode: '63016' })).toMatchObject({ reason: 'outside_window' });
    expect(read({ MessageStatus: 'undelivered', ErrorCode: '<b>' })).toMatchObject({
      reason: 'platform_failed',
    });
    for (const more of [
      { MessageStatus: 'queued' },
      { MessageStatus: '' },
      { From: '+1' },
      { AccountSid: 'AC' },
      { MessageSid: 'SM1' },
    ])
      expect(read(more)).toBeNull();
  });
});

test('changed deliveries: no crash, and nobody out of bytes that do not verify (the full lane tries 100,000)', async () => {
  await using door = await twilioDoor();
  const { taken, refused } = await fuzzDoor(door, 2_000);
  expect(taken).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(1_000);
});
