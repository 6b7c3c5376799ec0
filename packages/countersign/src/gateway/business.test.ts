// WhatsApp by Meta and by Twilio inside a whole gateway: a stranger, a code, an approval and an answer; deliveries for
// several numbers at one address; fates in the outbox; a copy of an old delivery after a restart.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { CLOUD_SECRET, CLOUD_TOKEN, CLOUD_VERIFY, CloudStub } from '../testing/cloud-stub.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { TWILIO_SID, TWILIO_TOKEN, TwilioStub } from '../testing/twilio-stub.ts';

const ENV = { COUNTERSIGN_TEST_ENDPOINTS: '1' };
const ORIGIN = 'https://stage.example';
const CODE = /pairing code: ([A-Z2-9]{8})/;

async function opened(channels: object): Promise<TestHouse> {
  const house = await openHouse({
    config: { gateway: { publicUrl: ORIGIN }, channels },
    running: true,
    env: ENV,
  });
  onTestFinished(async () => {
    house.composed.channels.stop();
    await house[Symbol.asyncDispose]();
  });
  await house.composed.channels.follow();
  return house;
}

const stateOf = (house: TestHouse, channel: string) =>
  house.composed.channels.list().find((row) => row.channel === channel);

/** Everything that follows from a delivery has happened. */
async function settled({ composed: { core } }: TestHouse): Promise<void> {
  await core.inbox.idle();
  await core.turns.idle();
  for (let n = 0; n < 3; n++) {
    await core.dispatcher.dispatch();
    await setImmediate();
  }
}

async function cloud(more: object = {}, number?: string) {
  const stub = await CloudStub.start(number === undefined ? {} : { phoneNumberId: number });
  onTestFinished(() => stub[Symbol.asyncDispose]());
  const keys = {
    accessToken: CLOUD_TOKEN,
    appSecret: CLOUD_SECRET,
    verifyToken: CLOUD_VERIFY,
    phoneNumberId: stub.phoneNumberId,
    apiRoot: stub.url,
    ...more,
  };
  return { stub, keys };
}

const post = (house: TestHouse, request: Request) => house.raw('tcp', request);

async function approves(house: TestHouse): Promise<void> {
  const { items } = await jsonOf<{ items: { id: string }[] }>(house.call('host', 'GET', '/api/v1/pairings'));
  const [row] = items;
  expect((await house.call('host', 'POST', `/api/v1/pairings/${row?.id}/approve`, {})).status).toBe(200);
  await settled(house);
}

test('Meta: a stranger is given a code, approved, and answered', async () => {
  const { stub, keys } = await cloud();
  const house = await opened({ 'whatsapp-cloud': keys });
  expect(stateOf(house, 'whatsapp-cloud')).toMatchObject({
    state: 'connected',
    detail: '+1 555-078-3881 (House), by webhook',
  });
  const says = async (text: string) => {
    const body = stub.bodyOf(stub.said('15550000001', text));
    expect((await post(house, stub.requestOf(body))).status).toBe(200);
    await settled(house);
    return stub.shown('15550000001').map((one) => one.text);
  };
  expect((await says('hello')).at(-1)).toMatch(CODE);
  await approves(house);
  expect((await says('thank you')).at(-1)).toContain('thank you');

  // What became of it is in the outbox.
  const last = stub.shown('15550000001').at(-1);
  if (last === undefined) throw new Error('nothing was shown');
  const told = {
    id: last.id,
    status: 'delivered',
    timestamp: stub.timestamp,
    biz_opaque_callback_data: last.ours,
  };
  await post(house, stub.requestOf(stub.bodyOf({ statuses: [told] })));
  const [row] = await house.composed.store.outbox.recent({ channel: 'whatsapp-cloud', limit: 1 });
  expect(row).toMatchObject({ kind: 'answer', fate: 'delivered' });
});

test('C-08: the handshake is answered over the front door, and everything else there alike', async () => {
  const { keys } = await cloud();
  const house = await opened({ 'whatsapp-cloud': keys });
  const ask = (path: string, token: string) => {
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.verify_token': token,
      'hub.challenge': '77',
    });
    const headers = { host: 'stage.example' };
    return post(house, new Request(`${ORIGIN}/webhooks/${path}?${query}`, { headers }));
  };
  const good = await ask('whatsapp-cloud/default', CLOUD_VERIFY);
  expect([good.status, await good.text()]).toEqual([200, '77']);
  const bad = await Promise.all(
    [
      ask('whatsapp-cloud/default', 'guess'),
      ask('whatsapp-cloud/support', CLOUD_VERIFY),
      ask('telegram/default', CLOUD_VERIFY),
      ask('twilio/default', CLOUD_VERIFY),
      ask('webchat/default', CLOUD_VERIFY),
    ].map(async (answer) => `${(await answer).status} ${await (await answer).text()}`),
  );
  expect(new Set(bad).size).toBe(1);
  expect(bad[0]).toMatch(/^401 /);
});

test('H22: two numbers of one app at one address: what verifies, and whom it names, says whose it is', async () => {
  const first = await cloud();
  const second = await cloud({}, '200');
  const third = await cloud({ appSecret: 'another-app-secret-000000' }, '300');
  const house = await opened({
    'whatsapp-cloud': { ...first.keys, accounts: { support: second.keys, other: third.keys } },
  });
  const deliver = async (number: string, from: string, secret?: string) => {
    const body = first.stub.bodyOf(first.stub.said(from, 'hello'), 'messages', number);
    const request = first.stub.requestOf(body, secret === undefined ? {} : { secret });
    const { status } = await post(house, request);
    await settled(house);
    return status;
  };
  expect(await deliver('200', '15550000002')).toBe(200);
  // Signed by the app of the first two, for the number of the third: nobody's.
  expect(await deliver('300', '15550000003')).toBe(200);
  expect(await deliver('300', '15550000004', 'another-app-secret-000000')).toBe(200);
  expect(await deliver(first.stub.phoneNumberId, '15550000005', 'another-app-secret-000000')).toBe(200);
  expect(await deliver('200', '15550000006', 'guessed')).toBe(401);
  const { items } = await jsonOf<{ items: { account: string; identifier: string }[] }>(
    house.call('host', 'GET', '/api/v1/pairings'),
  );
  expect(items.map(({ account, identifier }) => `${account} ${identifier}`).toSorted()).toEqual([
    'other +15550000004',
    'support +15550000002',
  ]);
});

test('H60 H62: the same bytes again have no effect, and equal ids on two accounts both count once', async () => {
  const first = await cloud();
  const second = await cloud({}, '200');
  const house = await opened({ 'whatsapp-cloud': { ...first.keys, accounts: { support: second.keys } } });
  const { stub } = first;
  const said = stub.said('15550000001', 'hello');
  for (const number of [stub.phoneNumberId, '200', stub.phoneNumberId, '200'])
    expect((await post(house, stub.requestOf(stub.bodyOf(said, 'messages', number)))).status).toBe(200);
  await settled(house);
  expect(first.stub.shown('15550000001')).toHaveLength(1);
  expect(second.stub.shown('15550000001')).toHaveLength(1);
});

test('a delivery that cannot be stored is not acknowledged, and comes again', async () => {
  const { stub, keys } = await cloud();
  const house = await opened({ 'whatsapp-cloud': keys });
  const body = stub.bodyOf(stub.said('15550000001', 'hello'));
  const { messages } = house.composed.store;
  const accept = messages.accept.bind(messages);
  Object.assign(messages, { accept: () => Promise.reject(new Error('the disk is gone')) });
  expect((await post(house, stub.requestOf(body))).status).toBe(503);
  Object.assign(messages, { accept });
  expect((await post(house, stub.requestOf(body))).status).toBe(200);
  await settled(house);
  expect(stub.shown('15550000001')).toHaveLength(1);
});

test('Twilio: WhatsApp and SMS of one account at one address are two accounts of ours and two people', async () => {
  const chat = await TwilioStub.start({ from: 'whatsapp:+15550783881' });
  const sms = await TwilioStub.start({ from: '+15550783881' });
  onTestFinished(async () => {
    await chat[Symbol.asyncDispose]();
    await sms[Symbol.asyncDispose]();
  });
  const keys = { accountSid: TWILIO_SID, authToken: TWILIO_TOKEN };
  const house = await opened({
    twilio: {
      ...keys,
      from: chat.from,
      apiRoot: chat.url,
      accounts: { sms: { from: sms.from, apiRoot: sms.url } },
    },
  });
  for (const stub of [chat, sms]) {
    const from = stub === chat ? 'whatsapp:+15550000001' : '+15550000001';
    const request = stub.requestOf(stub.formOf(from, 'hello'));
    expect((await post(house, request)).status).toBe(200);
    await settled(house);
    expect(stub.shown(from)[0]?.text).toMatch(CODE);
  }
  const { items } = await jsonOf<{ items: { account: string; identifier: string }[] }>(
    house.call('host', 'GET', '/api/v1/pairings'),
  );
  expect(items.map(({ account, identifier }) => `${account} ${identifier}`).toSorted()).toEqual([
    'default whatsapp:+15550000001',
    'sms +15550000001',
  ]);
  // The fate comes to the address that names the account, and is recorded.
  const [message] = sms.messages;
  if (message?.callback === undefined || message.callback === null) throw new Error('nothing was sent');
  const { pathname, search } = new URL(message.callback);
  expect(pathname).toBe('/webhooks/twilio/sms');
  const status = {
    AccountSid: TWILIO_SID,
    From: sms.from,
    To: message.to,
    MessageSid: message.sid,
    MessageStatus: 'undelivered',
    ErrorCode: '30003',
  };
  expect((await post(house, sms.requestOf(status, { path: `${pathname}${search}` }))).status).toBe(200);
  const [row] = await house.composed.store.outbox.recent({ channel: 'twilio', limit: 1 });
  expect(row).toMatchObject({ kind: 'pairing-code', fate: 'failed', reason: 'not_reachable' });
});

test('without what a delivery is proven by, the configuration is refused', async () => {
  const { keys } = await cloud();
  for (const key of ['appSecret', 'verifyToken', 'phoneNumberId', 'accessToken']) {
    const { [key as keyof typeof keys]: _, ...rest } = keys;
    const config = {
      gateway: { publicUrl: ORIGIN },
      channels: { 'whatsapp-cloud': { ...rest, enabled: true } },
    };
    await expect(openHouse({ config, running: true, env: ENV })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  }
});

test('a listed number that changes hands is taken off the list, and lets its next holder in by no road', async () => {
  const { stub, keys } = await cloud();
  const number = '15550000001';
  const policy = { dmPolicy: 'allowlist', allowFrom: [`+${number}`] };
  const house = await opened({ 'whatsapp-cloud': { ...keys, ...policy } });
  const says = async (text: string, who: object) => {
    const body = stub.bodyOf(stub.said(number, text, who));
    expect((await post(house, stub.requestOf(body))).status).toBe(200);
    await settled(house);
  };
  const answers = () => stub.messages.map(({ text }) => text);
  await says('it is Ana', { from_user_id: 'US.1' });
  expect(answers().join()).toContain('it is Ana');
  const before = answers().length;
  await says('it is Eve', { from_user_id: 'US.2' });
  // And without any id beside the number, as before there were such.
  await says('Eve again', {});
  await says('and Ana', { from_user_id: 'US.1' });
  expect(answers()).toHaveLength(before);
  const file = readFileSync(join(house.home, 'countersign.jsonc'), 'utf8');
  expect(JSON.parse(file).channels['whatsapp-cloud'].allowFrom).toEqual([]);
});
