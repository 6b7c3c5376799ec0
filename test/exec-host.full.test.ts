// An exec host under a user of its own, and one that dies. The attacks: a node that reaches what is the gateway's, that tells
// of a run with no grant or by another node's (H54), that is killed between the grant and its word.
import { execFileSync } from 'node:child_process';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { createClient } from '@countersign/protocol/client';
import type { ExecJob } from '@countersign/protocol/exec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNodeKey } from '../packages/countersign/src/exec/node/key.ts';
import { provenFetch } from '../packages/countersign/src/exec/node/proven-fetch.ts';
import { DeviceClient } from '../packages/countersign/src/testing/device-socket.ts';
import { RealGateway } from './gateway.ts';
import { followed, program, RealNode, type User } from './real-node.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
/** What a line begins with that somebody has to be asked about. */
const ASKED = 'node -e 0;';
const [other, why] = someoneElse();
if (why !== null) console.warn(`exec host: not run as another user: ${why}`);

let gateway: RealGateway;
beforeAll(async () => {
  gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
}, 60_000);
afterAll(() => gateway[Symbol.asyncDispose]());

test.skipIf(why !== null)(
  'as another user: it is paired, runs as that user, keeps its key to itself, and reaches nothing of the gateway',
  async () => {
    await using node = new RealNode(other);
    const device = await node.pair(gateway);
    const client = program(gateway);
    const ran = async (name: string, script: string) => {
      writeFileSync(join(node.folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(node.folder, name), 0o755);
      const job = await client.exec.ask({ host: device, argv: [`./${name}`] }, name);
      await gateway.json('approvals', 'approve', job.approval.id);
      return followed(client, job);
    };
    expect(await ran('who', 'id -u')).toMatchObject({
      out: `${other?.uid}\n`,
      job: { state: 'ended', end: { exitCode: 0 } },
    });
    const store = join(gateway.home, 'countersign.db');
    const peeks = await ran('peeks', `head -c 1 ${store}; kill -0 ${process.pid}`);
    expect(peeks).toMatchObject({ out: '', job: { state: 'ended' } });
    expect(peeks.err).toContain('Permission denied');
    expect(peeks.job.end?.exitCode).not.toBe(0);
    const key = statSync(join(node.folder, 'node', 'key.pem'));
    expect([key.uid, key.mode & 0o777]).toEqual([other?.uid, 0o600]);
  },
  120_000,
);

test('H54: a node that tells of a run with no grant, or by another’s, is refused, and it is written down', async () => {
  await using node = new RealNode();
  const device = await node.pair(gateway);
  const client = program(gateway);
  const job = await client.exec.ask({ host: device, shell: `${ASKED} echo one` }, 'h54');
  await using thief = new RealNode();
  await thief.pair(gateway);
  // Its own key and right, in the hands of somebody who says what they like with it.
  await thief.stop('SIGKILL');
  const says = await stolen(thief);
  const row = () => gateway.json<ApprovalRow>('approvals', 'show', job.approval.id);
  const finished = (grant: string) =>
    says.grants.report({ grant, what: 'finished', exitCode: 0, signal: null });
  await expect(finished('grant_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')).rejects.toMatchObject({
    code: 'grant_invalid',
  });
  await gateway.json('approvals', 'approve', job.approval.id);
  await followed(client, job);
  const grant = (await row()).run?.grant ?? '';
  await expect(finished(grant)).rejects.toMatchObject({ code: 'grant_invalid' });
  await expect(says.grants.redeem('no.grant.atall')).rejects.toMatchObject({ code: 'grant_invalid' });
  expect(await row()).toMatchObject({ state: 'finished', run: { exitCode: 0 } });
  const { items } = await gateway.json<{ items: { reason?: string; subject: object }[] }>(
    ...(['audit', 'list', '--type', 'grant.refused'] as const),
  );
  expect(items.map(({ reason }) => reason).toSorted()).toEqual(['forged', 'not_theirs', 'unknown']);
}, 120_000);

test('kill -9 of a node while its command runs: nothing is tried again, and two minutes later it is said to be lost', async () => {
  await using node = new RealNode();
  const device = await node.pair(gateway);
  const client = program(gateway);
  const waits = await client.exec.ask({ host: device, shell: `${ASKED} echo never` }, 'never');
  const job = await client.exec.ask({ host: device, shell: `${ASKED} echo here; sleep 300` }, 'dies');
  await gateway.json('approvals', 'approve', job.approval.id);
  let now: ExecJob = job;
  while (now.output.length === 0) now = await client.exec.get(now.id, { seen: now.version, wait: 20 });
  await node.stop('SIGKILL');
  expect((await followed(client, waits)).job).toMatchObject({
    state: 'refused',
    why: 'the machine went away',
  });
  node.output = '';
  node.start();
  await node.says(/connected/);
  const end = await followed(client, now);
  expect(end.job).toMatchObject({ state: 'lost', approval: { state: 'lost' } });
  expect(node.output).not.toContain('runs');
  expect((await gateway.cli('exec', '--host', device, 'pwd')).code).toBe(0);
}, 240_000);

/** The machine's key, used by hand. */
async function stolen(node: RealNode) {
  const key = await openNodeKey(join(node.folder, 'node'));
  const socket = new DeviceClient(`${gateway.url.replace('http', 'ws')}/ws`);
  await socket.next('connect.challenge');
  const { gateway: name, nonce, ts } = socket.challenge;
  const claim = { device: key.thumbprint, gateway: name, nonce, role: 'node', scopes: ['node'], ts };
  const signature = key.sign('countersign.connect.v1', claim);
  socket.send({ type: 'connect', key: key.jwk, role: 'node', scopes: ['node'], ts, nonce, signature });
  const hello = await socket.next('hello');
  let count = 0;
  let pass = { token: String(hello['token']), nonce: String(hello['nonce']) };
  const fetch = provenFetch({
    ...{ key, url: gateway.url, now: () => 0, pass: () => pass },
    id: () => {
      count += 1;
      return `stolen-proof-${count}`;
    },
    renew: (next) => {
      pass = { ...pass, nonce: next };
    },
  });
  return createClient(fetch);
}

/** A user to run it as, or why there is none. */
function someoneElse(): readonly [User | null, string | null] {
  if (process.getuid?.() !== 0) return [null, 'only root can start a program as another user'];
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  const user = { uid: id('-u'), gid: id('-g') };
  try {
    execFileSync(process.execPath, [BIN, 'version'], {
      ...user,
      cwd: '/',
      env: { HOME: '/' },
      stdio: 'ignore',
    });
    return [user, null];
  } catch {
    return [null, 'this clone lies where another user cannot read it'];
  }
}
