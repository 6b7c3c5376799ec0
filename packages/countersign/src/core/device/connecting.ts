// A key has proven itself and says what it wants to be. What it holds already, it gets; whatever is more becomes a request
// that a person decides (H25, H28). A shared secret opens nothing: a setup code is an invitation to ask (H36, R24).
import { firstGraphemes, MAX_NAME, visible } from '@countersign/protocol/display';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { type DeviceId, type DeviceRequestId, makeId } from '@countersign/protocol/ids';
import type { ProblemCode } from '@countersign/protocol/problem';
import { foldAddress } from '../address.ts';
import type { Denials } from '../audit/denials.ts';
import type { DeviceScope } from '../authorise.ts';
import type { Bus } from '../bus.ts';
import { closeCards } from '../cards.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { DeviceRequestRow, DeviceRole, DeviceRow, NewDeviceRequest, SetupRow } from './devices-port.ts';
import { DEVICE_LIMITS, MAX_PENDING, QUIET_AFTER_NO_MS, REQUEST_LIFE_MS } from './lifetimes.ts';
import { deviceStateAt, requestStateAt } from './machine.ts';
import { common, isWithin, readScopes, scopesOfDevice } from './scopes.ts';
import { setupToken } from './setup-code.ts';
import type { DeviceTokenDesk, MintedToken } from './tokens.ts';
import { approveCommand, askOwners, deviceEvent, endedEvent } from './told.ts';

/** New requests of one address; loopback is exempt, for behind an unnamed proxy everybody has that address. */
const PER_ADDRESS = { burst: 5, refillMs: 3 * 60_000 };
const SENDER = { kind: 'sender' } as const;

/** Proven: the signature over all of it was checked. */
export interface ConnectRequest {
  readonly key: PublicJwk;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  readonly role: DeviceRole;
  /** As it came. */
  readonly scopes: unknown;
  /** A setup code, or its token. */
  readonly token: string | null;
  /** What it calls itself. */
  readonly name: string | null;
  readonly address: string | null;
}

/** Why a person has to say yes first. */
export type AskReason = 'new_key' | 'more_scopes' | 'other_role' | 'was_ended';

export interface Connected extends MintedToken {
  readonly as: 'connected';
  readonly device: DeviceRow;
  /** What it may do now, of what it asked for. */
  readonly scopes: readonly DeviceScope[];
}

export interface PairingRequired {
  readonly as: 'pairing_required';
  readonly requestId: DeviceRequestId;
  readonly command: string;
  readonly expiresAt: Millis;
  readonly reason: AskReason;
  /** What the key holds already: a fresh connect with these works at once. */
  readonly held: readonly DeviceScope[];
  readonly asked: readonly DeviceScope[];
}

export interface ConnectRefused {
  readonly as: 'refused';
  readonly code: Extract<
    ProblemCode,
    'request_malformed' | 'setup_code_used' | 'expired' | 'auth_forbidden' | 'rate_limited'
  >;
  readonly hint: string;
}

export type ConnectOutcome = Connected | PairingRequired | ConnectRefused;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly denials: Denials;
  readonly tokens: DeviceTokenDesk;
}

/** A connect with its scopes read. */
interface Asked extends ConnectRequest {
  readonly scopes: readonly DeviceScope[];
}

interface Happened {
  readonly outcome: ConnectOutcome;
  readonly ended?: DeviceId;
  readonly opened?: DeviceRequestId;
  /** Why a setup code was refused: for the audit. */
  readonly setupRefused?: string;
}

export class Connecting {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async connect(request: ConnectRequest, now: Millis): Promise<ConnectOutcome> {
    const { store, bus } = this.#ports;
    const scopes = readScopes(request.role, request.scopes);
    if (scopes === null) {
      const may = scopesOfDevice(request.role).join(', ');
      return refused('request_malformed', `role ${request.role} takes one or more of ${may}, each once`);
    }
    const { outcome, ended, opened, setupRefused } = await store.atomically((tx) =>
      this.#decide(tx, { ...request, scopes, token: invitationOf(request.token) }, now),
    );
    if (setupRefused !== undefined) await this.#countRefusal(request.role, setupRefused, now);
    if (ended !== undefined) bus.publish('deviceChanged', ended);
    if (opened !== undefined) {
      bus.publish('deviceRequested', opened);
      bus.publish('outboxPut', { count: 1 });
    }
    return outcome;
  }

  async #decide(tx: Store, asked: Asked, now: Millis): Promise<Happened> {
    const known = await tx.devices.byThumbprint(asked.thumbprint);
    const state = known === null ? null : deviceStateAt(known, DEVICE_LIMITS, now);
    if (known !== null && state === 'paired') {
      const held = known.role === asked.role && isWithin(asked.scopes, known.scopes);
      if (held) return { outcome: await this.#enter(tx, known, asked.scopes, now) };
      const why = known.role === asked.role ? 'more_scopes' : 'other_role';
      return this.#ask(tx, asked, { why, held: known.scopes }, now);
    }
    if (known === null) return this.#ask(tx, asked, { why: 'new_key', held: [] }, now);
    const expired = known.state === 'paired' && (await tx.devices.end(known.id, 'expired', 'expired', now));
    if (expired) await tx.audit.append([endedEvent(known, { kind: 'system' }, now, 'expired')]);
    const happened = await this.#ask(tx, asked, { why: 'was_ended', held: [] }, now);
    return expired ? { ...happened, ended: known.id } : happened;
  }

  async #enter(
    tx: Store,
    device: DeviceRow,
    asked: readonly DeviceScope[],
    now: Millis,
  ): Promise<ConnectOutcome> {
    const { tokens } = this.#ports;
    const live = await tokens.standing(device, tx);
    const scopes = live === null ? [] : common(asked, live.scopes);
    if (scopes.length === 0)
      return refused(
        'auth_forbidden',
        live === null
          ? 'this device is paired, and its person may not use it now: see countersign people list'
          : `this device may now use ${live.scopes.join(', ')}; the rest waits for a factor proven on it`,
      );
    await tokens.seen(device, tx);
    return { as: 'connected', device, scopes, ...(await tokens.mint(tx, device.id, now)) };
  }

  async #ask(tx: Store, asked: Asked, because: Because, now: Millis): Promise<Happened> {
    const last = await tx.devices.lastRequest(asked.thumbprint);
    const live = last !== null && requestStateAt(last, now) === 'pending' ? last : null;
    if (asked.token !== null) return this.#askInvited(tx, asked, asked.token, live, because, now);
    // A retry finds its own request and costs nothing: a hundred of them keep the id (D-02, Q17).
    if (live !== null && isSame(live, asked.role, asked.scopes)) return { outcome: required(live, because) };
    if (!(await this.#mayAsk(tx, asked, now)))
      return { outcome: refused('rate_limited', 'too many new devices from there; wait a few minutes') };
    const isQuiet =
      last !== null &&
      requestStateAt(last, now) === 'rejected' &&
      (last.decidedAt ?? 0) + QUIET_AFTER_NO_MS > now;
    return this.#open(tx, asked, null, { because, isQuiet, now });
  }

  async #askInvited(
    tx: Store,
    asked: Asked,
    shown: string,
    live: DeviceRequestRow | null,
    because: Because,
    now: Millis,
  ): Promise<Happened> {
    const { hasher } = this.#ports;
    const hash = hasher.keyed('setup', setupToken(shown));
    const taken = await tx.setups.take(hash, asked.role, asked.thumbprint, now);
    // Its own request outlives the code: who connects again and again is still told the same id.
    const own = taken.as === 'unknown' || live?.setup !== taken.setup.id ? null : live;
    const scopes = taken.as === 'unknown' ? [] : common(asked.scopes, taken.setup.scopes);
    if (taken.as !== 'used' && own !== null && isSame(own, asked.role, scopes))
      return { outcome: required(own, because) };
    if (taken.as !== 'taken') return this.#badSetup(taken.as, because);
    const { setup, first } = taken;
    if (first) {
      const subject = { setup: setup.id, role: setup.role, key: asked.thumbprint };
      await tx.audit.append([deviceEvent('setup.used', SENDER, now, { subject })]);
    }
    if (scopes.length === 0)
      return {
        outcome: refused('auth_forbidden', `that setup code is good for ${setup.scopes.join(', ')} only`),
      };
    return this.#open(tx, { ...asked, scopes }, setup, { because, isQuiet: false, now });
  }

  #badSetup(as: 'used' | 'expired' | 'wrong_role' | 'unknown', { held }: Because): Happened {
    const holds = held.length === 0 ? '' : `; this device holds ${held.join(', ')} and connects with these`;
    switch (as) {
      case 'used':
        return {
          outcome: refused(
            'setup_code_used',
            `that setup code was used by another device already; see countersign devices list${holds}`,
          ),
          setupRefused: as,
        };
      case 'expired':
        return {
          outcome: refused(
            'expired',
            `that setup code has run out; make a new one: countersign pair${holds}`,
          ),
          setupRefused: as,
        };
      case 'wrong_role':
        return {
          outcome: refused(
            'auth_forbidden',
            'that setup code was made for another role; it is still good for that',
          ),
          setupRefused: as,
        };
      case 'unknown':
        return {
          outcome: refused('auth_forbidden', `that is no setup code of this gateway${holds}`),
          setupRefused: as,
        };
      default:
        return as satisfies never;
    }
  }

  async #mayAsk(tx: Store, { address, thumbprint }: Asked, now: Millis): Promise<boolean> {
    // "Not me" to its sign-in: that browser is not listened to here either.
    if (await tx.deaf.is('key', thumbprint, now)) return false;
    const folded = address === null ? null : foldAddress(address);
    if (folded === null || folded.loopback) return true;
    const key = this.#ports.hasher.keyed('address', folded.text);
    return (await tx.limits.take(`device-request:${key}`, PER_ADDRESS, now)) === 0;
  }

  async #open(
    tx: Store,
    asked: Asked,
    setup: SetupRow | null,
    how: { readonly because: Because; readonly isQuiet: boolean; readonly now: Millis },
  ): Promise<Happened> {
    const { random, hasher } = this.#ports;
    const { because, isQuiet, now } = how;
    const { key, thumbprint, role, scopes } = asked;
    const request: NewDeviceRequest = {
      id: makeId('deviceRequest', random.bytes(15)),
      key,
      thumbprint,
      role,
      scopes,
      name: readDeviceName(asked.name),
      address: asked.address,
      setup: setup?.id ?? null,
      createdAt: now,
      expiresAt: now + REQUEST_LIFE_MS,
    };
    const opened = await tx.devices.request(request, setup === null ? MAX_PENDING : null);
    if (opened.as === 'full')
      return {
        outcome: refused(
          'rate_limited',
          'too many devices wait for an answer; an owner can invite this one: countersign pair',
        ),
      };
    const { row } = opened;
    if (opened.as === 'exists') return { outcome: required(row, because) };
    const { superseded } = opened;
    if (superseded !== null)
      await closeCards(tx, superseded, { text: 'Void: that device asked anew for something else.', now });
    const subject = {
      request: row.id,
      role,
      scopes: [...scopes],
      key: thumbprint,
      why: because.why,
      ...(setup === null ? {} : { setup: setup.id }),
      ...(superseded === null ? {} : { supersedes: superseded }),
    };
    await tx.audit.append([deviceEvent('device.requested', SENDER, now, { subject, named: row })]);
    if (!isQuiet) await tx.outbox.put(await askOwners(tx, row, setup, { random, hasher, now }), now);
    return { outcome: required(row, because), opened: row.id };
  }

  #countRefusal(role: DeviceRole, reason: string, now: Millis): Promise<void> {
    return this.#ports.denials.record(`setup.refused:${role}:${reason}`, {
      type: 'setup.refused',
      at: now,
      actor: SENDER,
      subject: { role },
      outcome: 'denied',
      reason,
    });
  }
}

interface Because {
  readonly why: AskReason;
  readonly held: readonly DeviceScope[];
}

/** Clients that keep a token show it when they come back: it proves nothing here, and invites nobody. */
function invitationOf(token: string | null): string | null {
  return token === null || token === '' || token.startsWith('cdt_') ? null : token;
}

function isSame(row: DeviceRequestRow, role: DeviceRole, scopes: readonly DeviceScope[]): boolean {
  return row.role === role && row.scopes.length === scopes.length && isWithin(scopes, row.scopes);
}

function required({ id, expiresAt, scopes }: DeviceRequestRow, { why, held }: Because): PairingRequired {
  return {
    as: 'pairing_required',
    requestId: id,
    command: approveCommand(id),
    expiresAt,
    reason: why,
    held,
    asked: scopes,
  };
}

function refused(code: ConnectRefused['code'], hint: string): ConnectRefused {
  return { as: 'refused', code, hint };
}

/** A claim: on one line, short, with nothing hidden in it (R67). Null when nothing is left. */
export function readDeviceName(name: string | null): string | null {
  const shown = firstGraphemes(visible((name ?? '').toWellFormed().trim()), MAX_NAME);
  return shown === '' ? null : shown;
}
