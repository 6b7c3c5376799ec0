// Everybody who is known, whole: names are compared and searched over all of them, so a part would be a lie.
import type { List } from '@countersign/protocol/common';
import type { PersonRow } from '@countersign/protocol/identity';
import { type Reading, useRead } from '../../app/queries.ts';

const PAGE = 500;
/** A list that never ends is a broken gateway. */
const MOST_PAGES = 400;

export async function allPages<T>(
  load: (after: string | undefined) => Promise<List<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items: more, next } = await load(after);
    items.push(...more);
    if (next === undefined) break;
    after = next;
  }
  return items;
}

export function useEveryone(): Reading<readonly PersonRow[]> {
  return useRead('people', ['everyone'], (api) =>
    allPages((after) => api.people.list({ limit: PAGE, ...(after === undefined ? {} : { after }) })),
  );
}
