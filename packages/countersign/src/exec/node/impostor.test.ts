// Whoever sits at the gateway's address and has none of its keys: a port that another program took, the other end of a tunnel.
// It repeats what it saw, and answers as it likes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JOB, openMachine, RUN } from '../../testing/exec-machine.ts';

test('R40, H54: a grant that ran here is not run again for whoever repeats it and answers "redeemed"', async () => {
  const { gateway, box } = await openMachine();
  const action = await gateway.derives(JOB('a'), RUN);
  const granted = await gateway.grantFor(action, { now: box.clock.now() });
  gateway.tells({ type: 'exec.granted', job: JOB('a'), ...granted });
  await gateway.says('exec.ended', JOB('a'));
  // The same command under another job, on a connection of its own.
  gateway.hangUp();
  await gateway.until(() => gateway.connects === 2);
  await gateway.derives(JOB('b'), RUN);
  gateway.tells({ type: 'exec.granted', job: JOB('b'), ...granted });
  expect((await gateway.says('exec.refused', JOB('b'))).why).toContain('was granted that before');
  expect(gateway.redeemed).toEqual([granted.grant]);
  expect(readFileSync(join(box.folder, 'ran'), 'utf8')).toBe('run\n');
});

test('a hello without a challenge lets nobody in, and does not loosen which gateway is answered', async () => {
  const { gateway, box } = await openMachine();
  await gateway.derives(JOB('a'), 'true');
  const place = () => readFileSync(join(box.folder, 'node', 'node.json'), 'utf8');
  const before = place();
  gateway.isRude = true;
  gateway.hangUp();
  await gateway.until(() => gateway.connects === 2);
  gateway.isRude = false;
  gateway.name = 'another-gateway';
  gateway.closes();
  expect(await box.ended).toMatchObject({ code: 'auth_proof_invalid' });
  expect(place()).toBe(before);
});
