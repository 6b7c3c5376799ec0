// The way back to the first steps, for Settings and the help.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useOwnDevice } from '../app/me.ts';
import { useRead } from '../app/queries.ts';
import { text } from '../text/say.ts';
import { openTour } from './memory.ts';

/** `after`: what surrounds it may have to close. */
export function ShowTour({ after }: { readonly after?: () => void }): ReactNode {
  const person = useOwnDevice()?.person ?? null;
  const me = useRead('people', ['one', person], (api) => api.people.show(person ?? ''), {
    enabled: person !== null,
  });
  // The steps are an owner's.
  if (me.value?.role !== 'owner') return null;
  const show = (): void => {
    openTour();
    after?.();
  };
  return (
    <Button variant="default" size="compact-md" onClick={show} data-testid="show-tour">
      {text.tour.again}
    </Button>
  );
}
