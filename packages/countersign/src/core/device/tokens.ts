// Device tokens and what a paired device may do now. A token is fifteen minutes of one device's key and worth nothing
// without it; whose it is, whether that device still is, and what it may, is asked at every use (R62, H31).
import { base32, type DeviceId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { DeviceScope } from '../authorise.ts';
import type { Role } from '../identity/people-port.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { DeviceRow } from './devices-port.ts';
import { DEVICE_LIMITS, SEEN_EVERY_MS, TOKEN_LIFE_MS } from './lifetimes.ts';
import { type DeviceState, deviceStateAt } from './machine.ts';
import { effectiveScopes } from './scopes.ts';

const TOKEN = /^cdt_[a-z2-7]{52}$/;
const TOKEN_BYTES = 32;

export interface MintedToken {
  readonly token: string;
  readonly expiresAt: Millis;
}

/** A paired device whose person may use it, and what it may do at this moment. */
export interface LiveDevice {
  readonly device: DeviceRow;
  /** Of its person. */
  readonly role: Role;
  readonly scopes: readonly DeviceScope[];
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
}

export class DeviceTokenDesk {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `auth_forbidden` when the device has ended meanwhile. */
  async mint(
    tx: Pick<Store, 'deviceTokens'>,
    device: DeviceId,
    now: Millis,
    replaces: string | null = null,
  ): Promise<MintedToken> {
    const { random, hasher } = this.#ports;
    const token = `cdt_${base32(random.bytes(TOKEN_BYTES))}`;
    const expiresAt = now + TOKEN_LIFE_MS;
    const hash = hasher.keyed('device-token', token);
    const replaced = replaces === null ? null : hasher.keyed('device-token', replaces);
    const issued = await tx.deviceTokens.issue({
      hash,
      device,
      replaces: replaced,
      issuedAt: now,
      expiresAt,
    });
    if (!issued) throw new Problem('auth_forbidden', { detail: 'that device is not paired any more' });
    return { token, expiresAt };
  }

  /** Another token for a device that is still live. The one before stays good until this one is used (D-08). */
  async renew(device: DeviceId, before: string): Promise<MintedToken | null> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    if ((await this.live(device)) === null) return null;
    return this.mint(store, device, now, before);
  }

  /** Whose token it is, shown by the holder of the key with this thumbprint. Null tells nothing more. */
  async use(token: string, thumbprint: string): Promise<LiveDevice | null> {
    const { store, clock, hasher } = this.#ports;
    if (!TOKEN.test(token)) return null;
    const hash = hasher.keyed('device-token', token);
    const found = await store.deviceTokens.find(hash, clock.now());
    if (found === null) return null;
    const live = await this.live(found.device);
    // Another key's token is another device's: it is not even marked as used.
    if (live === null || live.device.thumbprint !== thumbprint) return null;
    if (!found.used) await store.deviceTokens.use(hash);
    await this.seen(live.device);
    return live;
  }

  /** Null once the device has ended or run out, its person is gone, blocked or suspended, or nothing of it is left. */
  async live(
    id: DeviceId,
    tx: Pick<Store, 'devices' | 'people' | 'factors'> = this.#ports.store,
  ): Promise<LiveDevice | null> {
    const device = await tx.devices.get(id);
    return device === null ? null : this.standing(device, tx);
  }

  /** Null for an id of no device. */
  async stateOf(id: DeviceId): Promise<DeviceState | null> {
    const { store, clock } = this.#ports;
    const device = await store.devices.get(id);
    return device === null ? null : deviceStateAt(device, DEVICE_LIMITS, clock.now());
  }

  async standing(
    device: DeviceRow,
    tx: Pick<Store, 'people' | 'factors'> = this.#ports.store,
  ): Promise<LiveDevice | null> {
    if (deviceStateAt(device, DEVICE_LIMITS, this.#ports.clock.now()) !== 'paired') return null;
    const person = await tx.people.get(device.principal);
    if (person === null || person.state !== 'active') return null;
    const scopes = effectiveScopes(device, person.role, await tx.factors.has(person.id));
    return scopes.length === 0 ? null : { device, role: person.role, scopes };
  }

  /** Notes that it was there, once a minute at most. */
  async seen(device: DeviceRow, tx: Pick<Store, 'devices'> = this.#ports.store): Promise<void> {
    const now = this.#ports.clock.now();
    if (now - device.lastSeenAt >= SEEN_EVERY_MS) await tx.devices.touch(device.id, now);
  }
}
