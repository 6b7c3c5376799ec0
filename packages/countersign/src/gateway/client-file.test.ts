// R68, R64: client.json opens the agent's door and no other. The attacks: somebody else reads it; and an owner who ended its
// token finds another one made at the next start.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeWhole } from '../runtime/files.ts';
import { openHouse, type TestHouse } from '../testing/house.ts';
import { bearer } from '../testing/token-house.ts';
import { ensureClientFile } from './client-file.ts';

interface Client {
  readonly socket: string;
  readonly host: string;
  readonly token: string;
  readonly gatewayKey: object;
}

async function starts({ composed }: TestHouse): Promise<string> {
  const { store, services, home, log } = composed;
  const { tokens, clientPlace: place } = services;
  const ports = { store, tokens, log, place, write: writeWhole, agent: 'main' };
  await ensureClientFile({ ...ports, file: home.clientFile });
  return home.clientFile;
}

const read = (file: string): Client => JSON.parse(readFileSync(file, 'utf8'));

test('is written once, for its owner alone, with the socket, the pinned key and a token that only asks', async () => {
  await using house = await openHouse({ running: true });
  const file = await starts(house);
  const { socket, token, host, gatewayKey } = read(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(socket).toBe(house.composed.home.agentSocket);
  expect(host).toBe(house.composed.store.installation);
  expect(gatewayKey).toEqual(house.composed.services.clientPlace.gatewayKey);
  // Grants have a key of their own: nothing that the gateway signs otherwise can be taken for one.
  expect(gatewayKey).not.toMatchObject(house.composed.signer.publicJwk);
  expect((await house.call('agent', 'GET', '/healthz', undefined, bearer(token))).status).toBe(200);
  expect((await house.call('agent', 'GET', '/api/v1/people', undefined, bearer(token))).status).toBe(403);
  await starts(house);
  expect(read(file)).toEqual({ socket, token, host, gatewayKey });
  expect(await house.composed.store.tokens.list({ limit: 9 })).toHaveLength(1);
});

test('another socket is written into it; the token stays', async () => {
  await using house = await openHouse({ running: true });
  const file = await starts(house);
  const before = read(file);
  writeFileSync(file, JSON.stringify({ ...before, socket: '/elsewhere.sock' }));
  await starts(house);
  expect(read(file)).toEqual(before);
  // One that leads to another address was written by hand.
  const { token, gatewayKey } = before;
  const byHand = JSON.stringify({ url: 'https://assistant.example', token, gatewayKey });
  writeFileSync(file, byHand);
  await starts(house);
  expect(readFileSync(file, 'utf8')).toBe(byHand);
});

test('R62: once its token was ended nobody but an owner makes the local agent another', async () => {
  await using house = await openHouse({ running: true });
  const file = await starts(house);
  const [row] = await house.composed.store.tokens.list({ limit: 1 });
  await house.call('host', 'POST', `/api/v1/tokens/${row?.token}/revoke`);
  writeFileSync(file, '');
  await starts(house);
  expect(readFileSync(file, 'utf8')).toBe('');
  expect(await house.composed.store.tokens.list({ limit: 9 })).toHaveLength(1);
});

test('a home that cannot be written is told of, and nothing else stops', async () => {
  await using house = await openHouse({ running: true });
  const { store, services, log, home } = house.composed;
  const { tokens, clientPlace: place } = services;
  const write = () => {
    throw new Error('read-only');
  };
  const file = join(home.root, 'nowhere.json');
  await ensureClientFile({ store, tokens, log, place, agent: 'main', write, file });
  expect(readFileSync(home.logFile, 'utf8')).toContain('client_file.failed');
});
