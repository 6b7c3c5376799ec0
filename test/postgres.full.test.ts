// The same house on a real PostgreSQL: a stranger, a yes, an answer, a restart; and the CLI with no gateway running.
import { afterAll, expect, test } from 'vitest';
import { startPostgres } from '../packages/countersign/src/testing/postgres-server.ts';
import { BrowserKey, ChatClient } from './chat-client.ts';
import { RealGateway } from './gateway.ts';

const server = await startPostgres();
afterAll(() => (typeof server === 'string' ? undefined : server.stop()));

test('a gateway on PostgreSQL: stranger, approval, answer, restart, audit', async (context) => {
  if (typeof server === 'string') return context.skip(server);
  await using gateway = await RealGateway.prepare();
  gateway.extra = { COUNTERSIGN_STORE: server.url };
  await gateway.start();
  const key = new BrowserKey();
  const client = await ChatClient.connect(gateway.url, key);
  client.send({ type: 'chat.say', id: 'say-0001', text: 'hello' });
  const { code } = await client.next('chat.state', ({ state }) => state === 'pending');
  expect(await gateway.cli('pairing', 'approve', 'webchat', String(code))).toMatchObject({ code: 0 });
  await client.next('chat.state', ({ state }) => state === 'paired');
  client.send({ type: 'chat.say', id: 'say-0002', text: 'hello again' });
  await client.next('chat.message', ({ from }) => from === 'agent');
  expect(await gateway.stop()).toBe(0);
  const { items } = await gateway.json<{ items: { identifier: string }[] }>('pairing', 'list', '--approved');
  expect(items.map(({ identifier }) => identifier)).toEqual([key.identifier]);
  await gateway.start();
  const back = await ChatClient.connect(gateway.url, key);
  back.send({ type: 'chat.resume', after: 0 });
  await back.next('chat.message', ({ from }) => from === 'agent');
  back.close();
  expect(await gateway.cli('audit', 'verify')).toMatchObject({ code: 0 });
}, 240_000);
