// Requests as they are shown: with what they come to now, how far people have heard of them, and the names of those in them.
import { type DeviceId, isId, type PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import { stateAt } from './machine.ts';
import type { ApprovalView } from './service.ts';

export async function viewsOf(
  store: Pick<Store, 'approvals' | 'runs' | 'people' | 'devices' | 'installation'>,
  requests: readonly ApprovalRecord[],
  now: Millis,
): Promise<ApprovalView[]> {
  const ids = requests.map(({ id }) => id);
  const [told, runs] = [await store.approvals.told(ids), await store.runs.of(ids)];
  const names = await namesOf(store, new Set(requests.flatMap(peopleIn)));
  const machines = await machinesOf(
    store,
    requests.map(({ host }) => host),
  );
  return requests.map((request) => ({
    request,
    state: stateAt(request, now),
    told: told.get(request.id) ?? 'none',
    run: runs.get(request.id) ?? null,
    here: request.host === store.installation,
    names: new Map([
      ...peopleIn(request).flatMap((id) => {
        const name = names.get(id);
        return name === undefined ? [] : [[id, name] as const];
      }),
      ...[...machines].filter(([id]) => id === request.host),
    ]),
  }));
}

/** Those who are gone have no name. */
export async function namesOf(
  { people }: Pick<Store, 'people'>,
  ids: Iterable<PrincipalId>,
): Promise<ReadonlyMap<PrincipalId, string>> {
  const names = new Map<PrincipalId, string>();
  for (const id of new Set(ids)) {
    const person = await people.get(id);
    if (person !== null) names.set(id, person.name);
  }
  return names;
}

/** Machines that are paired, as their owner calls them. Which one runs it says the id, and never a name (R67). */
export async function machinesOf(
  { devices }: Pick<Store, 'devices'>,
  hosts: readonly string[],
): Promise<ReadonlyMap<DeviceId, string>> {
  const names = new Map<DeviceId, string>();
  for (const host of new Set(hosts)) {
    const device = isId('device', host) ? await devices.get(host) : null;
    if (device !== null) names.set(device.id, device.name);
  }
  return names;
}

function peopleIn({ requester, need, words }: ApprovalRecord): PrincipalId[] {
  return [...(requester === null ? [] : [requester]), ...(need?.people ?? []), ...words.map(({ by }) => by)];
}
