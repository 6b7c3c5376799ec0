// Whether somebody who decides sees it without a chat: on a page that is open now, or in a browser that is told. It only
// keeps a request from being given up; nothing is decided on it.
import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import type { DeviceTokenDesk } from '../core/device/tokens.ts';
import { mayDecide } from '../core/push/notice.ts';
import type { Store } from '../core/store-port.ts';

/** Devices with an open socket. */
export class Presence {
  readonly #open = new Map<DeviceId, number>();

  /** @returns what takes it back. */
  enter(device: DeviceId): () => void {
    this.#open.set(device, (this.#open.get(device) ?? 0) + 1);
    let isHere = true;
    return () => {
      if (!isHere) return;
      isHere = false;
      const left = (this.#open.get(device) ?? 1) - 1;
      if (left > 0) this.#open.set(device, left);
      else this.#open.delete(device);
    };
  }

  get devices(): readonly DeviceId[] {
    return [...this.#open.keys()];
  }
}

interface Ports {
  readonly presence: Pick<Presence, 'devices'>;
  readonly store: Pick<Store, 'push'>;
  readonly tokens: Pick<DeviceTokenDesk, 'live'>;
}

/** True when one of them has a page open that may decide, or a browser whose last notification arrived. */
export async function isElsewhere(
  people: readonly PrincipalId[],
  { presence, store, tokens }: Ports,
): Promise<boolean> {
  const told = (await store.push.list()).filter(
    ({ failing, lastOkAt }) => failing === null && lastOkAt !== null,
  );
  for (const id of new Set([...presence.devices, ...told.map(({ device }) => device)])) {
    const live = await tokens.live(id);
    if (live === null || !people.includes(live.device.principal)) continue;
    const { device, role, scopes } = live;
    const caller = { door: 'device', device: device.id, principal: device.principal, role, scopes } as const;
    if (mayDecide(caller, 'approval')) return true;
  }
  return false;
}
