// Devices as callers at the house's doors reach them: which one they mean, what they hold and so can give, and the address
// that stands in a setup code. Approving is never "the latest" (R22): a request is named.
import { isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Caller, DeviceScope } from '../core/authorise.ts';
import type { DeviceShown, Devices } from '../core/device/devices.ts';
import type { DeviceRequestRow, DeviceRole } from '../core/device/devices-port.ts';
import { type DeviceRequestState, requestStateAt } from '../core/device/machine.ts';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { setupCode } from '../core/device/setup-code.ts';
import type { Directory } from '../core/identity/directory.ts';
import type { Clock, Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { actorOf } from './actor.ts';

/** Far above what can wait at once; of those that are over, the newest. */
const MAX_REQUESTS = 500;
const EVERY_STATE: readonly DeviceRequestState[] = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'superseded',
];

interface Ports {
  readonly store: Pick<Store, 'devices'>;
  readonly clock: Clock;
  readonly devices: Devices;
  readonly people: Pick<Directory, 'find'>;
  /** Where a device finds this gateway: the public address, else this machine's own. */
  address(): string;
}

interface Query {
  readonly show: 'live' | 'pending' | 'all';
  readonly role?: DeviceRole | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export class DeviceDoor {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Requests stand on the first page, those that wait before the rest; `next` leads through the devices. */
  async list({ show, role, after, limit }: Query): Promise<{
    readonly requests: readonly DeviceRequestRow[];
    readonly devices: readonly DeviceShown[];
    readonly next: string | null;
  }> {
    if (after !== undefined && !isId('device', after))
      throw new Problem('request_malformed', { detail: 'after is the `next` of the page before' });
    const of = role === undefined ? {} : { role };
    const requests = after === undefined ? await this.#requests(show, of) : [];
    if (show === 'pending') return { requests, devices: [], next: null };
    const rows = await this.#ports.devices.list({
      ...of,
      ...(after === undefined ? {} : { after }),
      states: show === 'live' ? ['paired'] : ['paired', 'expired', 'revoked'],
      limit,
    });
    const devices = show === 'live' ? rows.filter(({ state }) => state === 'paired') : rows;
    return { requests, devices, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  /** The one device or request that is meant. @throws Problem `not_found`, `ambiguous`. */
  async find(ref: string): Promise<DeviceShown | DeviceRequestRow> {
    const { devices } = this.#ports;
    if (ref.startsWith('devreq_')) return devices.findRequest(ref);
    try {
      return await devices.shown(await devices.find(ref));
    } catch (cause) {
      if (Problem.codeOf(cause) !== 'not_found') throw cause;
      return devices.findRequest(ref);
    }
  }

  /** A device's own id stands for what it asks now (D-04). @throws Problem `not_found`, `ambiguous`. */
  findRequest(ref: string): Promise<DeviceRequestRow> {
    return this.#ports.devices.findRequest(ref);
  }

  /** @throws Problem as Devices.approve. */
  async approve(caller: Caller, ref: string, whose: string | undefined): Promise<DeviceShown> {
    const { devices, people } = this.#ports;
    const { id } = await devices.findRequest(ref);
    const person = whose === undefined ? null : (await people.find(whose)).id;
    const approval = { for: person, approverScopes: heldBy(caller) };
    const { device } = await devices.approve(id, actorOf(caller), approval);
    return devices.shown(device);
  }

  async reject(caller: Caller, ref: string): Promise<DeviceRequestRow> {
    const { devices } = this.#ports;
    return devices.reject((await devices.findRequest(ref)).id, actorOf(caller));
  }

  async revoke(caller: Caller, ref: string): Promise<DeviceShown> {
    const { devices } = this.#ports;
    return devices.shown(await devices.revoke((await devices.find(ref)).id, actorOf(caller)));
  }

  async rename(caller: Caller, ref: string, name: string): Promise<DeviceShown> {
    const { devices } = this.#ports;
    return devices.shown(await devices.rename((await devices.find(ref)).id, name, actorOf(caller)));
  }

  /** @throws Problem as Devices.issueSetup. */
  async invite(
    caller: Caller,
    { role, scopes }: { readonly role: DeviceRole; readonly scopes?: readonly DeviceScope[] | undefined },
  ): Promise<{
    readonly setupCode: string;
    readonly expiresAt: Millis;
    readonly scopes: readonly DeviceScope[];
  }> {
    const { devices, address } = this.#ports;
    const wanted = { role, scopes: scopes ?? null, makerScopes: heldBy(caller) };
    const { token, ...made } = await devices.issueSetup(actorOf(caller), wanted);
    return { ...made, setupCode: setupCode(address(), token) };
  }

  async #requests(show: Query['show'], of: { role?: DeviceRole }): Promise<readonly DeviceRequestRow[]> {
    const { store, clock, devices } = this.#ports;
    if (show !== 'all') return devices.waiting({ ...of, limit: MAX_REQUESTS });
    const rows = await store.devices.listRequests({ ...of, states: EVERY_STATE, limit: MAX_REQUESTS });
    const { waits = [], over = [] } = Object.groupBy(rows, (row) =>
      requestStateAt(row, clock.now()) === 'pending' ? 'waits' : 'over',
    );
    return [...waits, ...over];
  }
}

/** Nobody gives more than they hold (R20). The host's owner account stands for the house. */
function heldBy(caller: Caller): readonly DeviceScope[] {
  if (caller.door === 'host') return ALL_SCOPES;
  return caller.door === 'device' ? caller.scopes : [];
}
