// One person of all who are known, found by name or id as the browser itself offers them: nothing to load, and any number of
// people. What is typed counts once it names exactly one.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import { CloseButton, TextInput } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react';
import { labelOf, whoIsMeant } from './people.ts';

interface PersonSelectProps {
  readonly label: string;
  /** When nobody is chosen; also what taking the choice back means. */
  readonly placeholder: string;
  readonly nothing: string;
  readonly people: readonly PersonRow[];
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}

export function PersonSelect(props: PersonSelectProps): ReactNode {
  const { label, placeholder, nothing, people, value, onChange } = props;
  const list = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [isWrong, setWrong] = useState(false);
  const options = useMemo(
    () => people.map((person) => <option key={person.id} value={labelOf(person)} />),
    [people],
  );
  const chosen = people.find(({ id }) => id === value);
  // Chosen by an address before anybody was loaded, or forgotten since.
  const shown = value === null ? '' : chosen === undefined ? visible(value) : labelOf(chosen);

  const pick = (id: string | null): void => {
    setTyped(null);
    setWrong(false);
    onChange(id);
  };
  const change = (text: string): void => {
    setWrong(false);
    const exact = people.find((person) => labelOf(person) === text);
    if (exact !== undefined) pick(exact.id);
    else setTyped(text);
  };
  const settle = (): void => {
    if (typed === null) return;
    if (typed.trim() === '') {
      pick(null);
      return;
    }
    const meant = whoIsMeant(typed, people);
    if (meant === null) setWrong(true);
    else pick(meant.id);
  };
  return (
    <>
      <TextInput
        label={label}
        placeholder={placeholder}
        value={typed ?? shown}
        list={list}
        error={isWrong ? nothing : undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => change(currentTarget.value)}
        onBlur={settle}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === 'Enter') settle();
        }}
        rightSection={
          value === null ? null : (
            <CloseButton size="sm" aria-label={placeholder} onClick={() => pick(null)} />
          )
        }
      />
      <datalist id={list}>{options}</datalist>
    </>
  );
}
