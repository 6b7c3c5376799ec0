// One socket: a challenge, a signed connect, then frames. The socket proves a key and nothing else; who that key is, the
// store says.
import { firstGraphemes, MAX_NAME } from '@countersign/protocol/display';
import type { NodeSays } from '@countersign/protocol/exec';
import type { ClientFrame, ServerFrame } from '@countersign/protocol/frames';
import { base32 } from '@countersign/protocol/ids';
import { Problem, type ProblemCode } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { WebSocket } from 'ws';
import { authorise, type Caller, NO_PROOF, type Verb } from '../core/authorise.ts';
import { connectBytes } from '../core/device/connect.ts';
import type { AskReason, ConnectOutcome } from '../core/device/connecting.ts';
import { parseNative } from '../core/identity/peer.ts';
import type { Page, PageChannel } from '../core/page-port.ts';
import type { Clock, Log, Millis, Random, Signer } from '../core/ports.ts';
import type { AddressLimits } from './address-limits.ts';
import type { PublicKeys } from './claim-door.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { type DeviceDoor, DeviceSession } from './socket-device.ts';
import { closeReason, type ErrorFrame, errorFrame, parseFrame } from './socket-frames.ts';

const CONNECT_WITHIN_MS = 10_000;
/** A page that does not read is let go; it resumes by sequence. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
const SAYS = { burst: 20, refillMs: 1_000 };
const RESUMES = { burst: 10, refillMs: 5_000 };
/** Frames that wait for their turn: a page has a handful, a flood ends its own socket before it fills our memory. */
const MAX_WAITING_FRAMES = 64;

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: Pick<Signer, 'thumbprint'>;
  readonly keys: PublicKeys;
  readonly log: Log;
  readonly futile: AddressLimits;
  /** Where operators and nodes join; without it only pages connect. */
  readonly devices?: DeviceDoor;
  /** Null while web chat is off. */
  webchat(): PageChannel | null;
}

type ConnectFrame = Extract<ClientFrame, { type: 'connect' }>;

export class Connection {
  readonly #ws: WebSocket;
  readonly #remote: string;
  readonly #ports: ConnectionPorts;
  readonly #nonce: string;
  readonly #ts: Millis;
  readonly #says = new MemoryBucket(SAYS);
  readonly #resumes = new MemoryBucket(RESUMES);
  #waiting = 0;
  #alive = true;
  #page: Page | null = null;
  #device: DeviceSession | null = null;
  #caller: Caller = { door: 'tcp' };
  #work: Promise<void> = Promise.resolve();

  constructor(ws: WebSocket, remote: string, ports: ConnectionPorts) {
    this.#ws = ws;
    this.#remote = remote;
    this.#ports = ports;
    this.#nonce = Buffer.from(ports.random.bytes(24)).toString('base64url');
    this.#ts = ports.clock.now();
  }

  open(): void {
    const ws = this.#ws;
    ws.on('pong', () => {
      this.#alive = true;
    });
    ws.on('error', () => ws.terminate());
    const timer = setTimeout(
      () => this.#fail('auth_required', 'connect within ten seconds'),
      CONNECT_WITHIN_MS,
    );
    ws.once('close', () => {
      clearTimeout(timer);
      this.#device?.end();
    });
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

  /** Now and then: a socket whose other end is gone is ended, a device's is looked after. */
  beat(): void {
    if (!this.#alive) {
      this.#ws.terminate();
      return;
    }
    this.#alive = false;
    this.#ws.ping();
    this.#device?.beat();
  }

  async #handle(frame: ClientFrame): Promise<void> {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (frame.type === 'connect') return this.#connect(frame);
    if (frame.type === 'resume') return this.#resume(frame);
    if (isNodes(frame))
      return this.#device?.hear(frame) ?? this.#fail('auth_required', 'connect as a device first');
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

  #resume(frame: Extract<ClientFrame, { type: 'resume' }>): Promise<void> | void {
    if (this.#device === null) return this.#fail('auth_required', 'connect as a device first');
    if (this.#resumes.take(this.#ports.clock.now()) > 0) return this.#fail('rate_limited');
    return this.#device.resume(frame);
  }

  async #connect(frame: ConnectFrame): Promise<void> {
    if (this.#page !== null || this.#device !== null)
      return this.#fail('request_malformed', 'this socket is connected already');
    if (!this.#may('socket.connect')) return this.#fail('auth_forbidden');
    const { key, role, scopes, nonce, ts, signature } = frame;
    const print = this.#ports.keys.thumbprint(key);
    const device = Buffer.from(print).toString('base64url');
    const signed = connectBytes({ device, gateway: this.#ports.signer.thumbprint, nonce, role, scopes, ts });
    const fresh = nonce === this.#nonce && ts === this.#ts;
    if (!fresh || !this.#ports.keys.verifySignature(key, signed, signature))
      return this.#fail('auth_proof_invalid');
    if (role !== 'chat') return this.#connectDevice(frame, device, role);
    if (scopes.length > 0)
      return this.#fail('request_malformed', 'web chat connects with role chat and no scopes');
    return this.#connectPage(frame, device, print);
  }

  async #connectPage(frame: ConnectFrame, device: string, print: Uint8Array): Promise<void> {
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

  async #connectDevice(frame: ConnectFrame, thumbprint: string, role: 'operator' | 'node'): Promise<void> {
    const { devices, clock, futile } = this.#ports;
    if (devices === undefined || !this.#may('devices.connect'))
      return this.#fail('auth_forbidden', 'devices cannot join this gateway');
    const now = clock.now();
    if (futile.wait(this.#remote, now) > 0) return this.#fail('rate_limited');
    const { key, scopes } = frame;
    const address = this.#remote;
    const asked = {
      key,
      thumbprint,
      role,
      scopes,
      address,
      token: frame.token ?? null,
      name: frame.name ?? null,
    };
    const outcome = await devices.devices.connect(asked, now);
    if (outcome.as !== 'connected') {
      futile.count(this.#remote, now);
      return this.#refuse(refusalOf(outcome));
    }
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    const session = new DeviceSession(devices, outcome, scopes, {
      send: (sent) => this.#send(sent),
      end: (code, hint) => this.#fail(code, hint),
      broken: (cause) => this.#broken(cause),
      clock,
    });
    this.#device = session;
    await session.begin();
  }

  #may(verb: Verb): boolean {
    return authorise(this.#caller, verb, NO_PROOF).outcome === 'allow';
  }

  #send(frame: ServerFrame): void {
    const ws = this.#ws;
    if (ws.readyState !== ws.OPEN) return;
    if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate();
    else ws.send(JSON.stringify(frame));
  }

  #fail(code: ProblemCode, hint?: string): void {
    this.#refuse(errorFrame(code, hint));
  }

  #refuse(frame: ErrorFrame): void {
    this.#device?.end();
    this.#send(frame);
    this.#ws.close(1008, closeReason(frame));
  }

  #broken(cause: unknown): void {
    const code = Problem.codeOf(cause);
    if (code === 'internal') this.#ports.log.error('socket.failed', { reason: code });
    this.#fail(code);
  }
}

function isNodes(frame: ClientFrame): frame is NodeSays {
  return frame.type.startsWith('exec.');
}

const HINTS: Readonly<Record<AskReason, string>> = {
  new_key: 'this device is not paired yet; an owner lets it in with that command, or in a chat',
  more_scopes: 'this device asks for more than it holds, and an owner has to say yes',
  other_role: 'this key is paired for another role; an owner has to say yes to the change',
  was_ended: 'this device was ended, or was away for too long; an owner has to let it in again',
};

/** D-03, D-10: why, which request, the very command, until when; and what works in the meantime. */
export function refusalOf(outcome: Exclude<ConnectOutcome, { as: 'connected' }>): ErrorFrame {
  if (outcome.as === 'refused') return errorFrame(outcome.code, outcome.hint);
  const { requestId, command, expiresAt, reason, held } = outcome;
  const meanwhile = held.length === 0 ? '' : `; what it holds works with a fresh connect: ${held.join(', ')}`;
  const holds = held.length === 0 ? {} : { held };
  const more = { reason, requestId, command, expiresAt: isoTime(expiresAt), ...holds };
  return errorFrame('pairing_required', `${HINTS[reason]}${meanwhile}`, more);
}
