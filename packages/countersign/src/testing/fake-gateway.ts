// A gateway as a machine meets it, that says whatever a test likes: a socket, a key of grants, and the two calls that spend
// and report. What a real one never says is what a machine must not believe.
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { actionDigest, requestDigest } from '@countersign/protocol/action-digest';
import type { ExecAction, RequestFacts } from '@countersign/protocol/approval';
import type { NodeHears, NodeSays } from '@countersign/protocol/exec';
import type { GrantClaims, GrantReport } from '@countersign/protocol/grant';
import { type WebSocket, WebSocketServer } from 'ws';
import type { GrantSigner } from '../core/approval/grants-port.ts';
import { createGrantSigner } from '../runtime/crypto/grant-signer.ts';

export const MACHINE = `dev_${'a'.repeat(24)}`;

export function newSigner(): GrantSigner {
  return createGrantSigner(generateKeyPairSync('ed25519').privateKey);
}

export class FakeGateway implements AsyncDisposable {
  readonly heard: NodeSays[] = [];
  readonly redeemed: string[] = [];
  readonly reports: GrantReport[] = [];
  name = 'the-gateway';
  signer = newSigner();
  device = MACHINE;
  /** What redeeming is answered with; null hangs up instead. */
  answer: { readonly status: number; readonly body: object } | null = {
    status: 200,
    body: { redeemed: true },
  };
  /** Instead of hello, where it is set. */
  refuses: object | null = null;
  /** Says hello at once, and asks for no signature. */
  isRude = false;
  /** How often a machine was let in. */
  connects = 0;
  /** What machines called themselves, one a try. */
  readonly called: unknown[] = [];
  #socket: WebSocket | null = null;
  #granted = 0;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #looking = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<FakeGateway> {
    const server = createServer();
    const gateway = new FakeGateway(server);
    server.on('upgrade', (request, stream, head) =>
      gateway.#sockets.handleUpgrade(request, stream, head, (ws) => gateway.#met(ws)),
    );
    server.on('request', async (request: IncomingMessage, response) => {
      const body = JSON.parse(await text(request));
      if (request.url === '/api/v1/grants/report') {
        gateway.reports.push(body);
        gateway.#changed();
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"reported":true}');
        return;
      }
      gateway.redeemed.push(body.grant);
      const { answer } = gateway;
      gateway.#changed();
      if (answer === null) request.socket.destroy();
      else
        response
          .writeHead(answer.status, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  get setupCode(): string {
    return Buffer.from(JSON.stringify({ url: this.url, token: 'invited' })).toString('base64');
  }

  tells(frame: NodeHears | object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  hangUp(): void {
    this.#socket?.terminate();
  }

  /** Once everything that was said has come through. */
  closes(): void {
    this.#socket?.close(1001);
  }

  /** Resolves once that is so. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        this.#looking.delete(look);
        resolve();
      };
      this.#looking.add(look);
    });
  }

  async says<T extends NodeSays['type']>(type: T, job: string): Promise<Extract<NodeSays, { type: T }>> {
    const find = () => this.heard.find((frame) => frame.type === type && frame.job === job);
    await this.until(() => find() !== undefined);
    const frame = find();
    const isOf = (one: NodeSays | undefined): one is Extract<NodeSays, { type: T }> => one?.type === type;
    if (!isOf(frame)) throw new Error('another frame');
    return frame;
  }

  /** Asks for a command. @returns what the machine says that it is. */
  async derives(job: string, shell: string, more: object = {}): Promise<ExecAction> {
    this.tells({ type: 'exec.derive', job, shell, cwd: null, env: {}, stdin: null, ...more });
    return (await this.says('exec.derived', job)).action;
  }

  /** A grant as it should be, but for what a test says otherwise. */
  async grantFor(
    action: ExecAction,
    { now, claims = {}, facts = {}, signer = this.signer }: Granting,
  ): Promise<{ readonly grant: string; readonly facts: RequestFacts }> {
    const asked: RequestFacts = {
      actionDigest: await actionDigest(action),
      ...{ requester: null, agent: 'main', session: null, tier: 'write', policy: 1 },
      ...{ nonce: 'n'.repeat(32), expiresAt: now + 600_000, ...facts },
    };
    this.#granted += 1;
    const jti = `grant_${'b'.repeat(30)}${String.fromCharCode(97 + (this.#granted >> 4), 97 + (this.#granted & 15))}`;
    const [iat, exp] = [Math.floor(now / 1_000), Math.floor(now / 1_000) + 120];
    const said: GrantClaims = {
      ...{ iss: 'urn:countersign:ins_test', aud: this.device, sub: 'agent:main', act: { sub: 'main' } },
      ...{ actionDigest: await actionDigest(action), requestDigest: await requestDigest(asked) },
      ...{ tier: 'write', approvers: [], iat, exp, jti, ...claims },
    };
    return { grant: signer.sign(said), facts: asked };
  }

  #met(ws: WebSocket): void {
    this.#socket = ws;
    ws.on('error', () => undefined);
    ws.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'connect') this.called.push(frame.name);
      if (frame.type !== 'connect') this.heard.push(frame);
      else if (this.refuses !== null) ws.send(JSON.stringify(this.refuses), () => ws.close(1008));
      else this.#greet();
      this.#changed();
    });
    if (this.isRude) this.#greet();
    else this.tells({ type: 'connect.challenge', gateway: this.name, nonce: 'n', ts: 0 });
    this.#changed();
  }

  #greet(): void {
    const { device: id, signer } = this;
    const gatewayKey = signer.publicJwk;
    this.tells({ type: 'hello', id, role: 'node', token: 'cdt_x', nonce: 'n', gatewayKey });
    this.connects += 1;
  }

  #changed(): void {
    for (const look of [...this.#looking]) look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ws of this.#sockets.clients) ws.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Granting {
  readonly now: number;
  readonly claims?: Partial<GrantClaims>;
  readonly facts?: Partial<RequestFacts>;
  readonly signer?: GrantSigner;
}
