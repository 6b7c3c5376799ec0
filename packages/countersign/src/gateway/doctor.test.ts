// The doctor says what is so: it looks at the store that is in use, claims no more of the audit than it proved, and names
// only commands that exist (P-13).
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { type DoctorCheck, doctorSchema } from '@countersign/protocol/gateway';
import { expect, test } from 'vitest';
import { NOUNS } from '../cli/nouns.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { Counters } from './counters.ts';
import { examine } from './doctor.ts';
import type { HousePorts } from './house.ts';

const LOCAL = { agent: { kind: 'echo' } };

async function checked(house: TestHouse): Promise<readonly DoctorCheck[]> {
  return doctorSchema.parse(await jsonOf<unknown>(house.call('host', 'GET', '/api/v1/doctor'))).items;
}

test('every command a hint names is one', async () => {
  const nouns = new Set(NOUNS.map(({ name }) => name));
  await using house = await openHouse({
    config: { ...LOCAL, gateway: { listen: '0.0.0.0' }, channels: { webchat: { enabled: false } } },
  });
  const commands = (await checked(house)).flatMap(({ hint = '' }) => [
    ...hint.matchAll(/countersign (\w+)/g),
  ]);
  expect(commands.length).toBeGreaterThan(0);
  for (const [command, noun] of commands) expect(nouns.has(noun ?? ''), command).toBe(true);
});

test('the store that is looked at is the one in use, wherever it lies', async () => {
  await using house = await openHouse({ config: { ...LOCAL, store: 'sqlite:elsewhere.db' } });
  const path = join(house.home, 'elsewhere.db');
  expect((await checked(house)).find(({ name }) => name === 'store')?.message).toMatch(/MiB/);
  chmodSync(path, 0o644);
  expect(await checked(house)).toContainEqual({
    name: 'home',
    level: 'error',
    message: `${path} is open to others`,
    hint: `chmod 600 ${path}`,
  });
});

test('an audit too long to prove at once is not called proven', async () => {
  await using house = await openHouse({ config: LOCAL });
  const verify = async () => ({ ok: true, events: 20_000, heads: [{ writer: 'w', seq: 25_000, hash: 'h' }] });
  const [check] = (await examine(portsOf(house, { audit: { verify } }))).filter(
    ({ name }) => name === 'audit',
  );
  expect(check).toMatchObject({ level: 'note', hint: 'countersign audit verify' });
  expect(check?.message).toContain('25000');
});

test('a break in the audit is an error that says where, and hides no other check', async () => {
  await using house = await openHouse({ config: LOCAL });
  const verify = async () => ({
    ok: false,
    events: 3,
    heads: [],
    broken: { writer: 'w', seq: 4, why: 'hash' },
  });
  const items = await examine(portsOf(house, { audit: { verify } }));
  expect(items).toContainEqual(
    expect.objectContaining({ name: 'audit', level: 'error', message: 'the chain breaks at w 4 (hash)' }),
  );
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['home', 'store', 'config', 'clock']));
});

test('a clock from before this program is an error', async () => {
  await using house = await openHouse({ config: LOCAL });
  const items = await examine(portsOf(house, { clock: { now: () => Date.UTC(2020, 0, 1) } }));
  expect(items).toContainEqual(expect.objectContaining({ name: 'clock', level: 'error' }));
});

test('what a channel says can be done is what the doctor says', async () => {
  await using house = await openHouse({ config: { ...LOCAL, channels: { whatsapp: { enabled: true } } } });
  const row = { channel: 'whatsapp', account: 'default', enabled: true, dmPolicy: 'pairing' } as const;
  const failed = { ...row, state: 'failed', detail: 'no phone is linked yet' } as const;
  const channelsOf = (one: object) => ({ ...house.composed.channels, list: () => [{ ...failed, ...one }] });
  const hintOf = async (one: object) => {
    const channels = channelsOf(one) as unknown as HousePorts['channels'];
    const items = await examine(portsOf(house, { channels, startedAt: 1 }));
    return items.find(({ name }) => name === 'channel whatsapp')?.hint;
  };
  expect(await hintOf({ hint: 'countersign channels login whatsapp' })).toBe(
    'countersign channels login whatsapp',
  );
  expect(await hintOf({})).toBe('countersign logs');
});

function portsOf(house: TestHouse, other: Partial<HousePorts>): HousePorts {
  const { store, config, services, home, channels, agentDescribe } = house.composed;
  const { clock, audit, claim, pages } = services;
  return {
    ...{
      store,
      clock,
      config: () => config.current,
      home,
      openclaw: () => null,
      version: '0.1.0',
      startedAt: null,
      pid: 1,
      addresses: () => [],
    },
    ...{ agentDescribe, claim, channels, pages, counters: new Counters(), audit, stop: null },
    configValid: () => ({ mistakes: config.mistakes }),
    pending: () => config.pending(),
    allow: { owed: async () => ({ count: 0, why: null }), listedButBlocked: async () => [] },
    ...other,
  };
}
