// What a machine believes. The attacks: a gateway, or whoever sits in its place, that grants what was not asked, to others, for
// something else, twice, or by another key (H54, R42, R44); a lost answer; a grant that comes after the connection went.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { JOB, machine, openMachine, RUN } from '../../testing/exec-machine.ts';
import { FakeGateway, MACHINE, newSigner } from '../../testing/fake-gateway.ts';

test('what it derived and was granted runs once: redeemed before, told after, printed in order', async () => {
  const { gateway, box } = await openMachine();
  const action = await gateway.derives(JOB('a'), RUN);
  expect(action).toMatchObject({
    host: MACHINE,
    shell: RUN,
    cwd: { path: box.folder },
    stdin: { kind: 'none' },
  });
  const granted = {
    type: 'exec.granted',
    job: JOB('a'),
    ...(await gateway.grantFor(action, { now: box.clock.now() })),
  };
  gateway.tells(granted);
  // Said twice, it runs once.
  gateway.tells(granted);
  const printed = await gateway.says('exec.output', JOB('a'));
  expect(Buffer.from(printed.data, 'base64').toString()).toBe('printed\n');
  expect(await gateway.says('exec.ended', JOB('a'))).toMatchObject({ seq: 2, exitCode: 0, outputSize: 8 });
  gateway.tells(granted);
  await gateway.derives(JOB('b'), 'true');
  expect(gateway.redeemed).toEqual([granted.grant]);
  expect(gateway.reports.map(({ what }) => what).toSorted()).toEqual(['finished', 'started']);
  expect(readFileSync(join(box.folder, 'ran'), 'utf8')).toBe('run\n');
});

test('H54: a grant that is not for exactly this, here, now and by that key is not even spent', async () => {
  const { gateway, box } = await openMachine();
  const now = box.clock.now();
  const seconds = Math.floor(now / 1_000);
  const other = await gateway.derives(JOB('b'), 'echo other');
  const action = await gateway.derives(JOB('c'), RUN);
  const wrong = {
    key: await gateway.grantFor(action, { now, signer: newSigner() }),
    host: await gateway.grantFor(action, { now, claims: { aud: `dev_${'z'.repeat(24)}` } }),
    late: await gateway.grantFor(action, { now, claims: { iat: seconds - 400, exp: seconds - 200 } }),
    early: await gateway.grantFor(action, { now, claims: { iat: seconds + 200, exp: seconds + 400 } }),
    action: await gateway.grantFor(other, { now }),
    digest: await gateway.grantFor(action, { now, claims: { actionDigest: 'a'.repeat(64) } }),
    request: await gateway.grantFor(action, { now, claims: { requestDigest: 'a'.repeat(64) } }),
    facts: {
      ...(await gateway.grantFor(action, { now })),
      facts: (await gateway.grantFor(other, { now })).facts,
    },
    nothing: { ...(await gateway.grantFor(action, { now })), grant: 'eyJhbGciOiJub25lIn0.e30.' },
  };
  for (const [index, [name, granted]] of Object.entries(wrong).entries()) {
    const job = JOB(String.fromCharCode(100 + index));
    await gateway.derives(job, RUN);
    gateway.tells({ type: 'exec.granted', job, ...granted });
    expect((await gateway.says('exec.refused', job)).why, name).not.toBe('');
  }
  expect(gateway.redeemed).toEqual([]);
  expect(box.ran()).toBe(false);
});

test('H54: a grant for what it was never asked, or on another connection than it was asked on, starts nothing', async () => {
  const { gateway, box } = await openMachine();
  const now = box.clock.now();
  const action = await gateway.derives(JOB('a'), RUN);
  const granted = await gateway.grantFor(action, { now });
  gateway.tells({ type: 'exec.granted', job: JOB('z'), ...granted });
  expect(await gateway.says('exec.refused', JOB('z'))).toMatchObject({
    why: 'this machine waits for no such grant',
  });
  gateway.hangUp();
  await gateway.until(() => gateway.connects === 2);
  await gateway.derives(JOB('b'), 'true');
  gateway.tells({ type: 'exec.granted', job: JOB('a'), ...granted });
  expect(await gateway.says('exec.refused', JOB('a'))).toMatchObject({
    why: 'this machine waits for no such grant',
  });
  expect(gateway.redeemed).toEqual([]);
  expect(box.ran()).toBe(false);
});

test('R42: spent before, refused, or no answer at all: nothing runs, and nothing is tried a second time', async () => {
  const { gateway, box } = await openMachine();
  const answers = [
    { status: 403, body: { code: 'grant_redeemed', title: 'spent' } },
    { status: 500, body: {} },
    null,
  ];
  for (const [index, answer] of answers.entries()) {
    gateway.answer = answer;
    const job = JOB(String.fromCharCode(97 + index));
    const action = await gateway.derives(job, RUN);
    gateway.tells({
      type: 'exec.granted',
      job,
      ...(await gateway.grantFor(action, { now: box.clock.now() })),
    });
    await gateway.says('exec.refused', job);
    expect(gateway.redeemed).toHaveLength(index + 1);
  }
  expect(gateway.reports).toEqual([]);
  expect(box.ran()).toBe(false);
});

test('H44: a script that changed after it was asked is refused, and says what changed', async () => {
  const { gateway, box } = await openMachine();
  const script = join(box.folder, 'do.sh');
  writeFileSync(script, '#!/bin/sh\ntrue\n', { mode: 0o755 });
  gateway.tells({ type: 'exec.derive', job: JOB('a'), argv: ['./do.sh'], cwd: null, env: {}, stdin: null });
  const { action } = await gateway.says('exec.derived', JOB('a'));
  writeFileSync(script, `#!/bin/sh\n${RUN}\n`);
  gateway.tells({
    type: 'exec.granted',
    job: JOB('a'),
    ...(await gateway.grantFor(action, { now: box.clock.now() })),
  });
  expect(await gateway.says('exec.refused', JOB('a'))).toMatchObject({ field: 'program' });
  expect(gateway.redeemed).toEqual([]);
  expect(box.ran()).toBe(false);
});

test('R44: a script that was replaced right after its start is ended, and the machine says so', async () => {
  const { gateway, box } = await openMachine();
  const script = join(box.folder, 'do.sh');
  writeFileSync(script, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
  gateway.tells({ type: 'exec.derive', job: JOB('a'), argv: ['./do.sh'], cwd: null, env: {}, stdin: null });
  const { action } = await gateway.says('exec.derived', JOB('a'));
  const other = join(box.folder, 'other.sh');
  // Whichever of the two it reads, it lasts until it is ended.
  writeFileSync(other, `#!/bin/sh\n${RUN}\nsleep 600\n`, { mode: 0o755 });
  box.says = (line) => line.endsWith(' runs') && renameSync(other, script);
  gateway.tells({
    type: 'exec.granted',
    job: JOB('a'),
    ...(await gateway.grantFor(action, { now: box.clock.now() })),
  });
  expect(await gateway.says('exec.ended', JOB('a'))).toMatchObject({ signal: 'SIGKILL', changed: 'program' });
  expect(gateway.reports).toContainEqual(expect.objectContaining({ what: 'finished', changed: 'program' }));
});

test('what was taken back does not run, also when its grant comes behind', async () => {
  const { gateway, box } = await openMachine();
  for (const [job, frame] of [
    [JOB('a'), { type: 'exec.drop', job: JOB('a') }],
    [JOB('b'), { type: 'exec.signal', job: JOB('b'), signal: 'SIGINT' }],
  ] as const) {
    const action = await gateway.derives(job, RUN);
    gateway.tells(frame);
    gateway.tells({
      type: 'exec.granted',
      job,
      ...(await gateway.grantFor(action, { now: box.clock.now() })),
    });
    await gateway.says('exec.refused', job);
  }
  expect(gateway.redeemed).toEqual([]);
  expect(box.ran()).toBe(false);
});

test('another gateway at the same address gets no signature, and another key of grants is never taken', async () => {
  for (const change of ['name', 'key'] as const) {
    const { gateway, box } = await openMachine();
    await gateway.derives(JOB('a'), 'true');
    if (change === 'name') gateway.name = 'another-gateway';
    else gateway.signer = newSigner();
    gateway.hangUp();
    expect(await box.ended).toMatchObject({ code: 'auth_proof_invalid' });
    // Nor the next time it is started.
    const again = machine(gateway, box.folder, false);
    expect(await again.ended).toMatchObject({ code: 'auth_proof_invalid' });
    expect(gateway.heard.filter(({ type }) => type !== 'exec.derived')).toEqual([]);
  }
});

test('R62: ended by its gateway, it ends what it runs and itself', async () => {
  const { gateway, box } = await openMachine();
  const line = 'trap "echo stopped >> ran; exit" TERM; echo here; while :; do sleep 0.05; done';
  const action = await gateway.derives(JOB('a'), line);
  gateway.tells({
    type: 'exec.granted',
    job: JOB('a'),
    ...(await gateway.grantFor(action, { now: box.clock.now() })),
  });
  await gateway.says('exec.output', JOB('a'));
  gateway.refuses = { type: 'error', code: 'auth_forbidden', hint: 'this device was ended' };
  gateway.tells(gateway.refuses);
  gateway.hangUp();
  expect(await box.ended).toMatchObject({ code: 'auth_forbidden', hint: 'this device was ended' });
  expect(readFileSync(join(box.folder, 'ran'), 'utf8')).toBe('stopped\n');
});

test('a folder that was paired is not paired with another gateway by a code, and nothing of it is lost', async () => {
  const { gateway, box } = await openMachine();
  await gateway.derives(JOB('a'), 'true');
  const other = await FakeGateway.open();
  onTestFinished(() => other[Symbol.asyncDispose]());
  const before = readFileSync(join(box.folder, 'node', 'node.json'), 'utf8');
  expect(await machine(other, box.folder).ended).toMatchObject({ code: 'usage' });
  expect(other.connects).toBe(0);
  expect(readFileSync(join(box.folder, 'node', 'node.json'), 'utf8')).toBe(before);
  mkdirSync(join(box.folder, 'empty'));
  expect(await machine(gateway, join(box.folder, 'empty'), false).ended).toMatchObject({ code: 'usage' });
});

test('R45: whoever asks from elsewhere sets no home, no search path and no user of this machine', async () => {
  const { gateway, box } = await openMachine();
  for (const [index, name] of ['HOME', 'PATH', 'USER', 'TMPDIR', 'home', 'Path'].entries()) {
    const job = JOB(String.fromCharCode(97 + index));
    gateway.tells({ type: 'exec.derive', job, shell: RUN, cwd: null, env: { [name]: '/tmp' }, stdin: null });
    const { why } = await gateway.says('exec.refused', job);
    expect(why, name).toBe(`${name} is what that machine has, and is not set from elsewhere`);
  }
  const job = JOB('z');
  gateway.tells({
    type: 'exec.derive',
    job,
    shell: RUN,
    cwd: null,
    env: { CI: '1', TZ: 'UTC' },
    stdin: null,
  });
  const { action } = await gateway.says('exec.derived', job);
  expect(action.env).toMatchObject({ CI: '1', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' });
  expect(box.ran()).toBe(false);
});

test('the name it was given is kept: started again, also to be let in anew, it calls itself so', async () => {
  const { gateway, box } = await openMachine();
  await gateway.derives(JOB('a'), 'true');
  const again = async (name: string | null) => {
    const tries = gateway.called.length;
    machine(gateway, box.folder, false, name);
    await gateway.until(() => gateway.called.length > tries);
    return gateway.called.at(-1);
  };
  expect(await again(null)).toBe('box');
  expect(await again('bench')).toBe('bench');
  expect(await again(null)).toBe('bench');
});

test('without a name it calls itself as the machine is called', async () => {
  const gateway = await FakeGateway.open();
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  machine(gateway, undefined, true, null);
  await gateway.until(() => gateway.connects > 0);
  expect(gateway.called).toEqual(['its-host-name']);
});
