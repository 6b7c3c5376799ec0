// People: everybody the agent knows, found quickly among thousands; and one of them, whole.
import { Button, NativeSelect, Text, TextInput } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import './people.css';
import '../pairings/pairings.css';
import { useMay } from '../../app/me.ts';
import { go, useParam } from '../../app/router.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Page } from '../../parts/Page.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { AddPerson } from './AddPerson.tsx';
import { useEveryone } from './everyone.ts';
import { found, inOrder, isRole, ROLES } from './find.ts';
import { Person } from './Person.tsx';
import { PersonLine } from './PersonLine.tsx';

const says = text.people;

export function People(): ReactNode {
  const may = useMay();
  const [open] = useParam('open');
  const [asked, setRole] = useParam('role');
  const [typed, setTyped] = useState('');
  const [isAdding, setAdding] = useState(false);
  const everyone = useEveryone();
  const all = useMemo(() => inOrder(everyone.value ?? []), [everyone.value]);
  const role = isRole(asked) ? asked : null;
  const rows = useMemo(() => found(all, typed, role), [all, typed, role]);
  const clear = (): void => {
    setTyped('');
    setRole(null);
  };
  if (open !== null && open !== '') return <Person key={open} id={open} />;
  return (
    <Page
      title={says.title}
      about={says.about}
      actions={may('manage') && <Button onClick={() => setAdding(true)}>{says.add}</Button>}
    >
      <div className="find">
        <TextInput
          aria-label={says.search}
          placeholder={says.searchHint}
          type="search"
          autoComplete="off"
          data-search
          leftSection={<Icon name="search" size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label={says.roleFilter}
          value={role ?? ''}
          onChange={(event) => setRole(event.currentTarget.value === '' ? null : event.currentTarget.value)}
          data={[
            { value: '', label: says.everyRole },
            ...ROLES.map((value) => ({ value, label: says.role[value] })),
          ]}
        />
      </div>
      <States of={everyone} has={all.length > 0} empty={<Empty title={says.none}>{says.noneHint}</Empty>}>
        <Text size="sm" c="dimmed" role="status">
          {says.shown(rows.length, all.length)}
        </Text>
        {rows.length === 0 ? (
          <Empty
            title={says.noMatch}
            icon="search"
            action={
              <Button variant="default" onClick={clear}>
                {says.clear}
              </Button>
            }
          />
        ) : (
          <Rows
            label={says.list}
            items={rows}
            keyOf={({ id }) => id}
            onOpen={({ id }) => go('people', { open: id })}
            estimate={76}
            testId="people"
            row={(person) => <PersonLine person={person} />}
          />
        )}
      </States>
      {isAdding && <AddPerson onClose={() => setAdding(false)} />}
    </Page>
  );
}
