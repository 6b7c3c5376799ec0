// A device request is decided once and never changes: another role, another scope, another name is another request. A
// device is paired until it is revoked, and nothing brings a revoked one back: it asks anew. Both machines are tables.
import type { ProblemCode } from '@countersign/protocol/problem';
import type { Millis } from '../ports.ts';

export type DeviceRequestState = 'pending' | 'approved' | 'rejected' | 'expired' | 'superseded';
export type DeviceRequestEvent = 'approve' | 'reject' | 'expire' | 'supersede';
export type DeviceState = 'paired' | 'expired' | 'revoked';
export type DeviceEvent = 'renew' | 'prove' | 'expire' | 'revoke';

type Refusal = Extract<ProblemCode, 'already_decided' | 'expired' | 'state_conflict'>;
export type DeviceStep<S> = { readonly to: S } | { readonly refused: Refusal };

const to = <S>(state: S): DeviceStep<S> => ({ to: state });
const no = (refused: Refusal): DeviceStep<never> => ({ refused });

/** Every state × every event. */
export const DEVICE_REQUEST_TABLE: Readonly<
  Record<DeviceRequestState, Readonly<Record<DeviceRequestEvent, DeviceStep<DeviceRequestState>>>>
> = {
  pending: {
    approve: to('approved'),
    reject: to('rejected'),
    expire: to('expired'),
    supersede: to('superseded'),
  },
  approved: {
    approve: no('already_decided'),
    reject: no('already_decided'),
    expire: no('state_conflict'),
    supersede: no('state_conflict'),
  },
  rejected: {
    approve: no('already_decided'),
    reject: no('already_decided'),
    expire: no('state_conflict'),
    supersede: no('state_conflict'),
  },
  expired: {
    approve: no('expired'),
    reject: no('expired'),
    expire: no('state_conflict'),
    supersede: no('state_conflict'),
  },
  superseded: {
    approve: no('expired'),
    reject: no('expired'),
    expire: no('state_conflict'),
    supersede: no('state_conflict'),
  },
};

/** Every state × every event. `expired`: unused for too long, or paired for too long. */
export const DEVICE_TABLE: Readonly<
  Record<DeviceState, Readonly<Record<DeviceEvent, DeviceStep<DeviceState>>>>
> = {
  paired: { renew: to('paired'), prove: to('paired'), expire: to('expired'), revoke: to('revoked') },
  expired: {
    renew: no('expired'),
    prove: no('expired'),
    expire: no('state_conflict'),
    revoke: to('revoked'),
  },
  revoked: {
    renew: no('state_conflict'),
    prove: no('state_conflict'),
    expire: no('state_conflict'),
    revoke: no('already_decided'),
  },
};

/** The state a request is in at `now`: expiry is computed on read. */
export function requestStateAt(
  request: { readonly state: DeviceRequestState; readonly expiresAt: Millis },
  now: Millis,
): DeviceRequestState {
  return request.state === 'pending' && request.expiresAt <= now ? 'expired' : request.state;
}

/** R63: a device unused for `idleMs`, or paired longer than `absoluteMs` ago, has expired. */
export function deviceStateAt(
  device: { readonly state: DeviceState; readonly createdAt: Millis; readonly lastSeenAt: Millis },
  limits: { readonly idleMs: number; readonly absoluteMs: number },
  now: Millis,
): DeviceState {
  if (device.state !== 'paired') return device.state;
  const isIdle = now - device.lastSeenAt >= limits.idleMs;
  return isIdle || now - device.createdAt >= limits.absoluteMs ? 'expired' : 'paired';
}
