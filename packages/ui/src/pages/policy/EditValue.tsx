// One value, changed: what it is now, what it may be, and that what waits ends with it.
import { visible } from '@countersign/protocol/display';
import { NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Decide } from '../../parts/Decide.tsx';
import { text } from '../../text/say.ts';
import type { Value } from './values.ts';

const says = text.policy.edit;
const MOST = 500;

export function EditValue({
  value,
  onClose,
}: {
  readonly value: Value;
  readonly onClose: () => void;
}): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const { path, label, now, choices } = value;
  const [typed, setTyped] = useState(now);
  const set = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.policy.set(path, typed.trim()),
      changes: ['policy', 'approvals', 'audit'],
      said: ({ changes }) => (changes.length === 0 ? says.same : says.done),
    });
    if (done) onClose();
  };
  return (
    <Decide
      title={says.title(visible(path))}
      isOpen
      onClose={onClose}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      answers={[
        { id: 'keep-value', label: says.keep, kind: 'safe', press: onClose },
        {
          id: 'set-value',
          label: says.yes,
          kind: 'grave',
          isDisabled: typed.trim() === '' || typed.trim() === now,
          press: () => void set(),
        },
      ]}
      testId="edit-value"
    >
      <Stack gap="md">
        <Text>{says.about}</Text>
        {choices === null ? (
          <TextInput
            label={label}
            description={says.value}
            value={typed}
            maxLength={MOST}
            autoComplete="off"
            data-testid="new-value"
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        ) : (
          <NativeSelect
            label={label}
            description={says.value}
            value={typed}
            data={choices.map((one) => ({ ...one }))}
            data-testid="new-value"
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
      </Stack>
    </Decide>
  );
}
