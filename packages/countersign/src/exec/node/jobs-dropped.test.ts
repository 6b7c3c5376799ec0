// Hashing without a yes: whoever asks for a command that names files of gigabytes, takes it back and asks again would have the
// machine read for ever, without ever reaching the number of commands that it looks at.
import { readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeSays } from '@countersign/protocol/exec';
import { expect, test } from 'vitest';
import { openMachine } from '../../testing/exec-machine.ts';
import { FakeClock } from '../../testing/fakes.ts';
import { NodeJobs } from './jobs.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const job = (at: number) =>
  `job_${(LETTERS[Math.floor(at / 26)] ?? '') + (LETTERS[at % 26] ?? '').repeat(23)}`;
const asked = (at: number, argv: string[]) =>
  ({ type: 'exec.derive', job: job(at), argv, cwd: null, env: {}, stdin: null }) as const;

/** How often this process holds it open. */
function openOf(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}

test.runIf(process.platform === 'linux')(
  'one that is taken back while it is looked at is read no further',
  async () => {
    const { gateway, box } = await openMachine();
    const large = join(box.folder, 'large');
    writeFileSync(large, '');
    truncateSync(large, 3 * 2 ** 30);
    const isRead = (times: number) => expect.poll(() => openOf(large), { interval: 1 }).toBe(times);
    for (const at of [1, 2]) {
      gateway.tells(asked(at, ['sed', '-f', 'large']));
      await isRead(at);
    }
    gateway.tells({ type: 'exec.drop', job: job(2) });
    await isRead(1);
    // The one that came before is still at it.
    expect(gateway.heard).toEqual([]);
    gateway.hangUp();
    await isRead(0);
    await gateway.until(() => gateway.connects === 2);
    await gateway.derives(job(3), 'true');
    expect(gateway.heard.map((frame) => frame.job)).toEqual([job(3)]);
  },
);

test('one that is taken back makes room for another only when it is looked at no more', async () => {
  const said: NodeSays[] = [];
  const jobs = new NodeJobs({
    ...{ clock: new FakeClock(), env: { PATH: '/usr/bin:/bin' }, cwd: '/', talk: () => undefined },
    grants: { redeem: () => Promise.reject(new Error('no')), report: () => Promise.reject(new Error('no')) },
    place: () => ({ url: 'http://localhost', gateway: 'g', device: 'dev_a' }),
    send: (frame) => {
      said.push(frame);
      return true;
    },
  });
  const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
  jobs.pause(held);
  for (let at = 0; at < 32; at += 1) {
    jobs.hear(asked(at, ['true']));
    jobs.hear({ type: 'exec.drop', job: job(at) });
  }
  jobs.hear(asked(32, ['true']));
  expect(said).toMatchObject([{ type: 'exec.refused', job: job(32) }]);
  goOn();
  await jobs.stop();
  jobs.hear(asked(33, ['true']));
  await expect.poll(() => said.length).toBe(2);
  expect(said[1]).toMatchObject({ type: 'exec.derived', job: job(33) });
});
