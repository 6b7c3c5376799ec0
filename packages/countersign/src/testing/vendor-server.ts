// A vendor's interface on loopback, for stubs: calls are kept, some fail as they are told to, everything else is answered
// by the stub.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface VendorCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface VendorAnswer {
  readonly status: number;
  readonly body: object | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a call goes wrong: the vendor says no, or the connection breaks before or after the deed was done. */
export type VendorFault = VendorAnswer | 'drop' | 'lose';

export class VendorServer implements AsyncDisposable {
  readonly calls: VendorCall[] = [];
  /** Sends every caller elsewhere. */
  redirectTo: string | null = null;
  readonly #server: Server;
  readonly #faults: { readonly path: RegExp; readonly how: VendorFault; times: number }[] = [];
  readonly #answer: (call: VendorCall) => VendorAnswer;

  private constructor(answer: (call: VendorCall) => VendorAnswer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(answer: (call: VendorCall) => VendorAnswer): Promise<VendorServer> {
    const server = new VendorServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  failNext(path: RegExp, how: VendorFault, times = 1): void {
    this.#faults.push({ path, how, times });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const call = { method, path, headers, body: Buffer.concat(chunks).toString() };
    this.calls.push(call);
    if (this.redirectTo !== null)
      return void response.writeHead(307, { location: this.redirectTo + path }).end();
    const fault = this.#fault(path);
    if (fault === 'drop') return void response.destroy();
    const answer = fault === null || fault === 'lose' ? this.#answer(call) : fault;
    if (fault === 'lose') return void response.destroy();
    const isBytes = answer.body instanceof Uint8Array;
    response.writeHead(answer.status, {
      'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      ...answer.headers,
    });
    response.end(isBytes ? answer.body : JSON.stringify(answer.body));
  }

  #fault(path: string): VendorFault | null {
    const fault = this.#faults.find((one) => one.times > 0 && one.path.test(path));
    if (fault === undefined) return null;
    fault.times -= 1;
    return fault.how;
  }
}
