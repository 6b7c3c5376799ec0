// Requests as they are shown: with what they come to now, how far people have heard of them, and the names of those in them.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import { stateAt } from './machine.ts';
import type { ApprovalView } from './service.ts';

export async function viewsOf(
  store: Pick<Store, 'approvals' | 'people'>,
  requests: readonly ApprovalRecord[],
  now: Millis,
): Promise<ApprovalView[]> {
  const told = await store.approvals.told(requests.map(({ id }) => id));
  const names = await namesOf(store, new Set(requests.flatMap(peopleIn)));
  return requests.map((request) => ({
    request,
    state: stateAt(request, now),
    told: told.get(request.id) ?? 'none',
    names: new Map(
      peopleIn(request).flatMap((id) => {
        const name = names.get(id);
        return name === undefined ? [] : [[id, name] as const];
      }),
    ),
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

function peopleIn({ requester, need, words }: ApprovalRecord): PrincipalId[] {
  return [...(requester === null ? [] : [requester]), ...(need?.people ?? []), ...words.map(({ by }) => by)];
}
