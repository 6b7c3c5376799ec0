// What the tests of examples/ stand on: a real gateway whose agent is a fake one on loopback, people of the web chat who are
// users of the tools, the examples as processes of their own, and bearers that somebody forged.
import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeOpenAi } from '../packages/countersign/src/testing/fake-openai.ts';
import { root } from '../scripts/lib/node.mjs';
import { BrowserKey, ChatClient } from './chat-client.ts';
import { RealGateway } from './gateway.ts';

export const TOOLS = 'tools.example';
export const OTHER = 'other.example';
const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:countersign:params:oauth:token-type:session',
};

export class ExampleStage implements AsyncDisposable {
  readonly gateway: RealGateway;
  readonly agent: FakeOpenAi;
  #said = 0;

  private constructor(gateway: RealGateway, agent: FakeOpenAi) {
    this.gateway = gateway;
    this.agent = agent;
  }

  static async open(): Promise<ExampleStage> {
    const agent = await FakeOpenAi.start();
    const gateway = await RealGateway.prepare();
    const origins = [new URL(agent.url).origin];
    const config = {
      agent: { url: agent.url, audience: TOOLS },
      bearer: { audiences: { [TOOLS]: { origins }, [OTHER]: {} } },
    };
    writeFileSync(join(gateway.home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
    await gateway.start();
    return new ExampleStage(gateway, agent);
  }

  /** Somebody of the web chat who is let in, and a user of the tools. */
  async person(name: string, user: string, tenant = 'default'): Promise<BrowserKey> {
    const key = new BrowserKey();
    const peer = `webchat:${key.identifier}`;
    await this.#does('people', 'add', name, '--peer', peer);
    await this.#does('people', 'map', peer, user, '--tenant', tenant);
    return key;
  }

  /** They write something: what the agent got along with it, and what they were answered. */
  async says(key: BrowserKey, text = 'hello') {
    const client = await ChatClient.connect(this.gateway.url, key);
    this.#said += 1;
    const id = `said-${this.#said}-${key.identifier.slice(0, 8)}`;
    client.send({ type: 'chat.say', id, text });
    const { seq } = await client.next('chat.message', (frame) => frame['id'] === id);
    const answer = await client.next(
      'chat.message',
      (frame) => frame['from'] === 'agent' && Number(frame['seq']) > Number(seq),
    );
    client.close();
    const headers = this.agent.requests.at(-1)?.headers ?? {};
    return {
      answer: String(answer['text']),
      bearer: String(headers['x-countersign-bearer']),
      handle: String(headers['x-countersign-session']),
    };
  }

  async token(scope: 'runtime' | 'backend', ...more: readonly string[]): Promise<string> {
    const made = await this.gateway.json<{ token: string }>('tokens', 'create', '--scope', scope, ...more);
    return made.token;
  }

  async exchanged(runtime: string, handle: string, more: Readonly<Record<string, string>>): Promise<string> {
    const answer = await fetch(`${this.gateway.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${runtime}` },
      body: new URLSearchParams({ ...EXCHANGE, subject_token: handle, ...more }),
    });
    const { access_token } = Object(await answer.json());
    if (typeof access_token !== 'string') throw new Error(`not exchanged: ${answer.status}`);
    return access_token;
  }

  /** The key that really signs: what is forged with it is wrong in what it says, and in nothing else. */
  get signingKey(): KeyObject {
    const [first] = JSON.parse(readFileSync(join(this.gateway.home, 'keys', 'bearer.json'), 'utf8'));
    return createPrivateKey(first.pem);
  }

  async #does(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.gateway.cli(...args);
    if (code !== 0) throw new Error(`countersign ${args.join(' ')}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await this.agent.goesAway();
  }
}

/** An example, started as its README starts it, on a free port. */
export class Example implements Disposable {
  /** What it printed so far. */
  output = '';
  url = '';
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(program: readonly string[], env: NodeJS.ProcessEnv): Promise<Example> {
    const [file = '', ...args] = program;
    const { PATH, HOME, LANG } = process.env;
    const child = spawn(file, args, {
      cwd: root,
      env: { PATH, HOME, LANG, PORT: '0', PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const example = new Example(child);
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        example.output += chunk.toString();
        example.url = /http:\/\/127\.0\.0\.1:\d+/.exec(example.output)?.[0] ?? '';
        if (example.url !== '') resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('error', reject);
      child.on('exit', (code) =>
        reject(new Error(`${program.join(' ')} ended with ${code}: ${example.output}`)),
      );
    });
    return example;
  }

  async call(path: string, bearer?: string, init: RequestInit = {}) {
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const answer = await fetch(this.url + path, { headers, ...init });
    const body: Record<string, unknown> = Object(await answer.json());
    return { status: answer.status, body, headers: answer.headers };
  }

  refund(user: string, order: unknown, bearer?: string, more: object = {}) {
    return this.call(`/users/${user}/refunds`, bearer, {
      method: 'POST',
      body: JSON.stringify({ ...more, order }),
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
    });
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

type Json = Readonly<Record<string, unknown>>;

/** A bearer like `real`, but for what is changed in it, signed by whatever is given. */
export function forged(
  real: string,
  change: { readonly head?: Json; readonly claims?: Json },
  signed: (text: string) => Buffer,
): string {
  const [head = '', claims = ''] = real.split('.');
  const text = [changed(head, change.head), changed(claims, change.claims)].join('.');
  return `${text}.${signed(text).toString('base64url')}`;
}

export const by = (key: KeyObject) => (text: string) => sign(null, Buffer.from(text), key);

function changed(part: string, more: Json = {}): string {
  const read: object = JSON.parse(Buffer.from(part, 'base64url').toString());
  return Buffer.from(JSON.stringify({ ...read, ...more })).toString('base64url');
}
