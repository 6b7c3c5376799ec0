// A device on an open socket. It is kept in tokens, hears by id what changed, and is let go in the moment it may not be
// here any more: who revokes it, blocks its person or takes its rights need not wait for it (R62, H31).

import type { NodeHears, NodeSays } from '@countersign/protocol/exec';
import type { ClientFrame, DeviceEvent, ServerFrame } from '@countersign/protocol/frames';
import { Problem, type ProblemCode } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import { authorise, type DeviceScope, NO_PROOF, type Verb } from '../core/authorise.ts';
import type { Bus } from '../core/bus.ts';
import type { Connected } from '../core/device/connecting.ts';
import type { Devices } from '../core/device/devices.ts';
import { common, scopesOfDevice } from '../core/device/scopes.ts';
import type { MintedToken } from '../core/device/tokens.ts';
import type { Role } from '../core/identity/people-port.ts';
import type { Clock } from '../core/ports.ts';
import type { ExecHosts } from './exec-hosts.ts';
import type { Change, Feed } from './feed.ts';
import type { Presence } from './presence.ts';

/** A token is followed by the next one when this much of its life is left. */
const RENEW_BEFORE_MS = 5 * 60_000;

export interface DeviceDoor {
  readonly devices: Pick<Devices, 'connect' | 'tokens'>;
  readonly bus: Bus;
  /** What changed in the house. */
  readonly feed: Pick<Feed, 'place' | 'since' | 'subscribe'>;
  /** Whose page is open. */
  readonly presence?: Pick<Presence, 'enter'>;
  /** Where machines wait for what they may run. */
  readonly hosts?: Pick<ExecHosts, 'enter' | 'hear' | 'gatewayKey'>;
  /** A nonce for proofs over HTTP, so that the first call needs no second try. */
  nonce(): string;
}

interface Ends {
  readonly clock: Clock;
  send(frame: ServerFrame): void;
  end(code: ProblemCode, hint: string): void;
  broken(cause: unknown): void;
}

export class DeviceSession {
  readonly #door: DeviceDoor;
  readonly #device: Connected['device'];
  readonly #asked: readonly DeviceScope[];
  readonly #ends: Ends;
  readonly #leave: (() => void)[];
  #scopes: readonly DeviceScope[];
  /** Of its person; the least until it was looked up. */
  #role: Role = 'user';
  #token: MintedToken;
  #over = false;
  #greeted = false;
  #work: Promise<void> = Promise.resolve();

  constructor(door: DeviceDoor, connected: Connected, asked: readonly string[], ends: Ends) {
    const { device, scopes, token, expiresAt } = connected;
    const { bus, feed } = door;
    this.#door = door;
    this.#device = device;
    this.#asked = scopesOfDevice(device.role).filter((scope) => asked.includes(scope));
    this.#ends = ends;
    this.#scopes = scopes;
    this.#token = { token, expiresAt };
    // Listening begins before anything is said: what changes from here on is not missed.
    this.#leave = [
      bus.subscribe('deviceChanged', (id) => {
        if (id === device.id) void this.#then(() => this.#check());
      }),
      bus.subscribe('principalChanged', (id) => {
        if (id === device.principal) void this.#then(() => this.#check());
      }),
      feed.subscribe((change) => this.#tell(change)),
    ];
  }

  /** Says hello, if it may still be here after all. */
  begin(): Promise<void> {
    return this.#then(async () => {
      if (!(await this.#check())) return;
      const { id, role, thumbprint } = this.#device;
      const { token, expiresAt } = this.#token;
      const what = {
        id,
        device: thumbprint,
        role,
        scopes: this.#scopes,
        token,
        expiresAt: isoTime(expiresAt),
      };
      const nonce = this.#door.nonce();
      const reads = this.#reads ? { feed: this.#door.feed.place } : {};
      const hosts = this.#serves ? this.#door.hosts : undefined;
      const pinned = hosts === undefined ? {} : { gatewayKey: hosts.gatewayKey };
      this.#ends.send({ type: 'hello', ...what, nonce, ...reads, ...pinned });
      this.#greeted = true;
      if (hosts !== undefined && !this.#over)
        this.#leave.push(
          hosts.enter(
            this.#device,
            (frame) => this.#tellNode(frame),
            () => this.#replaced(),
          ),
        );
      if (this.#over || this.#door.presence === undefined) return;
      this.#leave.push(this.#door.presence.enter(id));
    });
  }

  /** Now and then. Another process may have ended it: no bus tells of that. */
  beat(): void {
    void this.#then(async () => {
      if (!(await this.#check())) return;
      const { tokens } = this.#door.devices;
      await tokens.seen((await tokens.live(this.#device.id))?.device ?? this.#device);
      if (this.#token.expiresAt - this.#ends.clock.now() > RENEW_BEFORE_MS) return;
      const next = await tokens.renew(this.#device.id, this.#token.token);
      if (next === null || this.#over) return;
      this.#token = next;
      const { token, expiresAt } = next;
      this.#ends.send({ type: 'token', token, expiresAt: isoTime(expiresAt), nonce: this.#door.nonce() });
    });
  }

  /** It was away, and goes on where it was. */
  resume({ epoch, after }: Extract<ClientFrame, { type: 'resume' }>): Promise<void> {
    return this.#then(async () => {
      if (!this.#greeted || !this.#reads) return;
      const missed = this.#door.feed.since({ epoch, seq: after });
      if (missed === null) this.#reset();
      else for (const change of missed) this.#tell(change);
    });
  }

  /** What a machine says of what it runs. @throws Problem: no machine's device, or nothing that it says. */
  hear(frame: NodeSays): Promise<void> {
    return this.#then(async () => {
      if (this.#over) return;
      if (!this.#greeted || !this.#serves || this.#door.hosts === undefined)
        throw new Problem('auth_forbidden', { detail: 'this device runs nothing' });
      await this.#door.hosts.hear(this.#device, frame);
    });
  }

  end(): void {
    this.#over = true;
    for (const leave of this.#leave.splice(0)) leave();
  }

  /** False when it had to go. */
  async #check(): Promise<boolean> {
    if (this.#over) return false;
    const live = await this.#door.devices.tokens.live(this.#device.id);
    if (this.#over) return false;
    const scopes = live === null ? [] : common(this.#asked, live.scopes);
    if (live !== null) this.#role = live.role;
    if (scopes.length === 0) {
      this.end();
      this.#ends.end('auth_forbidden', await this.#whyNot());
      return false;
    }
    const changed = scopes.join() !== this.#scopes.join();
    const couldRead = this.#reads;
    this.#scopes = scopes;
    if (!changed || !this.#greeted) return true;
    this.#say({ event: 'device.changed', device: this.#device.id, scopes });
    // What happened while it might not read was not told to it.
    if (!couldRead && this.#reads) this.#reset();
    return true;
  }

  /** Two that run commands under one name hear half of what is meant for them; and a stolen key that is used is seen. */
  #replaced(): void {
    this.end();
    this.#ends.end('state_conflict', 'another process has connected with this machine’s key; is it yours?');
  }

  async #whyNot(): Promise<string> {
    const state = await this.#door.devices.tokens.stateOf(this.#device.id);
    return state === 'paired'
      ? 'its person may not use this device now'
      : 'this device was ended; connecting again asks anew';
  }

  /** To those that may follow the house at this moment. */
  #tell({ seq, of, why }: Change): void {
    if (this.#greeted && !this.#over && this.#reads) this.#say({ event: 'changed', seq, of, why });
  }

  #reset(): void {
    this.#say({ event: 'reset', seq: this.#door.feed.place.seq });
  }

  get #reads(): boolean {
    return this.#may('feed.follow');
  }

  get #serves(): boolean {
    return this.#may('exec.serve');
  }

  #may(verb: Verb): boolean {
    const { id, principal } = this.#device;
    const caller = { door: 'device', device: id, principal, role: this.#role, scopes: this.#scopes } as const;
    return authorise(caller, verb, NO_PROOF).outcome === 'allow';
  }

  /** Nothing is granted to what may not be here any more. */
  #tellNode(frame: NodeHears): void {
    if (!this.#over && this.#serves) this.#ends.send(frame);
  }

  #say(event: DeviceEvent): void {
    this.#ends.send({ type: 'event', ...event });
  }

  /** One thing after the other. */
  #then(work: () => Promise<unknown>): Promise<void> {
    this.#work = this.#work.then(work).then(
      () => undefined,
      (cause: unknown) => this.#ends.broken(cause),
    );
    return this.#work;
  }
}
