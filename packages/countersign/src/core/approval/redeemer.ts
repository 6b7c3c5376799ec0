// Who spends grants and tells of runs, as it is stored and written down.
import type { Actor } from '../audit/event.ts';
import type { Store } from '../store-port.ts';
import type { Redeemer } from './grants-port.ts';
import { SYSTEM } from './told.ts';

/** `token:tok_…`, `device:dev_…`: a report counts from the same alone. */
export function lineOf(by: Redeemer): string {
  return by.kind === 'token' ? `token:${by.token}` : `device:${by.device}`;
}

/** A machine acts as the person it was paired for, by its own hand. */
export async function redeemerActor(tx: Pick<Store, 'devices'>, by: Redeemer): Promise<Actor> {
  if (by.kind === 'token') return { kind: 'token', id: by.token };
  const device = await tx.devices.get(by.device);
  if (device === null) return SYSTEM;
  return { kind: 'principal', id: device.principal, surface: lineOf(by) };
}
