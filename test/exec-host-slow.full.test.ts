// What takes a machine longer than anybody waits. Whoever asks hears that it took too long; the gateway, and what is asked
// afterwards, go on.
import { expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';
import { followed, program, RealNode } from './real-node.ts';

test('a machine that does not answer in time does not bring the gateway down', async () => {
  await using gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
  await using node = new RealNode();
  const host = await node.pair(gateway);
  const client = program(gateway);
  process.kill(node.pid, 'SIGSTOP');
  await expect(client.exec.ask({ host, argv: ['pwd'] }, 'slow')).rejects.toMatchObject({
    code: 'gateway_timeout',
  });
  process.kill(node.pid, 'SIGCONT');
  const ran = await followed(client, await client.exec.ask({ host, argv: ['pwd'] }, 'after'));
  expect(ran).toMatchObject({ out: `${node.folder}\n`, job: { state: 'ended' } });
}, 120_000);
