// What a device may ask for, and what it may do now. Scopes never include each other; what a device holds is less than it
// asked for and never more than its person's role (R20, H25): everything below only takes away, except `joined`.
import type { DeviceScope } from '../authorise.ts';
import type { Role } from '../identity/people-port.ts';
import type { DeviceRole, DeviceRow } from './devices-port.ts';

/** Sorted, as every list of scopes is: two lists are the same when their texts are. */
export const ALL_SCOPES: readonly DeviceScope[] = ['approvals', 'manage', 'node', 'pairing', 'read'];

const OF_DEVICE_ROLE: Readonly<Record<DeviceRole, readonly DeviceScope[]>> = {
  operator: ['approvals', 'manage', 'pairing', 'read'],
  node: ['node'],
};

const OF_PERSON: Readonly<Record<Role, readonly DeviceScope[]>> = {
  owner: ALL_SCOPES,
  approver: ['approvals', 'read'],
  user: [],
};

/** A browser paired by a chat code alone looks and answers people at the door. */
const OF_LOGIN: readonly DeviceScope[] = ['pairing', 'read'];
/** What was paired before its person had a factor keeps the everyday, and proves the factor for the rest. */
const OF_UNPROVEN: readonly DeviceScope[] = ['node', 'pairing', 'read'];

/** As people read them before they say yes (R19, D-14). */
const WORDS: Readonly<Record<DeviceScope, string>> = {
  read: 'see people, devices, requests, settings and the audit',
  pairing: 'decide who may talk to the agent',
  approvals: 'approve or deny what the agent wants to run',
  manage: 'change people, devices, policy and settings: as good as owning this gateway',
  node: 'run approved actions on its own machine',
};

/** Everything a device of that role can hold. */
export function scopesOfDevice(role: DeviceRole): readonly DeviceScope[] {
  return OF_DEVICE_ROLE[role];
}

/** The most a person of that role can hold, and so give. */
export function scopesOfPerson(role: Role): readonly DeviceScope[] {
  return OF_PERSON[role];
}

/** H34: null for anything but a list of known scopes of that role, each once, one at least. Sorted. */
export function readScopes(role: DeviceRole, asked: unknown): readonly DeviceScope[] | null {
  if (!Array.isArray(asked) || asked.length === 0) return null;
  const known = OF_DEVICE_ROLE[role].filter((scope) => asked.includes(scope));
  return known.length === asked.length ? known : null;
}

export function isWithin(scopes: readonly DeviceScope[], held: readonly DeviceScope[]): boolean {
  return scopes.every((scope) => held.includes(scope));
}

/** What every list holds. */
export function common(first: readonly DeviceScope[], ...more: (readonly DeviceScope[])[]): DeviceScope[] {
  return ALL_SCOPES.filter((scope) => [first, ...more].every((list) => list.includes(scope)));
}

export function joined(a: readonly DeviceScope[], b: readonly DeviceScope[]): DeviceScope[] {
  return ALL_SCOPES.filter((scope) => a.includes(scope) || b.includes(scope));
}

/** What a device may do now. Computed at each use: a person who is lowered takes their devices along (H31). */
export function effectiveScopes(
  device: Pick<DeviceRow, 'scopes' | 'via' | 'proven'>,
  role: Role,
  personHasFactor: boolean,
): DeviceScope[] {
  const limits = [OF_PERSON[role]];
  if (!device.proven && device.via === 'login') limits.push(OF_LOGIN);
  if (!device.proven && personHasFactor) limits.push(OF_UNPROVEN);
  return common(device.scopes, ...limits);
}

/** `see people, …; decide who may talk` */
export function inWords(scopes: readonly DeviceScope[]): string {
  const order = ['read', 'pairing', 'approvals', 'manage', 'node'] as const;
  return order
    .filter((scope) => scopes.includes(scope))
    .map((scope) => WORDS[scope])
    .join('; ');
}
