// `/ws`: a challenge, a signed connect, then frames. The socket proves a key and nothing else; who that key is, the
// store says. Origin and Host were checked before the upgrade; the address is the connection's own.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { firstGraphemes, MAX_NAME } from '@countersign/protocol/display';
import type { ClientFrame, ServerFrame } from '@countersign/protocol/frames';
import { clientFrameSchema } from '@countersign/protocol/frames';
import { base32 } from '@countersign/protocol/ids';
import { PROBLEMS, Problem, type ProblemCode } from '@countersign/protocol/problem';
import { type WebSocket, WebSocketServer } from 'ws';
import { foldAddress } from '../core/address.ts';
import { authorise, type Caller, type Verb } from '../core/authorise.ts';
import { connectBytes } from '../core/device/connect.ts';
import { parseNative } from '../core/identity/peer.ts';
import type { Page, PageChannel } from '../core/page-port.ts';
import type { Clock, Log, Millis, Random, Signer } from '../core/ports.ts';
import type { PublicKeys } from './claim-door.ts';
import { MemoryBucket } from './memory-bucket.ts';

const MAX_FRAME_BYTES = 256 * 1024;
const CONNECT_WITHIN_MS = 10_000;
const HEARTBEAT_MS = 30_000;
/** A page that does not read is let go; it resumes by sequence. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
const MAX_SOCKETS = 2_000;
const MAX_PER_ADDRESS = 20;
const SAYS = { burst: 20, refillMs: 1_000 };
const RESUMES = { burst: 10, refillMs: 5_000 };
/** Frames that wait for their turn: a page has a handful, a flood ends its own socket before it fills our memory. */
const MAX_WAITING_FRAMES = 64;

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: Pick<Signer, 'thumbprint'>;
  readonly keys: PublicKeys;
  readonly log: Log;
  /** Null while web chat is off. */
  webchat(): PageChannel | null;
}

export interface Socket {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, remote: string): void;
  /** Tells every page and closes. */
  close(): Promise<void>;
  readonly size: number;
}

export function createSocket(ports: Ports): Socket {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: true });
  const perAddress = new Map<string, number>();
  const heartbeat = setInterval(() => beat(server), HEARTBEAT_MS);
  heartbeat.unref();

  return {
    upgrade(request, socket, head, remote) {
      const folded = foldAddress(remote);
      const key = folded === null || folded.loopback ? null : folded.text;
      const open = key === null ? 0 : (perAddress.get(key) ?? 0);
      if (server.clients.size >= MAX_SOCKETS || open >= MAX_PER_ADDRESS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 30\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (ws) => {
        if (key !== null) perAddress.set(key, open + 1);
        ws.once('close', () => {
          if (key === null) return;
          const left = (perAddress.get(key) ?? 1) - 1;
          if (left > 0) perAddress.set(key, left);
          else perAddress.delete(key);
        });
        new Connection(ws, remote, ports).open();
      });
    },
    async close() {
      clearInterval(heartbeat);
      const clients = [...server.clients];
      await Promise.all(clients.map((ws) => farewell(ws)));
      server.close();
    },
    get size() {
      return server.clients.size;
    },
  };
}

const alive = new WeakMap<WebSocket, boolean>();

function beat(server: WebSocketServer): void {
  for (const ws of server.clients) {
    if (alive.get(ws) === false) ws.terminate();
    alive.set(ws, false);
    ws.ping();
  }
}

function farewell(ws: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => ws.terminate(), 1_000);
    ws.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    ws.send(JSON.stringify(errorFrame('gateway_stopping')));
    ws.close(1001, 'the gateway is stopping');
  });
}

class Connection {
  readonly #ws: WebSocket;
  readonly #remote: string;
  readonly #ports: Ports;
  readonly #nonce: string;
  readonly #ts: Millis;
  readonly #says = new MemoryBucket(SAYS);
  readonly #resumes = new MemoryBucket(RESUMES);
  #waiting = 0;
  #page: Page | null = null;
  #caller: Caller = { door: 'tcp' };
  #work: Promise<void> = Promise.resolve();

  constructor(ws: WebSocket, remote: string, ports: Ports) {
    this.#ws = ws;
    this.#remote = remote;
    this.#ports = ports;
    this.#nonce = Buffer.from(ports.random.bytes(24)).toString('base64url');
    this.#ts = ports.clock.now();
  }

  open(): void {
    const ws = this.#ws;
    alive.set(ws, true);
    ws.on('pong', () => alive.set(ws, true));
    ws.on('error', () => ws.terminate());
    const timer = setTimeout(
      () => this.#fail('auth_required', 'connect within ten seconds'),
      CONNECT_WITHIN_MS,
    );
    ws.once('close', () => clearTimeout(timer));
    ws.on('message', (data, isBinary) => {
      // What still arrives behind a refusal is not even read.
      if (ws.readyState !== ws.OPEN) return;
      if (this.#waiting >= MAX_WAITING_FRAMES) return this.#fail('rate_limited');
      if (isBinary) return this.#fail('request_malformed', 'frames are JSON text');
      const frame = parseFrame(data.toString());
      if (frame === null) return this.#fail('request_malformed', 'that is no frame of /ws');
      if (frame.type === 'connect') clearTimeout(timer);
      // One frame after the other: a say never overtakes the connect before it.
      this.#waiting += 1;
      this.#work = this.#work
        .then(() => this.#handle(frame))
        .catch((cause: unknown) => this.#broken(cause))
        .finally(() => {
          this.#waiting -= 1;
        });
    });
    this.#send({
      type: 'connect.challenge',
      gateway: this.#ports.signer.thumbprint,
      nonce: this.#nonce,
      ts: this.#ts,
    });
  }

  async #handle(frame: ClientFrame): Promise<void> {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (frame.type === 'connect') return this.#connect(frame);
    const page = this.#page;
    const chat = this.#ports.webchat();
    if (page === null || chat === null || !this.#may(frame.type))
      return this.#fail('auth_required', 'connect first');
    const now = this.#ports.clock.now();
    if (frame.type === 'chat.resume') {
      return this.#resumes.take(now) > 0 ? this.#fail('rate_limited') : chat.resume(page, frame.after);
    }
    if (this.#says.take(now) > 0) {
      return page.send({ type: 'chat.refused', id: frame.id, reason: 'rate_limited', hint: 'wait a moment' });
    }
    return chat.say(page, { id: frame.id, text: frame.text });
  }

  async #connect(frame: Extract<ClientFrame, { type: 'connect' }>): Promise<void> {
    if (this.#page !== null) return this.#fail('request_malformed', 'this socket is connected already');
    if (!this.#may('socket.connect')) return this.#fail('auth_forbidden');
    const { key, role, scopes, nonce, ts, signature } = frame;
    const print = this.#ports.keys.thumbprint(key);
    const device = Buffer.from(print).toString('base64url');
    const signed = connectBytes({ device, gateway: this.#ports.signer.thumbprint, nonce, role, scopes, ts });
    const fresh = nonce === this.#nonce && ts === this.#ts;
    if (!fresh || !this.#ports.keys.verifySignature(key, signed, signature))
      return this.#fail('auth_proof_invalid');
    if (role !== 'chat' || scopes.length > 0) {
      return this.#fail(
        'auth_forbidden',
        'devices cannot join yet; web chat connects with role chat and no scopes',
      );
    }
    const chat = this.#ports.webchat();
    if (chat === null) return this.#fail('channel_unreachable', 'web chat is off on this gateway');
    const native = parseNative(base32(print), chat.traits.peerIds);
    if (native === null) return this.#fail('auth_proof_invalid');
    const peer = { channel: chat.id, account: chat.account, native };
    this.#caller = { door: 'browser', peer };
    const name = frame.name === undefined ? null : firstGraphemes(frame.name.trim(), MAX_NAME);
    this.#page = { peer, name, address: this.#remote, send: (sent) => this.#send(sent) };
    this.#send({ type: 'hello', device, role: 'chat', scopes: [] });
    const leave = await chat.attach(this.#page);
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.once('close', leave);
    else leave();
  }

  #may(verb: Verb): boolean {
    const house = { owned: true, ownerHasFactor: false, freshFactor: false };
    return authorise(this.#caller, verb, house).outcome === 'allow';
  }

  #send(frame: ServerFrame): void {
    const ws = this.#ws;
    if (ws.readyState !== ws.OPEN) return;
    if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate();
    else ws.send(JSON.stringify(frame));
  }

  #fail(code: ProblemCode, hint?: string): void {
    const frame = errorFrame(code, hint);
    this.#send(frame);
    this.#ws.close(1008, closeReason(`${code}: ${frame.hint}`));
  }

  #broken(cause: unknown): void {
    const code = Problem.codeOf(cause);
    if (code === 'internal') this.#ports.log.error('socket.failed', { reason: code });
    this.#fail(code);
  }
}

function errorFrame(code: ProblemCode, hint?: string): Extract<ServerFrame, { type: 'error' }> {
  const row: { readonly title: string; readonly hint?: string } = PROBLEMS[code];
  return { type: 'error', code, hint: hint ?? row.hint ?? row.title };
}

/** RFC 6455 5.5: a close reason has at most 123 bytes. */
function closeReason(text: string): string {
  let reason = text;
  while (Buffer.byteLength(reason) > 123) reason = reason.slice(0, -1);
  return reason;
}

function parseFrame(text: string): ClientFrame | null {
  try {
    const parsed = clientFrameSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
