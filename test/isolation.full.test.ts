// R68: what an agent's process can reach can ask, and do nothing else. Eight attacks by a program of another user, on a real
// gateway whose agent socket is for that user's group: all refused, while its own door still answers. The same eight by
// our own user are open, and the doctor, the banner and LIMITATIONS.md say so.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTACKS } from '../packages/countersign/src/gateway/isolation.ts';
import { RealGateway } from './gateway.ts';

const run = promisify(execFile);
const ATTACKER = fileURLToPath(new URL('isolation-attacker.mjs', import.meta.url));
const AGENT_GROUP = 'nogroup';
const isRoot = process.getuid?.() === 0;
const other = isRoot ? await idsOf('nobody') : null;
const WHY =
  process.platform !== 'linux'
    ? 'the attacks are written for Linux'
    : other === null
      ? 'only root can start a program as another user'
      : null;
if (WHY !== null) console.warn(`isolation: not run as another user: ${WHY}`);

interface Client {
  readonly socket: string;
  readonly token: string;
}

let stage = '';
const gateways: RealGateway[] = [];

beforeAll(() => {
  // Where another user can read: a clone may lie where it cannot.
  stage = mkdtempSync(join(tmpdir(), 'cs-other-'));
  chmodSync(stage, 0o755);
  copyFileSync(process.execPath, join(stage, 'node'));
  copyFileSync(ATTACKER, join(stage, 'attacker.mjs'));
  for (const [name, mode] of [
    ['node', 0o755],
    ['attacker.mjs', 0o644],
  ] as const)
    chmodSync(join(stage, name), mode);
});

afterAll(async () => {
  for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
  rmSync(stage, { recursive: true, force: true });
});

test.skipIf(WHY !== null)(
  'R68: eight attacks by another user are refused; its door still lets it ask',
  async () => {
    const gateway = await opened({ gateway: { agentGroup: AGENT_GROUP } });
    const { found } = await attacked(gateway, other);
    expect(Object.keys(found)).toEqual(ATTACKS.map(({ id }) => id));
    for (const { id } of ATTACKS) expect(found[id], id).toMatch(/^refused: E(ACCES|PERM)$/);
    expect(gateway.output).toContain('isolation level 1');
    // As that user, through the door that is meant for it.
    const { socket, token } = clientOf(gateway);
    const script = `const c=require('http').request({socketPath:${JSON.stringify(socket)},path:'/api/v1/approvals',method:'POST',headers:{host:'localhost',authorization:'Bearer '+${JSON.stringify(token)},'content-type':'application/json'}},r=>{process.stdout.write(String(r.statusCode));r.resume()});c.end(${JSON.stringify(JSON.stringify({ action: action() }))})`;
    const asked = await run(join(stage, 'node'), ['-e', script], { ...other, cwd: '/' });
    expect(asked.stdout).toBe('201');
  },
);

test.skipIf(process.platform !== 'linux')(
  'level 0: the same eight by our own user are open, and it is said',
  async () => {
    const gateway = await opened({});
    const { found, state } = await attacked(gateway, null);
    expect(Object.keys(found)).toEqual(ATTACKS.map(({ id }) => id));
    for (const { id } of ATTACKS) expect(found[id], id).toBe('open');
    expect(state).toBe('approved');
    expect(gateway.output).toContain(`can do ${ATTACKS.length} things no rule stops`);
    const { stdout } = await gateway.cli('doctor', '--json');
    for (const { id, can } of ATTACKS) expect(stdout, id).toContain(`it can ${can}`);
    const limits = readFileSync(new URL('../LIMITATIONS.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
    for (const { id, can } of ATTACKS) expect(limits, id).toContain(can);
  },
);

async function opened(config: object): Promise<RealGateway> {
  const gateway = await RealGateway.prepare();
  gateways.push(gateway);
  mkdirSync(gateway.home, { recursive: true, mode: 0o700 });
  writeFileSync(join(gateway.home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
  await gateway.start();
  await gateway.cli('people', 'add', 'Ana', '--role', 'owner');
  return gateway;
}

/** What the attacker found, and what came of the request it tried to approve. */
async function attacked(
  gateway: RealGateway,
  as: { readonly uid: number; readonly gid: number } | null,
): Promise<{ readonly found: Record<string, string>; readonly state: string }> {
  const { socket, token } = clientOf(gateway);
  const asked = await call(socket, '/api/v1/approvals', { token, body: { action: action() } });
  const { pid } = JSON.parse((await gateway.cli('gateway', 'status', '--json')).stdout);
  const told = {
    home: gateway.home,
    pid,
    hostSocket: join(gateway.home, 'run/host.sock'),
    agentSocket: socket,
    approval: asked['id'],
  };
  const options = { cwd: '/', ...(as ?? {}) };
  const { stdout } = await run(
    join(stage, 'node'),
    [join(stage, 'attacker.mjs'), JSON.stringify(told)],
    options,
  );
  const after = await call(socket, `/api/v1/approvals/${String(asked['id'])}`, { token });
  return { found: JSON.parse(stdout), state: String(after['state']) };
}

function clientOf(gateway: RealGateway): Client {
  return JSON.parse(readFileSync(join(gateway.home, 'client.json'), 'utf8'));
}

function action(): object {
  const file = { path: '/bin/sh', sha256: '0'.repeat(64) };
  return {
    kind: 'exec',
    shell: 'make install',
    cwd: { path: '/tmp', device: '1', inode: '1' },
    program: file,
    scripts: [],
    env: { PATH: '/usr/bin:/bin' },
    stdin: { kind: 'none' },
    host: 'here',
  };
}

function call(
  socketPath: string,
  path: string,
  { token, body }: { readonly token: string; readonly body?: object },
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: 'localhost',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    };
    const method = body === undefined ? 'GET' : 'POST';
    const out = request({ socketPath, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    out.on('error', reject);
    out.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function idsOf(user: string): Promise<{ readonly uid: number; readonly gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => (await run('id', [flag, user])).stdout),
    );
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return null;
  }
}
