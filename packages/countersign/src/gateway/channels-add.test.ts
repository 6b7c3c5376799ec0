// `channels add`: a token is tried before it is written, shown to nobody it is not meant for, and printed nowhere.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { expect, onTestFinished, test } from 'vitest';
import type { AccountConfig } from '../config/config.ts';
import { CLOUD_TOKEN, CloudStub } from '../testing/cloud-stub.ts';
import { openHouse, type TestHouse } from '../testing/house.ts';
import { TelegramStub } from '../testing/telegram-stub.ts';
import { XmppStub } from '../testing/xmpp-stub.ts';
import { ChannelsAdd, type NewAccount } from './channels-add.ts';
import { ConfigHouse, readConfig } from './config-house.ts';

const HOST = { kind: 'host' } as const;

function clientOf(house: TestHouse) {
  return createClient((path, { method, body }) =>
    house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
  );
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (cause: unknown) => Problem.codeOf(cause),
  );

const textOf = ({ home }: TestHouse) => readFileSync(join(home, 'countersign.jsonc'), 'utf8');

async function houseAndBot(config: object = {}) {
  const bot = await TelegramStub.start();
  const house = await openHouse({ running: true, config });
  onTestFinished(async () => {
    house.composed.channels.stop();
    await house[Symbol.asyncDispose]();
    await bot[Symbol.asyncDispose]();
  });
  const local = { channel: 'telegram', token: bot.token, apiRoot: bot.url, localApi: true };
  return { bot, house, client: clientOf(house), local };
}

test('the login is tried, named and written; the channel then runs, and a live check names it again', async () => {
  const { bot, house, client, local } = await houseAndBot();
  expect(await client.channels.add(local)).toEqual({
    channel: 'telegram',
    account: 'default',
    path: join(house.home, 'countersign.jsonc'),
    login: '@house_bot',
    tokenFrom: 'literal',
    running: true,
  });
  expect(textOf(house)).toContain(bot.token);
  await house.composed.channels.follow();
  const { items } = await client.channels.status({ probe: true });
  expect(items).toMatchObject([
    { channel: 'webchat', probe: 'ok' },
    { channel: 'telegram', state: 'connected', probe: 'ok, @house_bot' },
  ]);
});

test('comments and everything else in the file stay', async () => {
  const { house, client, local } = await houseAndBot();
  const before = '{\n  // mine\n  "channels": {\n    "webchat": { "enabled": true } // the page\n  }\n}\n';
  writeFileSync(join(house.home, 'countersign.jsonc'), before, { mode: 0o600 });
  await client.channels.add(local);
  expect(textOf(house)).toContain('// mine');
  expect(textOf(house)).toContain('// the page');
  expect(await client.config.get('channels.telegram.dmPolicy')).toMatchObject({ value: 'pairing' });
});

test('a wrong token is written nowhere, and the service’s answer holds no token', async () => {
  const { bot, house, client, local } = await houseAndBot();
  const token = '700000002:canary_wrong_token_AAAAAAAAAAAAAAA';
  const problem = await client.channels.add({ ...local, token }).catch((cause: unknown) => cause);
  expect(problem).toMatchObject({ code: 'channel_refused', exit: 15 });
  expect(JSON.stringify(problem)).not.toContain('canary');
  expect(textOf(house)).not.toContain('canary');
  expect(bot.calls.filter(({ method }) => method !== 'getMe')).toEqual([]);
});

test('R64: the token is in no log, no answer and no audit event', async () => {
  const { bot, house, client, local } = await houseAndBot();
  const seen: unknown[] = [await client.channels.add(local), await client.config.get()];
  await house.composed.channels.follow();
  seen.push(await client.channels.status({ probe: true }), await client.gateway.status());
  seen.push(await client.gateway.doctor(), (await client.audit.list({ limit: 1_000 })).items);
  const logs = join(house.home, 'logs');
  for (const name of readdirSync(logs)) seen.push(readFileSync(join(logs, name), 'utf8'));
  expect(JSON.stringify(seen)).not.toContain(bot.token.split(':')[1]);
});

test('an address in the clear is refused before it is shown the token', async () => {
  const { bot, client, local } = await houseAndBot();
  expect(await codeOf(client.channels.add({ ...local, localApi: false }))).toBe('config_invalid');
  expect(await codeOf(client.channels.add({ ...local, apiRoot: 'http://bots.example/' }))).toBe(
    'config_invalid',
  );
  expect(bot.calls).toEqual([]);
});

test('a second bot is an account of its own; one login is never two accounts, whatever its token', async () => {
  const { client, local } = await houseAndBot();
  await client.channels.add(local);
  expect(await codeOf(client.channels.add({ ...local, account: 'support' }))).toBe('state_conflict');
  const rotated = { ...local, token: `${local.token}X` };
  expect(await codeOf(client.channels.add({ ...rotated, account: 'support' }))).toBe('state_conflict');
  const second = await TelegramStub.start({
    token: '700000009:second_AAAAAAAAAAAAAAAAAAAAA',
    username: 'two_bot',
  });
  await using _ = second;
  const other = { ...local, token: second.token, apiRoot: second.url };
  expect(await codeOf(client.channels.add(other))).toBe('state_conflict');
  expect(await client.channels.add({ ...other, account: 'support' })).toMatchObject({ login: '@two_bot' });
  expect((await client.channels.list()).items.map(({ account }) => account)).toEqual([
    'default',
    'default',
    'support',
  ]);
});

test('an account without an address of its own is tried where it will be served: at its channel’s', async () => {
  const { bot, client } = await houseAndBot();
  const { token, url: apiRoot } = bot;
  await client.config.set('channels.telegram', { enabled: false, apiRoot, localApi: true });
  expect(await client.channels.add({ channel: 'telegram', token })).toMatchObject({ login: '@house_bot' });
  expect(await client.config.get('channels.telegram.enabled')).toMatchObject({ value: true });
});

test('without asking it is written as it is, and said so by leaving the login out', async () => {
  const { bot, client, local } = await houseAndBot();
  expect(await client.channels.add({ ...local, check: false })).not.toHaveProperty('login');
  expect(bot.calls).toEqual([]);
});

test('what cannot be added is said by name, and what can is listed', async () => {
  const { client, local } = await houseAndBot();
  expect((await client.channels.addable()).items.map(({ channel }) => channel)).toEqual([
    'telegram',
    'whatsapp-cloud',
    'twilio',
    'xmpp',
  ]);
  for (const channel of ['webchat', 'discord', 'carrier-pigeon'])
    expect(await codeOf(client.channels.add({ ...local, channel }))).toBe('unknown_channel');
  expect(await codeOf(client.channels.add({ ...local, account: 'Support Team' }))).toBe('request_malformed');
  expect(await codeOf(client.channels.add({ ...local, account: 'main' }))).toBe('config_invalid');
  expect(await codeOf(client.channels.add({ ...local, token: `${local.token}\n${local.token}` }))).toBe(
    'request_malformed',
  );
});

function tokenOf(account: AccountConfig | undefined): string | undefined {
  return account?.channel === 'telegram' ? account.settings.botToken?.reveal() : undefined;
}

/** The service alone, with an environment of its own. */
function adder(env: Readonly<Record<string, string>>, running: boolean) {
  const home = mkdtempSync(join(tmpdir(), 'cs-add-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'run'));
  const place = { home, env };
  const tried: AccountConfig[] = [];
  const house = new ConfigHouse(place, readConfig(place));
  const config = {
    current: house.current,
    edit: async (_: string, plan: Parameters<ConfigHouse['edit']>[1]) => {
      const { editConfig } = await import('../config/edit.ts');
      await editConfig(place, plan);
    },
  };
  const probe = async (account: AccountConfig) => {
    tried.push(account);
    return '@the_bot';
  };
  const add = new ChannelsAdd({ place, config, running, probe });
  const wanted: NewAccount = {
    channel: 'telegram',
    account: 'default',
    token: { env: 'BOT' },
    settings: {},
    secrets: {},
    apiRoot: null,
    localApi: false,
    check: true,
  };
  const text = () => readFileSync(join(home, 'countersign.jsonc'), 'utf8');
  return { add, wanted, tried, text, home };
}

test('a token in the environment is written by its name, and tried with its value', async () => {
  const { add, wanted, tried, text } = adder({ BOT: '1:canary' }, true);
  expect(await add.add(wanted, HOST)).toMatchObject({ tokenFrom: 'env', login: '@the_bot' });
  expect(tokenOf(tried[0])).toBe('1:canary');
  expect(text()).toContain('"env": "BOT"');
  expect(text()).not.toContain('canary');
});

test('a variable that the running gateway has not is said clearly, and nothing is written', async () => {
  const { add, wanted, text } = adder({}, true);
  for (const check of [true, false]) {
    await expect(add.add({ ...wanted, check }, HOST)).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'the running gateway cannot read it: the environment has no BOT',
      hint: 'set BOT where the gateway starts and restart it, or use --token-file PATH',
    });
  }
  expect(() => text()).toThrow();
});

test('where no gateway runs, --no-check writes the name of a variable that is set elsewhere', async () => {
  const { add, wanted, text, tried } = adder({}, false);
  await expect(add.add(wanted, HOST)).rejects.toMatchObject({ code: 'config_invalid' });
  expect(await add.add({ ...wanted, check: false }, HOST)).toMatchObject({ login: null });
  expect(text()).toContain('"env": "BOT"');
  expect(tried).toEqual([]);
});

test('a token in a file is read from it, its last line end left out', async () => {
  const { add, wanted, tried, home, text } = adder({}, true);
  const file = join(home, 'bot.token');
  writeFileSync(file, '1:from-a-file\n', { mode: 0o600 });
  expect(await add.add({ ...wanted, token: { file } }, HOST)).toMatchObject({ tokenFrom: 'file' });
  expect(tokenOf(tried[0])).toBe('1:from-a-file');
  expect(text()).not.toContain('from-a-file');
});

test('a business number is tried with its token, written with its secrets by name, and says where to deliver', async () => {
  const stub = await CloudStub.start();
  const house = await openHouse({
    running: true,
    config: { gateway: { publicUrl: 'https://gate.example' } },
    env: {
      COUNTERSIGN_TEST_ENDPOINTS: '1',
      META_SECRET: 'canary-app-secret',
      META_VERIFY: 'canary-verify-token',
    },
  });
  onTestFinished(async () => {
    house.composed.channels.stop();
    await house[Symbol.asyncDispose]();
    await stub[Symbol.asyncDispose]();
  });
  const client = clientOf(house);
  const wanted = {
    channel: 'whatsapp-cloud',
    token: CLOUD_TOKEN,
    apiRoot: stub.url,
    settings: { phoneNumberId: stub.phoneNumberId, loginTemplate: 'login_code' },
    secrets: { appSecret: { env: 'META_SECRET' }, verifyToken: { env: 'META_VERIFY' } },
  };
  const { appSecret: _, ...fewer } = wanted.secrets;
  expect(await codeOf(client.channels.add({ ...wanted, secrets: fewer }))).toBe('request_malformed');
  const unknown = { ...wanted.settings, webhookUrl: 'x' };
  expect(await codeOf(client.channels.add({ ...wanted, settings: unknown }))).toBe('request_malformed');
  // A secret that comes in as if it were none would be shown like any other setting.
  const open = { ...wanted, secrets: fewer, settings: { ...wanted.settings, appSecret: 'canary-open' } };
  expect(await codeOf(client.channels.add(open))).toBe('request_malformed');
  const wrong = { ...wanted.settings, phoneNumberId: '999' };
  expect(await codeOf(client.channels.add({ ...wanted, settings: wrong }))).toBe('channel_refused');
  expect(await codeOf(client.channels.add({ ...wanted, token: 'canary-wrong' }))).toBe('channel_refused');
  expect(textOf(house)).not.toContain('whatsapp-cloud');

  expect(await client.channels.add(wanted)).toMatchObject({
    login: '+1 555-078-3881 (House)',
    webhook: 'https://gate.example/webhooks/whatsapp-cloud/default',
  });
  expect(textOf(house)).toContain('"env": "META_SECRET"');
  expect(textOf(house)).not.toContain('canary');
  await house.composed.channels.follow();
  expect((await client.channels.list()).items).toMatchObject([
    { channel: 'webchat' },
    { channel: 'whatsapp-cloud', state: 'connected' },
  ]);
  // People were approved on that number: it is not exchanged for another one under them.
  const other = { ...wanted.settings, phoneNumberId: '106540352242923' };
  expect(await codeOf(client.channels.add({ ...wanted, settings: other }))).toBe('state_conflict');
  const again = { ...wanted, account: 'support' };
  expect(await codeOf(client.channels.add(again))).toBe('config_invalid');
});

test('an account of XMPP: asked for by its parts, tried, written, and running', async () => {
  const { house, client } = await houseAndBot();
  const stub = await XmppStub.start();
  onTestFinished(() => stub[Symbol.asyncDispose]());
  const { username, password } = stub.account;
  const settings = { username, domain: stub.domain, service: stub.service };
  const local = { channel: 'xmpp', token: password, settings };
  // A password may hold spaces, and a wrong one is written nowhere.
  expect(await codeOf(client.channels.add({ ...local, token: 'not the one' }))).toBe('channel_refused');
  const whole = { ...settings, username: `${username}@${stub.domain}` };
  expect(await codeOf(client.channels.add({ ...local, settings: whole }))).toBe('config_invalid');
  const web = { ...settings, service: 'ws://127.0.0.1:5280/xmpp' };
  expect(await codeOf(client.channels.add({ ...local, settings: web }))).toBe('config_invalid');
  expect(textOf(house)).not.toContain('xmpp');
  expect(await client.channels.add(local)).toMatchObject({ login: stub.own, running: true });
  await house.composed.channels.follow();
  const { items } = await client.channels.status({ probe: true });
  expect(items.find(({ channel }) => channel === 'xmpp')).toMatchObject({
    state: 'connected',
    probe: `ok, ${stub.own}`,
  });
  const moved = { ...settings, domain: 'example.net' };
  expect(await codeOf(client.channels.add({ ...local, settings: moved }))).toBe('state_conflict');
});
