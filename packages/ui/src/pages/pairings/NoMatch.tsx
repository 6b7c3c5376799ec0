// A search that found nothing is not an empty list: it says so, with the way out.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Empty } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';

const says = text.pairings;

export function NoMatch({ onClear }: { readonly onClear: () => void }): ReactNode {
  return (
    <Empty
      title={says.noMatch}
      icon="search"
      action={
        <Button variant="default" onClick={onClear}>
          {says.clear}
        </Button>
      }
    >
      {says.noMatchHint}
    </Empty>
  );
}
