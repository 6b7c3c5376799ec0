// A device that was just paired comes in: its first token, and the nonce of its first proof. The same over HTTP as on the
// socket.
import type { Hello } from '@countersign/protocol/device';
import type { DeviceId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Devices } from '../core/device/devices.ts';
import type { Store } from '../core/store-port.ts';

interface Ports {
  readonly store: Pick<Store, 'devices'>;
  readonly devices: Devices;
  /** For the first proof over HTTP. */
  nonce(): string;
}

/** @throws Problem `auth_forbidden` when it was ended meanwhile. */
export async function enter(id: DeviceId, { store, devices, nonce }: Ports): Promise<Hello> {
  const row = await store.devices.get(id);
  if (row === null) throw new Problem('auth_forbidden', { detail: 'that device has been ended' });
  const { thumbprint, role, may } = await devices.shown(row);
  const { token, expiresAt } = await devices.mint(id);
  return {
    device: thumbprint,
    id,
    role,
    scopes: [...may],
    token,
    expiresAt: isoTime(expiresAt),
    nonce: nonce(),
  };
}
