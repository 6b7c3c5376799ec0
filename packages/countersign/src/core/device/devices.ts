// Devices: paired by a person's yes, bound to a key, ended at once. Nothing here gives more than was asked, more than the
// setup code says, more than whoever approves holds, or more than the device's person may do (R20, H26-H30).
import { type DeviceId, type DeviceRequestId, makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { DeviceScope } from '../authorise.ts';
import type { Bus } from '../bus.ts';
import { closeCards } from '../cards.ts';
import { ownerNotices } from '../owner-notices.ts';
import { deciderName } from '../pairing/told.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { Connecting, type ConnectOutcome, type ConnectRequest, readDeviceName } from './connecting.ts';
import type { DeviceRequestRow, DeviceRole, DeviceRow, NewDevice } from './devices-port.ts';
import { findDevice, findOwnRequest, findRequest } from './finding.ts';
import { Giving, isOwner } from './giving.ts';
import { DEVICE_LIMITS, KEEP_OVER_MS, KEEP_SETUP_MS, SETUP_LIFE_MS } from './lifetimes.ts';
import {
  DEVICE_REQUEST_TABLE,
  type DeviceRequestEvent,
  type DeviceRequestState,
  type DeviceState,
  deviceStateAt,
  requestStateAt,
} from './machine.ts';
import { common, effectiveScopes, isWithin, scopesOfDevice } from './scopes.ts';
import { drawSetupToken } from './setup-code.ts';
import { DeviceTokenDesk, type MintedToken } from './tokens.ts';
import { deviceEvent, deviceLabel, endedEvent, undecidable } from './told.ts';

/** Setup codes one maker may have made in a while. */
const SETUPS = { burst: 10, refillMs: 5 * 60_000 };

export interface Approval {
  /** Whose device it becomes; null: the maker of its setup code, else the only owner, else the owner who approves. */
  readonly for: PrincipalId | null;
  /** What whoever approves holds: ALL_SCOPES at the host, its own at a device, its role's in a chat. */
  readonly approverScopes: readonly DeviceScope[];
}

/** A device as lists show it. */
export interface DeviceShown extends Omit<DeviceRow, 'state'> {
  /** At this moment: one that ran out reads `expired` before anybody noted it. */
  readonly state: DeviceState;
  /** What it may do now, of what it holds. */
  readonly may: readonly DeviceScope[];
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly denials: Denials;
}

export class Devices {
  readonly tokens: DeviceTokenDesk;
  readonly #ports: Ports;
  readonly #connecting: Connecting;
  readonly #giving: Giving;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.tokens = new DeviceTokenDesk(ports);
    this.#connecting = new Connecting({ ...ports, tokens: this.tokens });
    this.#giving = new Giving(ports);
  }

  /** A key that has proven itself. @returns what it gets, or why not: nothing is thrown for what a stranger sends. */
  connect(request: ConnectRequest, now: Millis = this.#ports.clock.now()): Promise<ConnectOutcome> {
    return this.#connecting.connect(request, now);
  }

  /**
   * Gives what was shown on the request and no more. @throws Problem `not_found`, `already_decided` (says by whom and
   * when), `expired`, `auth_forbidden` when nothing of it is the approver's to give, `ambiguous` when several own the house.
   */
  async approve(
    id: DeviceRequestId,
    by: Actor,
    approval: Approval,
  ): Promise<{ readonly device: DeviceRow; readonly granted: readonly DeviceScope[] }> {
    const { store, bus, clock } = this.#ports;
    const now = clock.now();
    const given = await store.atomically(async (tx) => {
      const row = await this.#decidable(tx, id, 'approve', now);
      if (await tx.deaf.is('key', row.thumbprint, now))
        throw new Problem('state_conflict', {
          detail: 'an owner said of a sign-in of that browser: not me',
          hint: 'it is listened to again a day after that',
        });
      return this.#giving.give(tx, row, by, approval, now);
    });
    for (const changed of given.changed) bus.publish('deviceChanged', changed);
    bus.publish('deviceRequested', id);
    bus.publish('outboxPut', { count: 1 });
    return given;
  }

  /** @throws Problem as approve. */
  async reject(id: DeviceRequestId, by: Actor): Promise<DeviceRequestRow> {
    const { store, bus, clock } = this.#ports;
    const now = clock.now();
    const rejected = await store.atomically(async (tx) => {
      const row = await this.#decidable(tx, id, 'reject', now);
      if (!(await tx.devices.settleRequest(id, 'rejected', by, now)))
        throw undecidable((await tx.devices.getRequest(id)) ?? row, 'already_decided', now);
      if (row.setup !== null) await tx.setups.spend(row.setup, now);
      const subject = { request: id, role: row.role, scopes: [...row.scopes] };
      await tx.audit.append([deviceEvent('device.rejected', by, now, { subject, named: row })]);
      await closeCards(tx, id, { text: `Denied by ${await deciderName(tx, by)}: ${deviceLabel(row)}`, now });
      return tx.devices.getRequest(id);
    });
    bus.publish('deviceRequested', id);
    bus.publish('outboxPut', { count: 1 });
    if (rejected === null) throw new Problem('internal', { detail: 'a settled request vanished' });
    return rejected;
  }

  /** Ends it at once, with its tokens; its sockets hear of it on the bus. @throws Problem `not_found`, `already_decided`. */
  async revoke(id: DeviceId, by: Actor, why = 'revoked'): Promise<DeviceRow> {
    const { store, bus, clock } = this.#ports;
    const now = clock.now();
    const ended = await store.atomically(async (tx) => {
      const device = await this.#known(tx, id);
      if (!(await tx.devices.end(id, 'revoked', why, now)))
        throw new Problem('already_decided', { detail: 'that device has been ended already' });
      await tx.audit.append([endedEvent(device, by, now, why)]);
      const text = `Ended by ${await deciderName(tx, by)}: ${deviceLabel(device)}. Its sockets and tokens are gone.`;
      await tx.outbox.put(await ownerNotices(tx, { text, once: `device-ended:${id}`, now }), now);
      return tx.devices.get(id);
    });
    bus.publish('deviceChanged', id);
    bus.publish('outboxPut', { count: 1 });
    if (ended === null) throw new Problem('internal', { detail: 'an ended device vanished' });
    return ended;
  }

  /** @throws Problem `not_found`, `request_malformed` for a name of which nothing is left to show. */
  async rename(id: DeviceId, name: string, by: Actor): Promise<DeviceRow> {
    const { store, bus, clock } = this.#ports;
    const at = clock.now();
    const shown = readDeviceName(name);
    if (shown === null)
      throw new Problem('request_malformed', { detail: 'a name has at least one character' });
    await store.atomically(async (tx) => {
      const { principal } = await this.#known(tx, id);
      await tx.devices.rename(id, shown);
      await tx.audit.append([
        deviceEvent('device.renamed', by, at, {
          subject: { device: id },
          named: { name: shown },
          about: principal,
        }),
      ]);
    });
    bus.publish('deviceChanged', id);
    return this.#known(store, id);
  }

  /** A factor of its person was proven on it. The caller publishes `deviceChanged` after the commit. False when it was
   * proven already, or has ended. */
  async prove(tx: Store, id: DeviceId, by: Actor): Promise<boolean> {
    const device = await tx.devices.get(id);
    if (device === null || device.proven || !(await tx.devices.setProven(id))) return false;
    const event = { subject: { device: id }, about: device.principal };
    await tx.audit.append([deviceEvent('device.proven', by, this.#ports.clock.now(), event)]);
    return true;
  }

  /**
   * Pairs a key by another road than a request (the claim, a sign-in), inside that road's own transaction. What the key was
   * before ends. The caller publishes `deviceChanged` after the commit.
   */
  async admit(
    tx: Store,
    device: Omit<NewDevice, 'id' | 'name'> & { name: string | null },
    by: Actor,
  ): Promise<DeviceRow> {
    const { random } = this.#ports;
    const { thumbprint, createdAt: now } = device;
    const before = await tx.devices.byThumbprint(thumbprint);
    if (before?.state === 'paired') {
      await tx.devices.end(before.id, 'revoked', 'replaced', now);
      await tx.audit.append([endedEvent(before, by, now, 'replaced')]);
    }
    // What the same key asked for before is answered by this.
    const asked = await tx.devices.lastRequest(thumbprint);
    if (asked !== null && (await tx.devices.settleRequest(asked.id, 'superseded', by, now)))
      await closeCards(tx, asked.id, { text: `Signed in by another road: ${deviceLabel(asked)}`, now });
    const id = makeId('device', random.bytes(15));
    return this.#giving.add(tx, { ...device, id, name: device.name ?? 'a browser' }, by);
  }

  /** @throws Problem `not_found`, `ambiguous`. */
  find(ref: string): Promise<DeviceRow> {
    return findDevice(this.#ports.store, ref);
  }

  /** By its id, a beginning of four characters, or the device that asks. @throws Problem `not_found`, `ambiguous`. */
  findRequest(ref: string): Promise<DeviceRequestRow> {
    return findRequest(this.#ports.store, ref, this.#ports.clock.now());
  }

  /** For `/pair approve` without an id. @throws Problem `not_found`, `ambiguous`. */
  findOwnRequest(maker: PrincipalId): Promise<DeviceRequestRow> {
    return findOwnRequest(this.#ports.store, maker, this.#ports.clock.now());
  }

  async list(query: {
    readonly states?: readonly DeviceState[];
    readonly principal?: PrincipalId;
    readonly role?: DeviceRole;
    readonly after?: DeviceId;
    readonly limit: number;
  }): Promise<readonly DeviceShown[]> {
    const { states = ['paired'], ...where } = query;
    const rows = await this.#ports.store.devices.list({ ...where, states });
    return Promise.all(rows.map((row) => this.shown(row)));
  }

  async shown(row: DeviceRow): Promise<DeviceShown> {
    const { store, clock } = this.#ports;
    const state = deviceStateAt(row, DEVICE_LIMITS, clock.now());
    const person = await store.people.get(row.principal);
    const usable = state === 'paired' && person?.state === 'active';
    const may = usable ? effectiveScopes(row, person.role, await store.factors.has(person.id)) : [];
    return { ...row, state, may };
  }

  /** Requests that wait, newest first. */
  async waiting(query: {
    readonly role?: DeviceRole;
    readonly limit: number;
  }): Promise<readonly DeviceRequestRow[]> {
    const { store, clock } = this.#ports;
    const rows = await store.devices.listRequests({ ...query, states: ['pending'] });
    return rows.filter((row) => requestStateAt(row, clock.now()) === 'pending');
  }

  /**
   * An invitation to ask, made by an owner or the host (H30): bound to a role, to scopes, to the first key that shows it.
   * `makerScopes`: what whoever makes it holds. @throws Problem `auth_forbidden`, `rate_limited`, `request_malformed`.
   */
  async issueSetup(
    by: Actor,
    wanted: {
      readonly role: DeviceRole;
      readonly scopes: readonly DeviceScope[] | null;
      readonly makerScopes: readonly DeviceScope[];
    },
  ): Promise<{
    readonly token: string;
    readonly expiresAt: Millis;
    readonly scopes: readonly DeviceScope[];
  }> {
    const { store, clock, random, hasher } = this.#ports;
    const now = clock.now();
    const { role, makerScopes } = wanted;
    const all = scopesOfDevice(role);
    if (wanted.scopes !== null && !isWithin(wanted.scopes, all))
      throw new Problem('request_malformed', { detail: `role ${role} takes ${all.join(', ')}` });
    const token = drawSetupToken(random);
    const expiresAt = now + SETUP_LIFE_MS;
    const maker = by.kind === 'principal' ? by.id : null;
    const scopes = common(wanted.scopes ?? all, all, makerScopes);
    if (scopes.length === 0)
      throw new Problem('auth_forbidden', { detail: 'none of these are yours to give' });
    await store.atomically(async (tx) => {
      if (by.kind !== 'host' && by.kind !== 'principal') throw new Problem('auth_forbidden');
      if (maker !== null && !(await isOwner(tx, maker)))
        throw new Problem('auth_forbidden', { detail: 'only an owner invites devices' });
      const wait = await tx.limits.take(`setup:${maker ?? 'host'}`, SETUPS, now);
      if (wait > 0) throw new Problem('rate_limited', { members: { retryAfter: Math.ceil(wait / 1000) } });
      const id = makeId('setup', random.bytes(15));
      const hash = hasher.keyed('setup', token);
      await tx.setups.issue({ id, hash, role, scopes, maker, createdAt: now, expiresAt });
      const subject = { setup: id, role, scopes, expiresAt };
      await tx.audit.append([
        deviceEvent('setup.issued', by, now, { subject, ...(maker === null ? {} : { about: maker }) }),
      ]);
    });
    return { token, expiresAt, scopes };
  }

  /** The first token of a device that came by another road than the socket (a sign-in). */
  mint(id: DeviceId): Promise<MintedToken> {
    return this.tokens.mint(this.#ports.store, id, this.#ports.clock.now());
  }

  /** For the sweeper: what is long over. */
  async tidy(now: Millis): Promise<number> {
    const { devices, setups, deviceTokens } = this.#ports.store;
    const tokens = await deviceTokens.prune(now);
    return tokens + (await setups.prune(now - KEEP_SETUP_MS)) + (await devices.prune(now - KEEP_OVER_MS));
  }

  async #decidable(
    tx: Store,
    id: DeviceRequestId,
    event: DeviceRequestEvent,
    now: Millis,
  ): Promise<DeviceRequestRow> {
    const row = await tx.devices.getRequest(id);
    if (row === null) throw new Problem('not_found', { detail: 'there is no device request of that id' });
    const state: DeviceRequestState = requestStateAt(row, now);
    const step = DEVICE_REQUEST_TABLE[state][event];
    if ('refused' in step) throw undecidable(row, step.refused, now);
    return row;
  }

  async #known(tx: Pick<Store, 'devices'>, id: DeviceId): Promise<DeviceRow> {
    const device = await tx.devices.get(id);
    if (device === null) throw new Problem('not_found', { detail: 'there is no device of that id' });
    return device;
  }
}
