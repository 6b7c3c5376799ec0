// The socket of this browser as an operator device: connects with the device key, holds the token in memory and nowhere
// else, and tells the page who it is. A browser that was signed out asks again only when its person says so.
import { Problem } from '@countersign/protocol/problem';
import type { DeviceKey } from '../device-key.ts';
import { Line, type LinePorts } from '../shared/line.ts';
import {
  type Challenge,
  type Change,
  type DeviceFrame,
  type Pass,
  type Place,
  parseFrame,
  type Refused,
  type Scope,
} from './frames.ts';
import { type SessionEvent, type SessionState, START, step } from './state.ts';

const ROLE = 'operator';
/** Sorted, as they are signed. */
const ALL: readonly Scope[] = ['approvals', 'manage', 'pairing', 'read'];
/** R17: somebody may be approving this browser right now. */
const ASK_AGAIN_MS = 5_000;
const REFUSED_WAIT_MS = 30_000;
const PASS_WITHIN_MS = 10_000;

export interface SessionPorts extends LinePorts {
  readonly key: Pick<DeviceKey, 'jwk' | 'device' | 'sign'>;
  /** What this browser calls itself. */
  readonly name: string;
  /** The scopes this browser was let in with before, where they were not all. */
  readonly scopes: { recall(): readonly Scope[] | null; remember(scopes: readonly Scope[]): void };
}

export class Session {
  readonly #ports: SessionPorts;
  readonly #line: Line;
  readonly #listeners = new Set<() => void>();
  readonly #eventListeners = new Set<(change: Change) => void>();
  #state: SessionState = START;
  #pass: Pass | null = null;
  #asked: readonly Scope[];
  /** The last change of the house that was heard: an interrupted line goes on behind it. */
  #heardUpTo: Place | null = null;
  /** A setup code its person typed: it goes along until it was taken or refused. */
  #invitation: string | null = null;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#asked = ports.scopes.recall() ?? ALL;
    this.#line = new Line(ports, {
      heard: (data, answer) => this.#heard(data, answer),
      down: () => this.#moved({ type: 'down' }),
    });
  }

  // Bound: React takes them as they are.
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly snapshot = (): SessionState => this.#state;
  /** Something in the house changed: lists on the page are old. */
  readonly onEvent = (listener: (change: Change) => void): (() => void) => {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  };

  get device(): string {
    return this.#ports.key.device;
  }

  start(): void {
    this.#line.start();
  }

  /** Who we are may have changed (a sign-in, an approval): ask at once. */
  reconnect(): void {
    this.#line.redial();
  }

  /** Ask with a setup code. */
  invite(code: string): void {
    this.#invitation = code;
    this.#line.redial();
  }

  wake(): void {
    this.#line.wake();
  }

  /** The token to send, as soon as there is one. @throws Problem */
  pass(): Promise<Pass> {
    const ready = this.#ready();
    if (ready !== null) return ready;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        unsubscribe();
      };
      const cancel = this.#ports.later(PASS_WITHIN_MS, () => {
        stop();
        reject(new Problem('gateway_down'));
      });
      const unsubscribe = this.subscribe(() => {
        const now = this.#ready();
        if (now === null) return;
        stop();
        resolve(now);
      });
    });
  }

  /** Each answer of the gateway brings the nonce for the next request. */
  renewed(nonce: string): void {
    if (this.#pass !== null) this.#pass = { ...this.#pass, nonce };
  }

  /** The gateway no longer takes this token: a new handshake gives another, or says why not. */
  rejected(token: string): void {
    if (this.#pass?.token !== token) return;
    this.#pass = null;
    this.#line.redial();
  }

  #ready(): Promise<Pass> | null {
    if (this.#state.is === 'out') return Promise.reject(new Problem('auth_required'));
    return this.#pass === null ? null : Promise.resolve(this.#pass);
  }

  #heard(data: unknown, answer: (frame: object) => void): void {
    const frame = parseFrame(data);
    switch (frame?.type) {
      case undefined:
        return;
      case 'challenge':
        void this.#connect(frame.challenge).then(answer);
        return;
      case 'hello':
        this.#pass = frame.pass;
        this.#invitation = null;
        this.#line.accepted();
        this.#moved({ type: 'hello', hello: frame.hello });
        this.#resume(frame.feed, answer);
        return;
      case 'token':
        this.#pass = frame.pass;
        return;
      case 'error':
        this.#refused(frame.refused);
        return;
      case 'event':
        this.#happened(frame);
        return;
      default:
        frame satisfies never;
    }
  }

  /** What was missed is asked for; where it cannot be had any more, everything may be old. */
  #resume(feed: Place | null, answer: (frame: object) => void): void {
    const before = this.#heardUpTo;
    this.#heardUpTo = feed;
    if (before === null || (feed?.epoch === before.epoch && feed.seq === before.seq)) return;
    if (feed?.epoch === before.epoch && feed.seq > before.seq)
      answer({ type: 'resume', epoch: feed.epoch, after: before.seq });
    else this.#tell({ what: 'everything' });
  }

  #happened({ seq, change, scopes }: Extract<DeviceFrame, { type: 'event' }>): void {
    if (seq !== null && this.#heardUpTo !== null && seq > this.#heardUpTo.seq)
      this.#heardUpTo = { ...this.#heardUpTo, seq };
    if (scopes !== null) this.#moved({ type: 'scopes', scopes });
    this.#tell(change);
  }

  #tell(change: Change): void {
    for (const listener of this.#eventListeners) listener(change);
  }

  #refused(refused: Refused): void {
    const before = this.#state;
    const { held, code } = refused;
    if (code === 'pairing_required' && held.length > 0 && held.length < this.#asked.length) {
      // Let in for less than was asked: that much works now, and more is for its owner to decide.
      this.#ask(held);
      this.#line.redial();
      return;
    }
    this.#moved({ type: 'refused', refused });
    if (this.#state === before) return;
    this.#pass = null;
    this.#ask(ALL);
    if (code !== 'pairing_required') this.#invitation = null;
    // Signed out: asking anew right away would put a fresh request before the owner who has just said no.
    if (before.is === 'in') this.#line.stop();
    else this.#line.refused(code === 'pairing_required' ? ASK_AGAIN_MS : REFUSED_WAIT_MS);
  }

  #ask(scopes: readonly Scope[]): void {
    if (scopes.join() === this.#asked.join()) return;
    this.#asked = scopes;
    this.#ports.scopes.remember(scopes);
  }

  async #connect({ gateway, nonce, ts }: Challenge): Promise<object> {
    const { key, name } = this.#ports;
    const scopes = this.#asked;
    const invitation = this.#invitation;
    const claim = { device: key.device, gateway, nonce, role: ROLE, scopes, ts };
    const signature = await key.sign('countersign.connect.v1', claim);
    const frame = { type: 'connect', key: key.jwk, role: ROLE, scopes, ts, nonce, signature, name };
    return invitation === null ? frame : { ...frame, token: invitation };
  }

  #moved(event: SessionEvent): void {
    const next = step(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}
