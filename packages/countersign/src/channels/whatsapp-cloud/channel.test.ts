// The cloud channel against our stub: 24 hours and templates, fates, ids that are no numbers, the handshake, media.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Address, Inbox, MovedPeer, Outbound, Report } from '../../core/channel-port.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { CLOUD_SECRET, CLOUD_TOKEN, CLOUD_VERIFY, CloudStub, refused } from '../../testing/cloud-stub.ts';
import { FakeClock } from '../../testing/fakes.ts';
import { inOneLine } from '../one-line.ts';
import { type CloudSettings, WhatsAppCloud } from './channel.ts';
import { mayHoldMedia } from './media.ts';
import { CLOUD_PEER } from './traits.ts';
import { answerHandshake } from './webhook.ts';

const ANA = '15550000001';
const CODE: Outbound = {
  id: 'out_code',
  kind: 'login-code',
  text: 'Then type there: 123456',
  code: '123456',
};

async function line(more: Partial<CloudSettings> = {}) {
  const clock = new FakeClock();
  const stub = await CloudStub.start({ now: () => clock.now(), post: (request) => channel.webhook(request) });
  const channel = new WhatsAppCloud(
    {
      account: 'default',
      phoneNumberId: stub.phoneNumberId,
      accessToken: { reveal: () => CLOUD_TOKEN },
      appSecret: { reveal: () => CLOUD_SECRET },
      verifyToken: { reveal: () => CLOUD_VERIFY },
      apiRoot: stub.url,
      templates: { login: null, notice: null, language: 'en_US' },
      ...more,
    },
    { clock },
  );
  const received: Inbound[] = [];
  const reports: Report[] = [];
  const moves: MovedPeer[] = [];
  const inbox: Inbox = {
    receive: async (inbound) => {
      received.push(inbound);
      return { as: 'repeated', first: 'nobody' };
    },
    fate: async (report) => void reports.push(report),
    moved: async (moved) => void moves.push(moved),
  };
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await stub[Symbol.asyncDispose]();
  });
  const start = () => channel.start(inbox, stop.signal);
  return { clock, stub, channel, received, reports, moves, start, stop };
}

async function started(more: Partial<CloudSettings> = {}) {
  const made = await line(more);
  await made.start();
  return made;
}

function native(text: string): Native {
  const read = parseNative(text, CLOUD_PEER);
  if (read === null) throw new Error(`${text} is no id`);
  return read;
}

function to(text: string, alias?: string): Address {
  const peer = { channel: 'whatsapp-cloud', account: 'default', native: native(text) };
  const conversation = { kind: 'direct', id: text } as const;
  return { peer, conversation, ...(alias === undefined ? {} : { alias: native(alias) }) };
}

const words = (text: string, more: Partial<Outbound> = {}): Outbound => ({
  id: `out_${text}`,
  kind: 'notice',
  text,
  ...more,
});
const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (cause: unknown) => cause,
  );

describe('the 24 hours', () => {
  test('free words while they run, a template after them, and a clear no without one', async () => {
    const { channel, stub, clock } = await started();
    stub.windows = new Set();
    await stub.say(ANA, 'hello');
    await channel.send(to(`+${ANA}`), words('one'));
    clock.advance('24h');
    stub.windows.clear();
    expect(await problemOf(channel.send(to(`+${ANA}`), words('two')))).toMatchObject({
      code: 'channel_cannot_initiate',
      hint: expect.stringContaining('noticeTemplate'),
    });
    expect(stub.shown(ANA).map(({ text }) => text)).toEqual(['one']);
  });

  test('a word in a group starts none for the person who said it', async () => {
    const { channel, stub } = await started();
    await stub.say(ANA, 'hello', { group_id: 'GRP.1' });
    expect(channel.reaches(to(`+${ANA}`), 'login-code')).toBe(false);
    await stub.say(ANA, 'hello');
    expect(channel.reaches(to(`+${ANA}`), 'login-code')).toBe(true);
  });

  test('a notice by template is one line with both its ends', async () => {
    const { channel, stub } = await started({ templates: { login: null, notice: 'news', language: 'de' } });
    stub.windows = new Set();
    const long = `who asks: ana\n${'x'.repeat(3_000)}\n\n/pairing approve K7QDM4XA`;
    await channel.send(to(`+${ANA}`), words(long, { id: 'out_1' }));
    const [shown] = stub.shown(ANA);
    expect(shown).toMatchObject({ template: 'news', ours: 'out_1' });
    expect(shown?.text).toMatch(/^who asks: ana · x+ … x+ · \/pairing approve K7QDM4XA$/);
    expect(inOneLine(long).length).toBeLessThanOrEqual(1_000);
  });

  test('H46: what is to be approved never stands in a template: it says where to look', async () => {
    const { channel, stub } = await started({ templates: { login: null, notice: 'news', language: 'en' } });
    stub.windows = new Set();
    for (const text of ['Approval X\nrun a program\n| rm  -rf /', `[2/3] ${'x'.repeat(900)}`])
      await channel.send(to(`+${ANA}`), words(text, { kind: 'card' }));
    const shown = stub.shown(ANA).map(({ text }) => text);
    expect(shown).toHaveLength(2);
    for (const text of shown) expect(text).toMatch(/cannot be shown whole.*\/approvals\.$/);
  });

  test('when Meta says that they are over although we did not know, the template goes', async () => {
    const { channel, stub } = await started({ templates: { login: 'code', notice: 'news', language: 'en' } });
    await stub.say(ANA, 'hello');
    stub.windows = new Set();
    await channel.send(to(`+${ANA}`), words('one'));
    expect(stub.shown(ANA).map(({ type }) => type)).toEqual(['template']);
  });

  test('and it is known from then on, also when it is told later by a status', async () => {
    const { channel, stub, reports } = await started();
    await stub.say(ANA, 'hello');
    await channel.send(to(`+${ANA}`), words('one'));
    const [message] = stub.shown(ANA);
    if (message === undefined) throw new Error('nothing was shown');
    await stub.status(message, 'failed', [{ code: 131_047, title: 'Re-engagement message' }]);
    expect(reports).toEqual([
      {
        channel: 'whatsapp-cloud',
        account: 'default',
        id: 'out_one',
        fate: 'failed',
        reason: 'outside_window',
      },
    ]);
    expect(await problemOf(channel.send(to(`+${ANA}`), words('two')))).toMatchObject({
      code: 'channel_cannot_initiate',
    });
  });
});

describe('a login code', () => {
  test('goes in words while the 24 hours surely run', async () => {
    const { channel, stub } = await started();
    await stub.say(ANA, 'hello');
    await channel.send(to(`+${ANA}`), CODE);
    expect(stub.shown(ANA).map(({ text }) => text)).toEqual([CODE.text]);
  });

  test('else by the authentication template, which holds the digits alone', async () => {
    const { channel, stub } = await started({
      templates: { login: 'code', notice: null, language: 'en_US' },
    });
    stub.windows = new Set();
    await channel.send(to(`+${ANA}`), CODE);
    expect(stub.shown(ANA)).toMatchObject([{ template: 'code', text: '123456' }]);
    const sent: unknown = JSON.parse(stub.server.calls.at(-1)?.body ?? '');
    expect(sent).toMatchObject({
      template: {
        language: { code: 'en_US' },
        components: [
          { type: 'body', parameters: [{ type: 'text', text: '123456' }] },
          { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '123456' }] },
        ],
      },
    });
    expect(JSON.stringify(sent)).not.toContain('Then type');
  });

  test('and where there is none, it says so and is sent nowhere', async () => {
    const { channel, stub } = await started();
    expect(await problemOf(channel.send(to(`+${ANA}`), CODE))).toMatchObject({
      code: 'channel_cannot_initiate',
      message: expect.stringContaining('authentication'),
      hint: expect.stringContaining('loginTemplate'),
    });
    expect(stub.messages).toEqual([]);
  });

  test('by template it goes to a number only: the one that person was last proven by', async () => {
    const { channel, stub } = await started({ templates: { login: 'code', notice: null, language: 'en' } });
    await channel.send(to('US.1A', `+${ANA}`), CODE);
    expect(stub.shown(ANA)).toHaveLength(1);
    expect(await problemOf(channel.send(to('US.2A'), { ...CODE, id: 'out_2' }))).toMatchObject({
      code: 'channel_cannot_initiate',
      message: expect.stringContaining('phone numbers only'),
    });
  });
});

describe('what we say', () => {
  test('C-05: so a chat without a number is known not to be reached, before anything is sent', async () => {
    const { channel, stub } = await started({ templates: { login: 'login', notice: null, language: 'en' } });
    expect(channel.reaches(to('US.1'), 'login-code')).toBe(false);
    expect(channel.reaches(to('US.1', `+${ANA}`), 'login-code')).toBe(true);
    expect(channel.reaches(to(`+${ANA}`), 'login-code')).toBe(true);
    await stub.say('US.1', 'hello');
    expect(channel.reaches(to('US.1'), 'login-code')).toBe(true);
  });

  test('C-05: to a scoped id it goes where Meta looks for it: in the place of a number it would be lost', async () => {
    const { channel, stub } = await started();
    await channel.send(to('US.1A'), words('one'));
    expect(stub.shown('US.1A')).toHaveLength(1);
    expect(JSON.parse(stub.server.calls.at(-1)?.body ?? '')).toMatchObject({ recipient: 'US.1A' });
    expect(JSON.parse(stub.server.calls.at(-1)?.body ?? '')).not.toHaveProperty('to');
  });

  test('words that do not fit above their buttons stand over them, and a retry repeats neither', async () => {
    const { channel, stub } = await started();
    const text = `${'line of words\n'.repeat(120)}who asks: ana`;
    const card = words(text, { id: 'out_card', kind: 'card', buttons: [{ label: 'Approve', value: 'n' }] });
    stub.failNext(/messages$/, { ...refused(200, 0, ''), body: { messages: [{ id: 'wamid.ODD' }] } });
    stub.failNext(/messages$/, refused(503, 2, 'down'));
    expect(await problemOf(channel.send(to(`+${ANA}`), card))).toMatchObject({ code: 'channel_unreachable' });
    await channel.send(to(`+${ANA}`), card);
    await channel.send(to(`+${ANA}`), card);
    const [shown, ...more] = stub.shown(ANA);
    expect(more).toEqual([]);
    expect(shown?.text.endsWith('who asks: ana')).toBe(true);
    expect(shown?.text.length).toBeLessThanOrEqual(1_024);
  });

  test('a fate that is told is handed on, with our own id', async () => {
    const { channel, stub, reports } = await started();
    await channel.send(to(`+${ANA}`), words('one'));
    const [message] = stub.messages;
    if (message === undefined) throw new Error('nothing was shown');
    for (const status of ['read', 'sent', 'delivered']) await stub.status(message, status);
    expect(reports.map(({ id, fate }) => [id, fate])).toEqual([
      ['out_one', 'delivered'],
      ['out_one', 'delivered'],
    ]);
  });
});

describe('the login', () => {
  test.each(['appSecret', 'verifyToken'] as const)('H59: without %s it does not start', async (key) => {
    const { channel, start } = await line({ [key]: { reveal: () => '' } });
    expect(await problemOf(start())).toMatchObject({ code: 'channel_refused' });
    expect(channel.status().state).toBe('failed');
  });

  test('a wrong token is said, and nothing that was said holds a token', async () => {
    const { channel, start } = await line({ accessToken: { reveal: () => 'canary-token' } });
    const problem = await problemOf(start());
    expect(problem).toMatchObject({
      code: 'channel_refused',
      message: 'Meta does not take this access token',
    });
    const probed = await problemOf(channel.probe(new AbortController().signal));
    const all = JSON.stringify([problem, probed, channel.status(), String(problem)]);
    expect(all).not.toContain('canary');
  });

  test('H66: a redirect is not followed, and sees no token', async () => {
    const other = await CloudStub.start();
    const { stub, start } = await line();
    stub.server.redirectTo = other.url;
    expect(await problemOf(start())).toMatchObject({ code: 'channel_unreachable' });
    expect(other.server.calls).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  test('an error that repeats the token is told without it', async () => {
    const { channel, stub } = await started();
    stub.failNext(/messages$/, refused(400, 100, `bad token ${CLOUD_TOKEN}\u0000`));
    const problem = await problemOf(channel.send(to(`+${ANA}`), words('one')));
    expect(problem).toMatchObject({
      code: 'channel_refused',
      message: 'WhatsApp refused it (100): bad token [token] ',
    });
  });
});

describe('the handshake (C-08)', () => {
  const ask = (query: string) => new Request(`https://gate.example/webhooks/whatsapp-cloud/default${query}`);
  const good = { 'hub.mode': 'subscribe', 'hub.verify_token': CLOUD_VERIFY, 'hub.challenge': '1158201444' };

  test('is answered to our own token, and to nothing else', async () => {
    const { channel, received } = await started();
    const answer = await channel.webhook(ask(`?${new URLSearchParams(good)}`));
    expect([answer.status, await answer.text()]).toEqual([200, '1158201444']);
    const bad = [
      '',
      `?${new URLSearchParams({ ...good, 'hub.verify_token': 'guess' })}`,
      `?${new URLSearchParams({ ...good, 'hub.mode': 'unsubscribe' })}`,
      `?${new URLSearchParams({ ...good, 'hub.challenge': '<script>' })}`,
      `?${new URLSearchParams(good)}&hub.verify_token=guess`,
    ];
    for (const query of bad) expect((await channel.webhook(ask(query))).status, query).toBe(401);
    // H59: no token of ours is no token at all.
    const none = { appSecret: { reveal: () => '' }, verifyToken: { reveal: () => '' } };
    const empty = ask(`?${new URLSearchParams({ ...good, 'hub.verify_token': '' })}`);
    expect(answerHandshake(empty, none).status).toBe(401);
    expect(received).toEqual([]);
  });
});

test('H63: more than a delivery ever has is refused, whether its length was told or not', async () => {
  const { channel, stub, received } = await started();
  const body = stub.bodyOf(stub.said(ANA, 'x'.repeat(1024 * 1024)));
  const request = stub.requestOf(body);
  expect(request.headers.get('content-length')).toBeNull();
  expect((await channel.webhook(request)).status).toBe(413);
  const headers = { ...Object.fromEntries(stub.requestOf(body).headers), 'content-length': `${body.length}` };
  expect(
    (await channel.webhook(new Request(request.url, { method: 'POST', headers, body: 'x' }))).status,
  ).toBe(413);
  expect(received).toEqual([]);
});

describe('media', () => {
  const abort = new AbortController().signal;

  test('is fetched with the token from where everything else is', async () => {
    const { channel, stub } = await started();
    stub.media = { url: `${stub.url}/media`, mime: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]) };
    expect(await channel.media('1234', abort)).toEqual({ mime: 'image/jpeg', bytes: Buffer.from([1, 2, 3]) });
  });

  test('H66: an address elsewhere is not followed: it would be shown the token', async () => {
    const other = await CloudStub.start();
    const { channel, stub } = await started();
    stub.media = { url: `${other.url}/media`, mime: 'image/jpeg', bytes: new Uint8Array() };
    expect(await problemOf(channel.media('1234', abort))).toMatchObject({ code: 'channel_refused' });
    for (const id of ['../me', '1/2', '', '1?x=1'])
      expect(await problemOf(channel.media(id, abort))).toMatchObject({ code: 'channel_refused' });
    expect(other.server.calls).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  test('H66: nor is a redirect from where it is', async () => {
    const other = await CloudStub.start();
    const { channel, stub } = await started();
    stub.media = { url: `${stub.url}/media`, mime: 'image/jpeg', bytes: new Uint8Array() };
    stub.failNext(/^\/media$/, { status: 307, body: {}, headers: { location: `${other.url}/media` } });
    expect(await problemOf(channel.media('1234', abort))).toMatchObject({ code: 'channel_unreachable' });
    expect(other.server.calls).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  test('Meta’s own hosts are Meta’s own hosts', () => {
    const meta = { apiRoot: null };
    for (const good of ['https://lookaside.fbsbx.com/x?y=1', 'https://scontent.xx.fbcdn.net/x'])
      expect(mayHoldMedia(good, meta)).toBe(true);
    for (const bad of [
      'http://lookaside.fbsbx.com/x',
      'https://lookaside.fbsbx.com.evil.example/x',
      'https://evil.example/lookaside.fbsbx.com',
      'https://a@lookaside.fbsbx.com/',
      'https://lookaside.fbsbx.com:8443/',
      'https://evilfbcdn.net/',
      'file:///etc/passwd',
      'junk',
    ])
      expect(mayHoldMedia(bad, meta), bad).toBe(false);
  });
});

test('a person who changed their number is told of once it is durable', async () => {
  const { stub, moves } = await started();
  const at = Number(stub.timestamp) * 1_000;
  await stub.say(ANA, '', { type: 'system', system: { type: 'user_changed_number', wa_id: '15550000009' } });
  await setImmediate();
  expect(moves).toEqual([
    { channel: 'whatsapp-cloud', account: 'default', from: `+${ANA}`, to: '+15550000009', at },
  ]);
});
