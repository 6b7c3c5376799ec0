// One key in two processes: a service and somebody who starts it by hand, or whoever copied the key. Both would be one machine,
// and hear half each of what is meant for it: output would stall, and signals go astray. The one before is ended, and says why.
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';
import { followed, program, RealNode } from './real-node.ts';

test('a key that comes twice: the process before ends and says so, the new one runs what is asked', async () => {
  await using gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
  await using node = new RealNode();
  await using thief = new RealNode();
  const device = await node.pair(gateway);
  const client = program(gateway);
  // The same folder, with the key and the pin in it: the pin is written while it says so.
  await expect.poll(() => existsSync(join(node.folder, 'node/node.json')), { timeout: 20_000 }).toBe(true);
  cpSync(node.folder, thief.folder, { recursive: true });
  thief.start();
  expect(await node.ended).toBe(13);
  expect(node.output).toContain('another process has connected with this machine’s key');
  await thief.says(/connected/);
  const ran = await followed(client, await client.exec.ask({ host: device, argv: ['pwd'] }, 'twice'));
  expect(ran).toMatchObject({ out: `${thief.folder}\n`, job: { state: 'ended' } });
  // And back: whose it is starts it again, and the other one is out.
  node.start();
  expect(await thief.ended).toBe(13);
}, 120_000);

test('a setup code that was used pairs nothing else: it says so and ends', async () => {
  await using gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
  await using node = new RealNode();
  await using second = new RealNode();
  const { setupCode } = await gateway.json<{ setupCode: string }>('pair', '--role', 'node');
  node.start(setupCode);
  const [, request = ''] = await node.says(/devices approve (devreq_\w+)/);
  await gateway.json('devices', 'approve', request);
  await node.says(/connected/);
  second.start(setupCode);
  const code = await second.ended;
  expect([code, second.output]).toEqual([expect.any(Number), expect.stringMatching(/used/)]);
  expect(code).not.toBe(0);
  const { items } = await gateway.json<{ items: readonly object[] }>('devices', 'list');
  expect(items).toHaveLength(1);
}, 120_000);
