// The socket alone on a port of this machine, over the real service: for devices that knock with a real `ws` client.
import { createServer } from 'node:http';
import { type RawData, WebSocket } from 'ws';
import { DeviceProofs } from '../gateway/dpop.ts';
import { Nonces } from '../gateway/nonces.ts';
import { Presence } from '../gateway/presence.ts';
import { createSocket } from '../gateway/socket.ts';
import { thumbprint, verifySignature } from '../runtime/crypto/public-key.ts';
import type { Challenge, DeviceKey } from './device-key.ts';
import { AT_HOST, DeviceWorld, HOST } from './device-world.ts';
import { MemoryLog, SeededRandom } from './fakes.ts';
import { testPorts } from './store/open.ts';

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

export class DeviceSocket implements AsyncDisposable {
  readonly world: DeviceWorld;
  readonly presence: Presence;
  readonly url: string;
  readonly #close: () => Promise<void>;

  constructor(world: DeviceWorld, presence: Presence, url: string, close: () => Promise<void>) {
    this.world = world;
    this.presence = presence;
    this.url = url;
    this.#close = close;
  }

  static async open({ heartbeatMs = 30_000, isChatOnly = false } = {}): Promise<DeviceSocket> {
    const world = await DeviceWorld.open();
    const { store, clock, devices, bus } = world;
    const keys = { thumbprint, verifySignature };
    const { random, hasher } = testPorts({ clock });
    const nonces = new Nonces({ store, clock, random, hasher });
    const names = () => ({ publicUrl: null, chatUrl: null });
    const proofs = new DeviceProofs({ store, clock, nonces, keys, tokens: devices.tokens, names });
    const presence = new Presence();
    const socket = createSocket({
      clock,
      random: new SeededRandom('sockets'),
      signer: { thumbprint: 'the-gateway' },
      keys,
      log: new MemoryLog(),
      devices: { devices, bus, feed: world.feed, presence, nonce: () => proofs.nonce() },
      webchat: () => null,
      heartbeatMs,
    });
    const server = createServer();
    server.on('upgrade', (request, stream, head) =>
      socket.upgrade(request, stream, head, { remote: '127.0.0.1', isChatOnly }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new DeviceSocket(world, presence, `ws://127.0.0.1:${address.port}/ws`, async () => {
      await socket.close();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  async dial(): Promise<DeviceClient> {
    const client = new DeviceClient(this.url);
    await client.next('connect.challenge');
    return client;
  }

  /** Connects with a key; what follows is for the test to read. */
  async knock(
    key: DeviceKey,
    more: Partial<{ role: string; scopes: readonly string[]; token: string; name: string }> = {},
  ): Promise<DeviceClient> {
    const client = await this.dial();
    client.send(key.connect(client.challenge, { role: 'operator', scopes: ['pairing', 'read'], ...more }));
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.world[Symbol.asyncDispose]();
  }
}

export class DeviceClient {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on('message', (data) => {
      this.frames.push(readFrame(data));
      for (const look of this.#waiting) look();
    });
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  get challenge(): Challenge {
    const [first] = this.frames;
    const field = (name: string) => first?.[name];
    return { gateway: String(field('gateway')), nonce: String(field('nonce')), ts: Number(field('ts')) };
  }

  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first such frame, now or later; rejects when the socket closes before. */
  next(type: string, fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.frames.find((frame) => frame.type === type && fits(frame));
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      void this.closed.then(({ code, reason }) =>
        reject(new Error(`closed ${code} ${reason} before ${type}`)),
      );
      look();
    });
  }

  hangUp(): void {
    this.#socket.terminate();
  }
}

function readFrame(data: RawData): Frame {
  const frame: Frame = JSON.parse(data.toString());
  return frame;
}

/** Knocks, is asked to wait, gets its yes, and is in. */
export async function join(
  at: DeviceSocket,
  key: DeviceKey,
  more: Partial<{ role: string; scopes: readonly string[] }> = {},
): Promise<{ client: DeviceClient; hello: Frame }> {
  const knocking = await at.knock(key, more);
  const { requestId } = await knocking.next('error');
  await at.world.devices.approve((await at.world.devices.findRequest(String(requestId))).id, HOST, AT_HOST);
  const client = await at.knock(key, more);
  return { client, hello: await client.next('hello') };
}
