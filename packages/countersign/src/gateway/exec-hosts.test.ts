// Commands on other machines, through the whole app. The attacks: a machine that answers for another one (H54), that answers
// with another command than was asked, that prints what it may not run; a program that looks at what is not its own.
import type { ApprovalRow, ExecAction } from '@countersign/protocol/approval';
import type { ExecJob, NodeHears, NodeSays } from '@countersign/protocol/exec';
import type { TokenMade } from '@countersign/protocol/service-token';
import { afterEach, expect, test, vi } from 'vitest';
import { approvalLines } from '../cli/approval-lines.ts';
import type { DeviceRow } from '../core/device/devices-port.ts';
import { type ApprovalHouse, command, openApprovalHouse } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';
import { pairNode } from '../testing/paired-node.ts';

const EXEC = '/api/v1/exec';

afterEach(() => void vi.useRealTimers());

interface Machine {
  readonly device: DeviceRow;
  /** What it was told, and has not been looked at. */
  readonly heard: NodeHears[];
  next<T extends NodeHears['type']>(type: T): Promise<Extract<NodeHears, { type: T }>>;
  /** Resolves once it is heard. */
  says(frame: NodeSays): Promise<void>;
  hears(frame: NodeHears): void;
  leave(): void;
  post(path: string, body: unknown): Promise<Response>;
}

interface Stage extends ApprovalHouse {
  machine(name?: string): Promise<Machine>;
  exec(body: object, more?: { by?: TokenMade; key?: string }): Promise<Response>;
  looks(id: string, query?: string, by?: TokenMade): Promise<Response>;
}

async function open(): Promise<Stage> {
  const stage = await openApprovalHouse();
  const { house, program, people } = stage;
  const as = ({ token }: TokenMade, key?: string) => ({
    authorization: `Bearer ${token}`,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  });
  return Object.assign(stage, {
    machine: (name = 'box') => enter(stage, people.olga, name),
    exec: (body: object, { by = program, key }: { by?: TokenMade; key?: string } = {}) =>
      house.call('agent', 'POST', EXEC, body, as(by, key)),
    looks: (id: string, query = '', by = program) =>
      house.call('agent', 'GET', `${EXEC}/${id}${query}`, undefined, as(by)),
  });
}

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

/** As that machine would derive it, unless it says otherwise. */
function derived({ device }: Machine, more: object = {}): ExecAction {
  const action = command('git', 'push', 'origin', 'main');
  if (action.kind !== 'exec') throw new Error('no command');
  return { ...action, host: device.id, ...more };
}

const PUSH = { argv: ['git', 'push', 'origin', 'main'] };

/** Asked of that machine, and derived by it. */
async function asked(stage: Stage, machine: Machine): Promise<ExecJob> {
  const answer = stage.exec({ host: 'box', ...PUSH });
  const { job } = await machine.next('exec.derive');
  await machine.says({ type: 'exec.derived', job, action: derived(machine) });
  return jsonOf<ExecJob>(answer);
}

test('a machine derives it, people are asked about that, and its grant goes to it and to nobody else', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const job = await asked(stage, box);
  expect(job).toMatchObject({
    host: box.device.id,
    state: 'asked',
    approval: { state: 'pending', host: box.device.id },
  });
  // Whoever decides reads which machine it is, by its id and by what it is called; the program its id alone.
  expect(job.approval).not.toHaveProperty('names');
  const atHost = await jsonOf<ApprovalRow>(
    stage.house.call('host', 'GET', `/api/v1/approvals/${job.approval.id}`),
  );
  expect(atHost.names).toMatchObject({ [box.device.id]: 'box' });
  expect(approvalLines(atHost, 0).join('\n')).toMatch(/^machine +"box"$/m);
  const [card] = (
    await stage.house.composed.store.outbox.claim(
      [{ channel: 'telegram', account: 'default' }],
      ...([stage.house.composed.store.writer, Date.now() + 60_000, Date.now(), 10] as const),
    )
  ).filter(({ text }) => text.includes(job.approval.short));
  expect(card?.text).toContain(`on: ${box.device.id}`);
  expect(card?.text).toContain('machine: "box"');
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${job.approval.id}/decision`, { decision: 'approve' });
  const { grant, facts } = await box.next('exec.granted');
  expect(facts).toEqual(job.approval.facts);
  const now = await jsonOf<ExecJob>(stage.looks(job.id));
  expect(now.state).toBe('granted');
  expect(now.approval).not.toHaveProperty('grant');

  expect(await codeOf(box.post('/api/v1/grants/redeem', { grant }))).toBe('ok');
  await box.says({ type: 'exec.started', job: job.id });
  const data = Buffer.from('pushed\n').toString('base64');
  await box.says({ type: 'exec.output', job: job.id, seq: 1, stream: 'out', data });
  // Sent again, because the answer to it was lost: it is there once.
  await box.says({ type: 'exec.output', job: job.id, seq: 1, stream: 'out', data });
  await box.says({ type: 'exec.ended', job: job.id, seq: 2, exitCode: 3, signal: null, changed: 'script' });
  const done = await jsonOf<ExecJob>(stage.looks(job.id));
  expect(done).toMatchObject({
    state: 'ended',
    output: [{ seq: 1, stream: 'out', data }],
    end: { exitCode: 3, signal: null, changed: 'script' },
  });
  expect((await jsonOf<ExecJob>(stage.looks(job.id, '?after=1'))).output).toEqual([]);
});

test('H54: what a machine answers is held against what was asked, and its host is itself', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const other = await stage.machine('shed');
  const wrong: readonly object[] = [
    { host: other.device.id },
    { host: 'ins_here' },
    { argv: ['git', 'push', 'origin', 'master'] },
    { argv: undefined, shell: 'git push origin main' },
    { stdin: { kind: 'bytes', size: 1, sha256: 'a'.repeat(64) } },
    { stdin: { kind: 'terminal' } },
    { env: {} },
  ];
  for (const more of wrong) {
    const answer = stage.exec({ host: 'box', ...PUSH, env: { LANG: 'C' } });
    const { job } = await box.next('exec.derive');
    await box.says({
      type: 'exec.derived',
      job,
      action: JSON.parse(JSON.stringify(derived(box, { env: { LANG: 'C' }, ...more }))),
    });
    expect(await codeOf(answer), JSON.stringify(more)).toBe('state_conflict');
  }
  expect(await stage.events('approval.requested')).toEqual([]);
});

test('H54: a machine that tells of another machine’s command is heard no more, and it is written down', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const thief = await stage.machine('shed');
  const job = await asked(stage, box);
  for (const frame of [
    { type: 'exec.derived', job: job.id, action: derived(thief) },
    { type: 'exec.started', job: job.id },
    { type: 'exec.ended', job: job.id, seq: 1, exitCode: 0, signal: null },
  ] as const satisfies readonly NodeSays[])
    await expect(thief.says(frame)).rejects.toMatchObject({ code: 'auth_forbidden' });
  expect((await jsonOf<ExecJob>(stage.looks(job.id))).state).toBe('asked');
  await expect.poll(() => stage.events('call.denied')).toMatchObject([{ subject: { verb: 'exec.serve' } }]);
});

test('H54: nothing is taken from a machine that nothing was granted to: no output, no end', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const job = await asked(stage, box);
  const early = { job: job.id, seq: 1 } as const;
  await expect(box.says({ type: 'exec.output', ...early, stream: 'out', data: 'AAAA' })).rejects.toThrow();
  await expect(box.says({ type: 'exec.ended', ...early, exitCode: 0, signal: null })).rejects.toThrow();
  await expect(box.says({ type: 'exec.started', job: job.id })).rejects.toThrow();
  expect(await jsonOf<ExecJob>(stage.looks(job.id))).toMatchObject({ state: 'asked', output: [] });
  // Of a job that there is not, it is told to let go.
  await box.says({ type: 'exec.started', job: `job_${'a'.repeat(24)}` });
  expect(await box.next('exec.drop')).toMatchObject({ job: `job_${'a'.repeat(24)}` });
});

test('H54: granted is not spent: a machine that tells of a run without redeeming is heard no more, and its yes is gone', async () => {
  await using stage = await open();
  const box = await stage.machine();
  for (const what of [
    { type: 'exec.started' },
    { type: 'exec.output', seq: 1, stream: 'out', data: 'AAAA' },
    { type: 'exec.ended', seq: 1, exitCode: 0, signal: null },
  ] as const) {
    const job = await asked(stage, box);
    const page = await stage.browser('ari');
    await page.call('POST', `/api/v1/approvals/${job.approval.id}/decision`, { decision: 'approve' });
    const { grant } = await box.next('exec.granted');
    await expect(box.says({ ...what, job: job.id })).rejects.toMatchObject({ code: 'auth_forbidden' });
    expect(await jsonOf<ExecJob>(stage.looks(job.id))).toMatchObject({
      ...{ state: 'refused', why: 'its machine told of a run that no grant was spent for', output: [] },
    });
    await expect
      .poll(async () => (await jsonOf<{ state: string }>(stage.sees(job.approval.id))).state)
      .toBe('cancelled');
    expect(await codeOf(box.post('/api/v1/grants/redeem', { grant }))).toBe('grant_expired');
  }
  await expect.poll(() => stage.events('call.denied')).toMatchObject([{ subject: { verb: 'exec.serve' } }]);
});

test('output that leaves a gap, or runs ahead of what was taken, ends the machine’s connection', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const job = await asked(stage, box);
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${job.approval.id}/decision`, { decision: 'approve' });
  const { grant } = await box.next('exec.granted');
  expect(await codeOf(box.post('/api/v1/grants/redeem', { grant }))).toBe('ok');
  const data = Buffer.alloc(48 * 1024).toString('base64');
  const out = (seq: number) => box.says({ type: 'exec.output', job: job.id, seq, stream: 'out', data });
  await expect(out(2)).rejects.toMatchObject({ code: 'request_malformed' });
  // As much as is kept for a reader, and then no acknowledgement any more.
  let seq = 0;
  for (; seq < 40; seq += 1) {
    try {
      await out(seq + 1);
    } catch {
      break;
    }
  }
  expect(seq).toBeGreaterThan(10);
  expect(seq).toBeLessThan(30);
  const acks = box.heard.filter(({ type }) => type === 'exec.ack').length;
  await stage.looks(job.id, `?after=${seq}`);
  expect(box.heard.filter(({ type }) => type === 'exec.ack').length).toBeGreaterThan(acks);
});

test('only the program that asked sees, signals and hears of it; a machine that is away and none read alike', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const job = await asked(stage, box);
  expect(await codeOf(stage.looks(job.id, '', stage.other))).toBe('not_found');
  const { house } = stage;
  const signal = house.call(
    'agent',
    'POST',
    `${EXEC}/${job.id}/signal`,
    { signal: 'SIGINT' },
    {
      authorization: `Bearer ${stage.other.token}`,
    },
  );
  expect(await codeOf(signal)).toBe('not_found');
  expect(await codeOf(house.call('host', 'GET', `${EXEC}/${job.id}`))).toBe('auth_forbidden');
  box.leave();
  const away = await jsonOf<object>(stage.exec({ host: box.device.id, ...PUSH }));
  const none = await jsonOf<object>(stage.exec({ host: 'dev_nobody', ...PUSH }));
  expect(away).toEqual(none);
});

test('a machine that goes takes what waits for it along; a revoked token what it asked', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const job = await asked(stage, box);
  box.leave();
  expect(await jsonOf<ExecJob>(stage.looks(job.id))).toMatchObject({
    state: 'refused',
    why: 'the machine went away',
  });
  await expect
    .poll(async () => (await jsonOf<{ state: string }>(stage.sees(job.approval.id))).state)
    .toBe('cancelled');

  const back = await stage.machine('box');
  const { job: id } = await asked(stage, back).then(({ id: made }) => ({ job: made }));
  await stage.house.call('host', 'POST', `/api/v1/tokens/${stage.program.id}/revoke`, {});
  await expect
    .poll(() => back.heard.some((frame) => frame.type === 'exec.drop' && frame.job === id))
    .toBe(true);
});

test('a program that has not looked for a minute is gone: nobody is asked in vain, and it is said why', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  await using stage = await open();
  const job = await asked(stage, await stage.machine());
  vi.advanceTimersByTime(45_000);
  expect(await jsonOf(stage.looks(job.id))).toMatchObject({ state: 'asked' });
  vi.advanceTimersByTime(75_000);
  await expect
    .poll(() => stage.house.call('host', 'GET', `/api/v1/approvals/${job.approval.id}`).then(jsonOf))
    .toMatchObject({ state: 'cancelled', because: 'asker_gone' });
});

test('a machine that comes back before its old connection is found dead: what is asked on the new one stays', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const before = await asked(stage, box);
  const again = stage.house.composed.services.execHosts.enter(box.device, box.hears, () => undefined);
  expect((await jsonOf<ExecJob>(stage.looks(before.id))).state).toBe('refused');
  const answer = stage.exec({ host: 'box', argv: ['git', 'push', 'origin', 'main'] });
  const { job } = await box.next('exec.derive');
  await box.says({ type: 'exec.derived', job, action: derived(box) });
  const { id } = await jsonOf<ExecJob>(answer);
  box.leave();
  expect((await jsonOf<ExecJob>(stage.looks(id))).state).toBe('asked');
  again();
  expect((await jsonOf<ExecJob>(stage.looks(id))).state).toBe('refused');
});

test('a machine that goes between the yes and the run: the yes is taken back', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const job = await asked(stage, box);
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${job.approval.id}/decision`, { decision: 'approve' });
  const { grant } = await box.next('exec.granted');
  box.leave();
  await expect
    .poll(async () => await jsonOf<ExecJob>(stage.looks(job.id)))
    .toMatchObject({ state: 'refused', why: 'the machine went away', approval: { state: 'cancelled' } });
  expect(await codeOf(box.post('/api/v1/grants/redeem', { grant }))).toBe('grant_expired');
});

test('the same key is the same command, once; for another command it is refused', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const first = stage.exec({ host: 'box', ...PUSH }, { key: 'one' });
  const again = stage.exec({ host: 'box', ...PUSH }, { key: 'one' });
  const { job } = await box.next('exec.derive');
  await box.says({ type: 'exec.derived', job, action: derived(box) });
  const [a, b] = [await jsonOf<ExecJob>(first), await jsonOf<ExecJob>(again)];
  expect(a.id).toBe(b.id);
  expect(box.heard.filter(({ type }) => type === 'exec.derive')).toEqual([]);
  expect(await codeOf(stage.exec({ host: 'box', argv: ['ls'] }, { key: 'one' }))).toBe('state_conflict');
});

test('what a machine cannot derive is said as it says it, and what is malformed reaches no machine', async () => {
  await using stage = await open();
  const box = await stage.machine();
  const answer = stage.exec({ host: 'box', argv: ['no-such-thing'] });
  const { job } = await box.next('exec.derive');
  await box.says({ type: 'exec.refused', job, why: 'there is no such program here', hint: 'install it' });
  expect(await jsonOf<object>(answer)).toMatchObject({
    code: 'request_malformed',
    detail: 'there is no such program here',
    hint: 'install it',
  });
  for (const body of [
    { host: 'box' },
    { host: 'box', argv: ['a'], shell: 'a' },
    { host: 'box', argv: [] },
    { host: 'box', argv: ['a'], stdin: 'not base64' },
    { host: 'box', argv: ['a'], approved: true },
    { host: 'box', argv: ['a'], env: { 'A=B': 'c' } },
  ])
    expect(await codeOf(stage.exec(body)), JSON.stringify(body)).toBe('request_malformed');
  expect(box.heard.some(({ type }) => type === 'exec.derive')).toBe(false);
});

async function enter(
  { house }: ApprovalHouse,
  person: ApprovalHouse['people']['olga'],
  name: string,
): Promise<Machine> {
  const { services } = house.composed;
  const { device, post } = await pairNode(house, person, name);
  const heard: NodeHears[] = [];
  const looking = new Set<() => void>();
  const hears = (frame: NodeHears) => {
    heard.push(frame);
    for (const look of looking) look();
  };
  const leave = services.execHosts.enter(device, hears, () => undefined);
  const isOf =
    <T extends NodeHears['type']>(type: T) =>
    (frame: NodeHears): frame is Extract<NodeHears, { type: T }> =>
      frame.type === type;
  return {
    device,
    heard,
    hears,
    leave,
    next: (type) =>
      new Promise((resolve) => {
        const look = () => {
          const at = heard.findIndex(isOf(type));
          const found = heard[at];
          if (found === undefined || !isOf(type)(found)) return;
          heard.splice(at, 1);
          looking.delete(look);
          resolve(found);
        };
        looking.add(look);
        look();
      }),
    says: (frame) => services.execHosts.hear(device, frame),
    post,
  };
}
