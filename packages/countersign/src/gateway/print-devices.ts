// Devices and device requests as the wire shows them, in one form: what a yes gives stands beside it in words (R19, D-14).
import type { DeviceRow as WireDevice } from '@countersign/protocol/device';
import { isoTime } from '@countersign/protocol/time';
import type { DeviceScope } from '../core/authorise.ts';
import type { DeviceShown } from '../core/device/devices.ts';
import type { DeviceRequestRow } from '../core/device/devices-port.ts';
import { requestStateAt } from '../core/device/machine.ts';
import { inWords } from '../core/device/scopes.ts';
import type { Millis } from '../core/ports.ts';

export function printDevice(device: DeviceShown): WireDevice {
  const { id, state, role, scopes, may, name, principal, thumbprint, via, proven } = device;
  return {
    id,
    state,
    role,
    scopes: [...scopes],
    active: [...may],
    name,
    person: principal,
    key: thumbprint,
    via,
    proven,
    createdAt: isoTime(device.createdAt),
    lastSeenAt: isoTime(device.lastSeenAt),
    ...(device.endedAt === null ? {} : { endedAt: isoTime(device.endedAt) }),
    ...(device.endedWhy === null ? {} : { endedWhy: device.endedWhy }),
  };
}

export function printDeviceRequest(request: DeviceRequestRow, now: Millis): WireDevice {
  const { id, role, scopes, name, thumbprint, address, decidedBy, decidedAt } = request;
  return {
    id,
    state: requestStateAt(request, now),
    role,
    scopes: [...scopes],
    // Called what it will be called in the list, should somebody say yes.
    name: name ?? `${role} ${thumbprint.slice(0, 8)}`,
    key: thumbprint,
    ...(address === null ? {} : { address }),
    createdAt: isoTime(request.createdAt),
    expiresAt: isoTime(request.expiresAt),
    ...(decidedBy === null ? {} : { decidedBy }),
    ...(decidedAt === null ? {} : { endedAt: isoTime(decidedAt) }),
    asks: asksOf(scopes),
  };
}

/** One sentence a scope. */
export function asksOf(scopes: readonly DeviceScope[]): string[] {
  return scopes.length === 0 ? [] : inWords(scopes).split('; ');
}
