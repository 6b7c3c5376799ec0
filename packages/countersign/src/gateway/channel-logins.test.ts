// Linking by a phone, as a page and a terminal follow it: one step after the other, by a name that only the first answer
// gave; and what it leaves: an account that runs, a line in the audit, a word to the owners.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { expect, onTestFinished, test } from 'vitest';
import { WhatsApp } from '../channels/whatsapp/channel.ts';
import { checkChain } from '../channels/whatsapp/trust.ts';
import { CredentialFile } from '../runtime/credential-file.ts';
import { createVault } from '../runtime/crypto/vault.ts';
import { SeededRandom } from '../testing/fakes.ts';
import { openHouse } from '../testing/house.ts';
import { OUR_PHONE } from '../testing/whatsapp/directory.ts';
import { WhatsAppStub } from '../testing/whatsapp/stub.ts';
import { ChannelLogins } from './channel-logins.ts';

const HOST = { kind: 'host' } as const;
const ENV = { COUNTERSIGN_TEST_ENDPOINTS: '1' };
const random = new SeededRandom('logins');

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (cause: unknown) => Problem.codeOf(cause),
  );

async function stage(config: object = {}) {
  const stub = await WhatsAppStub.start();
  const house = await openHouse({ running: true, config, env: ENV });
  const { composed } = house;
  const credentials = new CredentialFile({
    folder: join(house.home, 'channels/whatsapp/default'),
    bind: 'channels/whatsapp/default',
    vault: createVault({ vaultKey: () => new Uint8Array(32).fill(3) } as never, random),
    random,
  });
  const held: string[] = [];
  const logins = new ChannelLogins({
    store: composed.store,
    clock: composed.services.clock,
    random,
    bus: composed.core.bus,
    config: composed.config,
    running: {
      hold: async (channel) => void held.push(`hold ${channel}`),
      letGo: async (channel) => void held.push(`let go ${channel}`),
    },
    make: async ({ account }) =>
      new WhatsApp(
        { account, phoneLogin: null, url: stub.url },
        {
          clock: composed.services.clock,
          random,
          log: composed.log,
          credentials,
          ended: async () => undefined,
          check: (chain, key) => checkChain(chain, key, stub.root),
        },
      ),
  });
  onTestFinished(async () => {
    composed.channels.stop();
    await house[Symbol.asyncDispose]();
    await stub[Symbol.asyncDispose]();
  });
  return { stub, house, logins, held, credentials };
}

const wanted = { channel: 'whatsapp', account: 'default', force: false, phone: null };

test('from nothing to linked: the picture, the phone’s yes, the end; and the account is in the configuration', async () => {
  const { stub, house, logins, held, credentials } = await stage();
  const seen: string[] = [];
  let row = await logins.begin(wanted, HOST);
  expect(row.id).toMatch(/^login_[a-z2-7]{32}$/);
  while (row.state !== 'linked' && row.state !== 'failed') {
    row = await logins.follow(row.id, row.step);
    seen.push(row.state);
    if (row.state === 'picture') stub.scanned(row.text ?? '');
  }
  expect(seen).toEqual(['picture', 'finishing', 'linked']);
  expect(row).toMatchObject({ login: `+${OUR_PHONE}` });
  expect(row).not.toHaveProperty('text');
  expect(held).toEqual(['hold whatsapp', 'let go whatsapp']);
  expect(readFileSync(join(house.home, 'countersign.jsonc'), 'utf8')).toMatch(/"whatsapp"/);
  const sealed = readFileSync(join(house.home, 'channels/whatsapp/default/login.sealed'));
  expect(sealed.includes(OUR_PHONE) || sealed.includes('noiseKey')).toBe(false);
  expect((await credentials.load()).has('creds')).toBe(true);
  const events = await house.composed.store.audit.list({ limit: 50 });
  expect(events.map(({ body }) => body.type)).toContain('channel.linked');
  // Once more it takes a word that it was meant.
  const again = await logins.begin(wanted, HOST);
  const end = await logins.follow(again.id, 1);
  expect(end).toMatchObject({
    state: 'failed',
    problem: { code: 'state_conflict', hint: expect.stringContaining('--force') },
  });
  expect(await logins.logout('whatsapp', 'default', HOST)).toBe(true);
  expect((await credentials.load()).size).toBe(0);
});

test('one linking at a time; given up it ends, and nothing of it stays', async () => {
  const { logins, credentials } = await stage();
  const first = await logins.begin(wanted, HOST);
  await logins.follow(first.id, first.step);
  expect(await codeOf(logins.begin(wanted, HOST))).toBe('state_conflict');
  const second = await logins.begin({ ...wanted, force: true }, HOST);
  expect(await logins.follow(first.id, 99)).toMatchObject({ state: 'failed' });
  expect(await logins.cancel(second.id)).toMatchObject({ state: 'failed' });
  expect([...(await credentials.load()).keys()]).toEqual([]);
});

test('what is no linking, no phone, or switched off is said', async () => {
  const { logins, house } = await stage({ channels: { whatsapp: { web: { enabled: false } } } });
  expect(await codeOf(logins.begin({ ...wanted, channel: 'telegram' }, HOST))).toBe('unknown_channel');
  expect(await codeOf(logins.begin({ ...wanted, account: 'Two Words' }, HOST))).toBe('request_malformed');
  await expect(logins.begin(wanted, HOST)).rejects.toMatchObject({ code: 'state_conflict' });
  expect(await codeOf(logins.follow('login_none', 0))).toBe('not_found');
  expect(house.composed.channels.list().find(({ channel }) => channel === 'whatsapp')).toMatchObject({
    enabled: false,
  });
});

test('over HTTP: the gateway believes WhatsApp’s root alone, and says so to who follows', async () => {
  const { stub, house } = await stage();
  await house.composed.config.set('channels.whatsapp', { waWebSocketUrl: stub.url }, HOST);
  const client = createClient((path, { method, body }) =>
    house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
  );
  let row = await client.channels.login('whatsapp');
  while (row.state !== 'failed' && row.state !== 'linked')
    row = await client.channels.loginStep(row.id, row.step);
  expect(row).toMatchObject({
    state: 'failed',
    problem: { detail: expect.stringMatching(/is not WhatsApp/) },
  });
  const { items } = await client.channels.status({ probe: true });
  expect(items.find(({ channel }) => channel === 'whatsapp')).toMatchObject({
    probe: expect.stringMatching(/no phone is linked yet/),
  });
  expect(await client.channels.logout('whatsapp')).toEqual({
    channel: 'whatsapp',
    account: 'default',
    told: false,
  });
});
