// A machine elsewhere that runs what it is granted, as a real process: paired with a setup code, it derives what would run,
// and runs that once. The attacks: a node that runs without its gateway, that is ended while it waits, a command that changed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@countersign/protocol/client';
import type { ExecAsk, ExecJob } from '@countersign/protocol/exec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';
import { followed, program, RealNode } from './real-node.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const PATIENCE = { timeout: 20_000 };
/** What a line begins with that somebody has to be asked about. */
const ASKED = 'node -e 0;';

const open: AsyncDisposable[] = [];
let shared: Awaited<ReturnType<typeof house>>;
beforeAll(async () => {
  shared = await house();
}, 60_000);
afterAll(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
}, 60_000);

async function house() {
  const gateway = await RealGateway.start();
  const node = new RealNode();
  open.push(gateway, node);
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
  return { gateway, node, device: await node.pair(gateway) };
}

let asked = 0;
function asks(client: Client, ask: ExecAsk): Promise<ExecJob> {
  asked += 1;
  return client.exec.ask(ask, `key-${asked}`);
}

test('a command runs there: its own folder, environment and input, its output and exit code', async () => {
  const { gateway, node, device } = shared;
  const client = program(gateway);
  const looks = await followed(client, await asks(client, { host: 'box', argv: ['pwd'] }));
  expect(looks).toMatchObject({ out: `${node.folder}\n`, job: { state: 'ended', end: { exitCode: 0 } } });
  expect(looks.job.approval).toMatchObject({
    host: device,
    action: { host: device, cwd: { path: node.folder } },
  });

  const line = `${ASKED} cat; echo "$WHO" >&2; exit 7`;
  const job = await asks(client, {
    ...{ host: device, shell: line, cwd: '/tmp', env: { WHO: 'ana' } },
    stdin: Buffer.from('given').toString('base64'),
  });
  expect(job).toMatchObject({ state: 'asked', approval: { state: 'pending' } });
  expect(job.approval).not.toHaveProperty('grant');
  await gateway.json('approvals', 'approve', job.approval.id);
  const ran = await followed(client, job);
  expect(ran).toMatchObject({
    out: 'given',
    err: 'ana\n',
    job: { state: 'ended', end: { exitCode: 7, signal: null } },
  });
  await expect
    .poll(() => gateway.json('approvals', 'show', job.approval.id), PATIENCE)
    .toMatchObject({ state: 'finished', run: { exitCode: 7, outputDigest: ran.job.end?.outputDigest } });
}, 60_000);

test('what a command does stays what was asked: changed while it waits, it is refused there, and says what', async () => {
  const { gateway, node, device } = shared;
  const client = program(gateway);
  const script = join(node.folder, 'deploy.sh');
  writeFileSync(script, '#!/bin/sh\necho deployed\n', { mode: 0o755 });
  const job = await asks(client, { host: 'box', argv: ['./deploy.sh'] });
  writeFileSync(script, '#!/bin/sh\necho robbed\n');
  await gateway.json('approvals', 'approve', job.approval.id);
  const { out, job: after } = await followed(client, job);
  expect(out).toBe('');
  expect(after).toMatchObject({ state: 'refused', field: expect.stringMatching(/^(program|script)$/) });
  // Not spent: nothing ran, and nothing says that it did.
  const row = await gateway.json<ExecJob['approval']>('approvals', 'show', job.approval.id);
  expect(row.run).not.toHaveProperty('redeemedAt');
  // Whoever said yes reads what was another one.
  expect(row).toMatchObject({
    state: 'cancelled',
    because: expect.stringMatching(/^changed_(program|script)$/),
  });
  expect(row.host).toBe(device);
}, 60_000);

test('R42: what nobody runs is refused: no such machine, a denial, and a command that is taken back', async () => {
  const { gateway, node } = shared;
  const client = program(gateway);
  await expect(asks(client, { host: 'elsewhere', argv: ['pwd'] })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(asks(client, { host: 'box', argv: ['no-such-program'] })).rejects.toMatchObject({
    code: 'request_malformed',
  });
  const line = `${ASKED} touch ran`;
  const denied = await asks(client, { host: 'box', shell: line });
  await gateway.json('approvals', 'deny', denied.approval.id);
  expect((await followed(client, denied)).job).toMatchObject({
    state: 'refused',
    approval: { state: 'denied' },
  });
  const taken = await asks(client, { host: 'box', shell: `${line} again` });
  expect(await client.exec.signal(taken.id, 'SIGINT')).toMatchObject({ state: 'refused' });
  await expect
    .poll(() => gateway.json('approvals', 'show', taken.approval.id), PATIENCE)
    .toMatchObject({ state: 'cancelled' });
  expect(readdirSync(node.folder)).not.toContain('ran');
}, 60_000);

test('Ctrl-C reaches what runs there, and two run at once', async () => {
  const { gateway } = shared;
  const client = program(gateway);
  const line = `${ASKED} trap "echo heard; exit 3" INT; echo here; while :; do sleep 0.05; done`;
  const both = await Promise.all([1, 2].map((n) => asks(client, { host: 'box', shell: `${line} # ${n}` })));
  for (const { approval } of both) await gateway.json('approvals', 'approve', approval.id);
  const ends = both.map(async (job) => {
    let now = job;
    while (now.output.length === 0) now = await client.exec.get(now.id, { seen: now.version, wait: 20 });
    await client.exec.signal(now.id, 'SIGINT');
    return followed(client, now);
  });
  for (const end of await Promise.all(ends))
    expect(end).toMatchObject({ out: 'here\nheard\n', job: { state: 'ended', end: { exitCode: 3 } } });
}, 60_000);

test('exec --host prints what it prints there, ends as it ends there, and says why where it did not run', async () => {
  const { gateway, node } = shared;
  const looks = await gateway.cli('exec', '--host', 'box', '--', 'pwd');
  expect(looks).toMatchObject({ code: 0, stdout: `${node.folder}\n`, stderr: '' });
  const fails = await gateway.cli('exec', '--host', 'box', 'cat', 'no-such-file');
  expect(fails).toMatchObject({ code: 1, stdout: '' });
  expect(fails.stderr).toContain('no-such-file');
  const killed = await gateway.cli('exec', '--host', 'box', '--shell', 'kill -TERM $$');
  expect([killed.code, killed.stdout]).toEqual([14, '']);

  const waits = gateway.cli('exec', '--host', 'box', '--cwd', '/', '--shell', `${ASKED} echo "$PWD"`);
  await expect
    .poll(async () => (await gateway.json<{ items: object[] }>('approvals', 'list')).items.length, PATIENCE)
    .toBe(1);
  const { items } = await gateway.json<{ items: { id: string }[] }>('approvals', 'list');
  await gateway.json('approvals', 'deny', items[0]?.id ?? '', '--reason', 'not today');
  const denied = await waits;
  expect(denied).toMatchObject({ code: 14, stdout: '' });
  expect(denied.stderr).toContain('countersign: refused: denied: not today');

  const away = await gateway.cli('exec', '--host', 'elsewhere', 'pwd');
  expect(away).toMatchObject({ code: 14, stdout: '' });
  expect(away.stderr).toContain('countersign: refused: no such machine is connected');
  expect(await gateway.cli('exec', '--cwd', '/', 'pwd')).toMatchObject({ code: 2 });
}, 60_000);

test('a great deal of output comes whole and in order, and its digest is of all of it', async () => {
  const { gateway } = shared;
  const client = program(gateway);
  const job = await asks(client, { host: 'box', argv: ['seq', '1', '400000'] });
  const { out, job: after } = await followed(client, job);
  expect(after).toMatchObject({ state: 'ended', dropped: 0, end: { exitCode: 0, outputSize: out.length } });
  const lines = out.trimEnd().split('\n');
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([400_000, '1', '400000']);
}, 60_000);

test('whoever reads no further ends what writes without end', async () => {
  const { gateway } = shared;
  const child = spawn(process.execPath, [BIN, 'exec', '--host', 'box', '--', 'yes'], {
    env: gateway.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  // As it ends on any closed pipe: by its own word, or by SIGPIPE.
  expect((await ended)[0]).toSatisfy((code) => code === 1 || code === 141);
}, 60_000);

test('R62: a machine that is ended hears no grant any more, and what waits for it is taken back', async () => {
  const { gateway, node, device } = await house();
  const client = program(gateway);
  const job = await asks(client, { host: 'box', shell: `${ASKED} touch ran` });
  await gateway.json('devices', 'revoke', device);
  await node.says(/was ended|devices approve/);
  expect((await followed(client, job)).job).toMatchObject({ state: 'refused', why: 'the machine went away' });
  await expect
    .poll(() => gateway.json('approvals', 'show', job.approval.id), PATIENCE)
    .toMatchObject({ state: 'cancelled' });
  expect(readdirSync(node.folder)).not.toContain('ran');
  expect(await node.ended).toBe(11);
}, 60_000);

test('the gateway dies while a command runs: it goes on, and its end is told to the gateway that comes back', async () => {
  const { gateway, node } = await house();
  const client = program(gateway);
  const line = `${ASKED} echo begun; while [ ! -e go ]; do sleep 0.05; done; exit 5`;
  const job = await asks(client, { host: 'box', shell: line });
  await gateway.json('approvals', 'approve', job.approval.id);
  let now = job;
  while (now.output.length === 0) now = await client.exec.get(now.id, { seen: now.version, wait: 20 });
  const typed = gateway.cli('exec', '--host', 'box', '--shell', line.replace('exit 5', 'exit 6'));
  const open = async () => (await gateway.json<{ items: { id: string }[] }>('approvals', 'list')).items;
  await expect.poll(async () => (await open()).length, PATIENCE).toBe(1);
  await gateway.json('approvals', 'approve', (await open())[0]?.id ?? '');
  await expect.poll(() => node.output.split(' runs').length, PATIENCE).toBe(3);
  const waits = await asks(client, { host: 'box', shell: `${ASKED} touch ran` });
  await gateway.stop('SIGKILL');
  await node.says(/the gateway is away/);
  writeFileSync(join(node.folder, 'go'), '');
  await gateway.start();
  await expect
    .poll(() => gateway.json('approvals', 'show', job.approval.id), { timeout: 45_000 })
    .toMatchObject({ state: 'finished', run: { exitCode: 5 } });
  // Who typed it meets the end, too, and is told what is missing.
  const { code, stderr } = await typed;
  expect(code).toBe(6);
  expect(stderr).toContain('the gateway began anew');
  // The one that waited is nobody's now: a yes to it runs nothing.
  await gateway.json('approvals', 'approve', waits.approval.id);
  await expect(program(gateway).exec.get(waits.id)).rejects.toMatchObject({ code: 'not_found' });
  // It tells of the end over HTTP, and dials again in its own time.
  await expect.poll(() => node.output.split('connected').length, { timeout: 60_000 }).toBe(3);
  const looks = await followed(program(gateway), await asks(program(gateway), { host: 'box', argv: ['ls'] }));
  expect(looks.out).not.toContain('ran');
}, 120_000);
