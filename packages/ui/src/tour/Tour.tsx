// The first four steps of an owner, as a card on the overview: read, done in any order, ticked off by what is true, and
// gone when its person says so. It covers nothing and blocks nothing.
import { lazy, type ReactNode, Suspense } from 'react';
import { useOwnDevice } from '../app/me.ts';
import { useRead } from '../app/queries.ts';
import { useTourMemory } from './memory.ts';
import { isShown } from './steps.ts';

const Card = lazy(async () => ({ default: (await import('./Card.tsx')).Card }));

export function Tour(): ReactNode {
  const [memory] = useTourMemory();
  const person = useOwnDevice()?.person ?? null;
  // Nothing is asked for by a page whose person has seen it.
  const enabled = !memory.isOver && person !== null;
  const me = useRead('people', ['one', person], (api) => api.people.show(person ?? ''), { enabled });
  const people = useRead(
    'people',
    ['few'],
    async (api) => (await api.people.list({ limit: 5 })).items.length,
    {
      enabled,
    },
  );
  const factors = useRead('factors', ['mine'], (api) => api.factors.list(), { enabled });
  if (me.value === null || people.value === null || factors.value === null) return null;
  const hasFactor = factors.value.items.some(({ state }) => state === 'active');
  const house = { me: me.value, people: people.value, hasFactor };
  if (!isShown(house, memory)) return null;
  return (
    <Suspense fallback={null}>
      <Card me={me.value} house={house} />
    </Suspense>
  );
}
