// A configuration that changes while the gateway runs: taken up when it is right, refused and told when it is not, and
// never told by value.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@countersign/protocol/client';
import { expect, test, vi } from 'vitest';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { changedPaths } from './config-changes.ts';

interface Told {
  readonly items: readonly {
    type: string;
    actor: string;
    outcome: string;
    subject: Record<string, unknown>;
  }[];
}

const events = (house: TestHouse, type: string) =>
  jsonOf<Told>(house.call('host', 'GET', `/api/v1/audit?type=${type}`));
const write = (house: TestHouse, config: object) =>
  writeFileSync(join(house.home, 'countersign.jsonc'), JSON.stringify(config));

test('a hand-written change is taken up at once: another agent, another policy', async () => {
  await using house = await openHouse({ running: true, config: {} });
  house.composed.config.follow(() => undefined);
  expect(house.composed.agentDescribe()).toContain('echo');
  write(house, {
    agent: { url: 'http://127.0.0.1:1/v1', model: 'canary-model' },
    channels: { webchat: { dmPolicy: 'disabled' } },
  });
  await vi.waitFor(() => expect(house.composed.agentDescribe()).toContain('canary-model'), 30_000);
  const { items } = await jsonOf<{ items: object[] }>(house.call('host', 'GET', '/api/v1/channels'));
  expect(items).toMatchObject([{ channel: 'webchat', dmPolicy: 'disabled' }]);
  await vi.waitFor(async () => expect((await events(house, 'config.changed')).items).toHaveLength(1), 30_000);
  const [told] = (await events(house, 'config.changed')).items;
  expect(told).toMatchObject({
    actor: 'file',
    outcome: 'ok',
    subject: { paths: expect.arrayContaining(['agent', 'channels']) },
  });
  expect(JSON.stringify(told)).not.toContain('canary');
});

test('an invalid one is refused and told, and the last good one stays', async () => {
  await using house = await openHouse({
    running: true,
    config: { agent: { model: 'good', url: 'http://127.0.0.1:1/v1' } },
  });
  house.composed.config.follow(() => undefined);
  write(house, { agent: { url: 7, apiKey: 'sk-canary' } });
  await vi.waitFor(async () => expect((await events(house, 'config.refused')).items).toHaveLength(1), 30_000);
  expect(house.composed.agentDescribe()).toContain('good');
  const client = createClient((path, { method }) => house.call('host', method, path));
  await expect(client.config.validate()).rejects.toMatchObject({ code: 'config_invalid' });
  const { items } = await client.gateway.doctor();
  expect(items.find(({ name }) => name === 'config')).toMatchObject({ level: 'warning' });
  expect(JSON.stringify((await events(house, 'config.refused')).items)).not.toContain('canary');
});

test('what differs between two texts is told by path, whatever the text looks like', () => {
  expect(changedPaths('{"a":{"b":1,"c":[1]}}', '{"a":{"b":2,"c":[1],"d":0}}')).toEqual(['a.b', 'a.d']);
  expect(changedPaths('', '{"a":1}')).toEqual(['a']);
  expect(changedPaths('{"a":1}', '// only a comment\n{"a":1}')).toEqual([]);
  expect(changedPaths('{"a":1}', '{broken')).toEqual(['a']);
});
