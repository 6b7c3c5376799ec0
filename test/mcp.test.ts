// `countersign mcp` as a host starts it: JSON-RPC over its pipes against a real gateway. A person's no and every error are a
// deny in the form the host reads (R42); what the policy lets run is an allow with the input as it came.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));

interface Message {
  readonly id?: number;
  readonly result?: {
    readonly tools?: readonly { readonly name: string; readonly inputSchema: object }[];
    readonly content?: readonly { readonly type: string; readonly text: string }[];
    readonly isError?: boolean;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

class Host implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #next = 1;

  constructor(gateway: RealGateway, ...args: string[]) {
    this.child = spawn(process.execPath, [BIN, 'mcp', ...args], {
      env: gateway.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('no pipe');
    createInterface({ input: stdout }).on('line', (line) => {
      const message: Message = JSON.parse(line);
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
    });
  }

  send(message: object): void {
    this.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  ask(method: string, params: object): Promise<Message> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.send({ id, method, params });
    });
  }

  async open(): Promise<void> {
    const clientInfo = { name: 'a host', version: '1' };
    await this.ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    this.send({ method: 'notifications/initialized' });
  }

  /** The one text block of a tool's answer. */
  async call(name: string, args: object): Promise<string> {
    const { result, error } = await this.ask('tools/call', { name, arguments: args });
    const [block, ...more] = result?.content ?? [];
    if (block === undefined || more.length > 0 || block.type !== 'text')
      throw new Error(`no text: ${JSON.stringify(error ?? result)}`);
    return block.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.stdin?.end();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}

let gateway: RealGateway;

beforeAll(async () => {
  gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
});

afterAll(() => gateway[Symbol.asyncDispose]());

/** The request that waits, once one does. */
async function waiting(): Promise<string> {
  const list = async () => (await gateway.json<{ items: { id: string }[] }>('approvals', 'list')).items;
  await expect.poll(async () => (await list()).length, { timeout: 60_000 }).toBe(1);
  const [one] = await list();
  return one?.id ?? '';
}

const bash = (command: string) => ({ tool_name: 'Bash', input: { command }, tool_use_id: 'toolu_1' });

test('the host finds both tools, with what they take', async () => {
  await using host = new Host(gateway);
  await host.open();
  const { result } = await host.ask('tools/list', {});
  expect(result?.tools?.map(({ name }) => name).sort()).toEqual(['approve', 'request_approval']);
});

test('what only looks is allowed at once, with the input as it came', async () => {
  await using host = new Host(gateway);
  await host.open();
  const { input } = bash('ls');
  expect(JSON.parse(await host.call('approve', bash('ls')))).toEqual({
    behavior: 'allow',
    updatedInput: input,
  });
});

test('a person is asked: their no reaches the host with its reason, their yes as allow', async () => {
  await using host = new Host(gateway);
  await host.open();
  const denied = host.call('approve', bash('npm install left-pad'));
  await gateway.json('approvals', 'deny', await waiting(), '--reason', 'use the lock file');
  expect(JSON.parse(await denied)).toEqual({ behavior: 'deny', message: 'denied: use the lock file' });

  const allowed = host.call('approve', bash('npm install right-pad'));
  await gateway.json('approvals', 'approve', await waiting());
  expect(JSON.parse(await allowed)).toMatchObject({ behavior: 'allow' });

  const asked = host.call('request_approval', { command: 'make install' });
  await gateway.json('approvals', 'approve', await waiting());
  expect(await asked).toMatch(/^approved: appr_/);
});

test('R42: neither or both of command and argv, and a program that is not there, are denied', async () => {
  await using host = new Host(gateway);
  await host.open();
  expect(await host.call('request_approval', {})).toBe('denied: give either command or argv');
  expect(await host.call('request_approval', { command: 'ls', argv: ['ls'] })).toBe(
    'denied: give either command or argv',
  );
  expect(await host.call('request_approval', { argv: ['no-such-program'] })).toMatch(
    /^denied: there is no program/,
  );
});

test('R51: silence past the deadline is a deny, and the request is taken back', async () => {
  await using host = new Host(gateway, '--deadline', '2s');
  await host.open();
  const said = JSON.parse(await host.call('approve', bash('git push origin main')));
  expect(said).toEqual({ behavior: 'deny', message: 'nobody answered in time' });
  const { items } = await gateway.json<{ items: unknown[] }>('approvals', 'list');
  expect(items).toEqual([]);
});

test('a host that goes away takes its request with it', async () => {
  const host = new Host(gateway);
  await host.open();
  host.send({ id: 99, method: 'tools/call', params: { name: 'approve', arguments: bash('make world') } });
  const asked = await waiting();
  await host[Symbol.asyncDispose]();
  expect(await gateway.json('approvals', 'show', asked)).toMatchObject({
    state: 'cancelled',
    action: { tool: 'Bash', arguments: { command: 'make world' } },
  });
});

test('R42: a gateway that is not there is a deny', async () => {
  await using other = await RealGateway.start();
  await using host = new Host(other, '--deadline', '1s');
  await host.open();
  await other.stop();
  expect(JSON.parse(await host.call('approve', bash('ls')))).toMatchObject({ behavior: 'deny' });
});
