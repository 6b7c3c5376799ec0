// Another name for somebody, in the list of the owners.
import { visible } from '@countersign/protocol/display';
import type { ReactNode } from 'react';
import { NameDialog } from '../../parts/NameDialog.tsx';
import { text } from '../../text/say.ts';
import type { AboutPerson } from './dialog.ts';

const says = text.people.rename;
const MAX_NAME = 64;

export function Rename({ person, acting, onClose }: AboutPerson): ReactNode {
  const save = (name: string): Promise<boolean> =>
    acting.act({
      work: (api) => api.people.rename(person.id, name),
      changes: ['people'],
      said: (now) => says.done(visible(now.name)),
      undo: () => ({
        work: (api) => api.people.rename(person.id, person.name),
        said: says.undone(visible(person.name)),
      }),
    });
  return (
    <NameDialog
      says={says}
      name={person.name}
      maxLength={MAX_NAME}
      acting={acting}
      onSave={save}
      onClose={onClose}
      testId="rename-person"
    />
  );
}
