// What of the audit is shown. Every filter stands in the address, so that a view can be sent to somebody.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import { Button, Group, NativeSelect, Pill, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { text } from '../../text/say.ts';
import { PersonSelect } from '../sessions/PersonSelect.tsx';
import { type Filters, following, isNarrowed, isoOf, KINDS, localOf, OUTCOMES, TIMES } from './filters.ts';
import { isId } from './words.ts';

const says = text.audit;

interface FilterBarProps {
  readonly filters: Filters;
  readonly people: readonly PersonRow[];
  readonly onChange: (filters: Filters) => void;
  readonly onClear: () => void;
}

export function FilterBar({ filters, people, onChange, onClear }: FilterBarProps): ReactNode {
  const { kind, outcome, time, since, until, about } = filters;
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const pick = (id: string | null): void => {
    const others = about.filter((one) => !one.startsWith('prn_'));
    onChange({ ...filters, about: id === null ? others : [...others, id].slice(-2) });
  };
  return (
    <Stack gap="sm" role="search" aria-label={says.filters.title}>
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
        <NativeSelect
          label={says.filters.kind}
          value={kind}
          data={KINDS.map((one) => ({ value: one, label: says.kinds[one] }))}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...filters, kind: KINDS.find((one) => one === value) ?? 'all' })
          }
        />
        <NativeSelect
          label={says.filters.outcome}
          value={outcome}
          data={OUTCOMES.map((one) => ({ value: one, label: says.outcomes[one] }))}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...filters, outcome: OUTCOMES.find((one) => one === value) ?? 'all' })
          }
        />
        <NativeSelect
          label={says.filters.time}
          value={time}
          data={TIMES.map((one) => ({ value: one, label: says.times[one] }))}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...filters, time: TIMES.find((one) => one === value) ?? 'all' })
          }
        />
        <PersonSelect
          label={says.filters.person}
          placeholder={says.filters.anybody}
          nothing={says.filters.noSuchPerson}
          people={people}
          value={about.find((id) => id.startsWith('prn_')) ?? null}
          onChange={pick}
        />
        {time === 'chosen' && (
          <>
            <TextInput
              type="datetime-local"
              label={says.filters.since}
              value={localOf(since)}
              onChange={({ currentTarget: { value } }) => onChange({ ...filters, since: isoOf(value) })}
            />
            <TextInput
              type="datetime-local"
              label={says.filters.until}
              value={localOf(until)}
              onChange={({ currentTarget: { value } }) => onChange({ ...filters, until: isoOf(value) })}
            />
          </>
        )}
        <IdField onId={(id) => onChange({ ...filters, about: following(filters, id) })} />
      </SimpleGrid>
      {isNarrowed(filters) && (
        <Group gap="xs" data-testid="audit-follows">
          {about.map((id, place) => (
            <Group key={id} gap={6}>
              <Text size="sm">{place === 0 ? says.followed : says.alsoAbout}</Text>
              <Pill
                withRemoveButton
                onRemove={() => onChange({ ...filters, about: about.filter((one) => one !== id) })}
                removeButtonProps={{ 'aria-label': says.unfollow(id), 'aria-hidden': false, tabIndex: 0 }}
              >
                {names.has(id) ? visible(`“${names.get(id) ?? ''}” ${id}`) : id}
              </Pill>
            </Group>
          ))}
          <Button variant="subtle" size="compact-sm" onClick={onClear}>
            {says.filters.clear}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function IdField({ onId }: { readonly onId: (id: string) => void }): ReactNode {
  const [typed, setTyped] = useState('');
  const [isBad, setBad] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const id = typed.trim();
    if (id === '') return;
    if (!isId(id)) {
      setBad(true);
      return;
    }
    onId(id);
    setTyped('');
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label={says.filters.id}
        placeholder={says.filters.idHint}
        value={typed}
        data-search
        error={isBad ? says.filters.idBad : undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          setBad(false);
        }}
      />
    </form>
  );
}
