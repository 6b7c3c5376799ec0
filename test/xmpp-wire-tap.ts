// What stands between a gateway and its server: it passes bytes on, keeps what went out, and can take the offer of TLS
// away as somebody on the way would.
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Rules {
  /** Where the server listens on loopback. Null: there is none, and the tap speaks by itself. */
  readonly to: number | null;
  /** What the server says, as it reaches the gateway. */
  readonly change?: (text: string) => string;
  /** What is answered to words of the gateway, where there is no server. */
  readonly answer?: (text: string) => string | null;
}

export class WireTap implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #went = Buffer.alloc(0);
  #visits = 0;

  private constructor({ to, change, answer }: Rules) {
    this.#server = createServer((near) => {
      this.#visits += 1;
      this.#keep(near);
      const far = to === null ? null : this.#keep(connect(to, '127.0.0.1'));
      near.on('data', (chunk: Buffer) => {
        this.#went = Buffer.concat([this.#went, chunk]);
        const said = answer?.(chunk.toString()) ?? null;
        if (said !== null) near.write(said);
        else far?.write(chunk);
      });
      far?.on('data', (chunk: Buffer) => near.write(change === undefined ? chunk : change(chunk.toString())));
      near.on('close', () => far?.destroy());
      far?.on('close', () => near.end());
    });
  }

  /** @param address Where the gateway finds it: one that is not loopback, for what is allowed there alone. */
  static async start(rules: Rules, address = '127.0.0.1'): Promise<WireTap> {
    const tap = new WireTap(rules);
    await new Promise<void>((resolve) => tap.#server.listen(0, address, resolve));
    return tap;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** All that the gateway sent, over every connection. */
  get went(): Buffer {
    return this.#went;
  }

  get visits(): number {
    return this.#visits;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
