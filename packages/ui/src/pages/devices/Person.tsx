// Whose a device is, leading to the person.
import type { ReactNode } from 'react';
import { useRead } from '../../app/queries.ts';
import { href } from '../../app/router.ts';
import { PersonLabel } from '../../parts/PersonLabel.tsx';

export function Person({ id }: { readonly id: string }): ReactNode {
  const person = useRead('people', ['one', id], (api) => api.people.show(id));
  return (
    <a href={href('people', { open: id })} title={id}>
      <PersonLabel id={id} name={person.value?.name ?? null} />
    </a>
  );
}
