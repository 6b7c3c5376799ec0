// How long a yes lasts. Chosen, never guessed: what is typed and is no time keeps the yes from being given.
import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';
import { type Choice, durationOf, isLasting, isUnit, LASTING, UNITS } from './lasting.ts';

const says = text.pairings;

interface ForHowLongProps {
  readonly value: Choice;
  readonly onChange: (choice: Choice) => void;
  /** Where an end is to be set, "until revoked" is none. */
  readonly needsEnd?: boolean;
}

export function ForHowLong({ value, onChange, needsEnd = false }: ForHowLongProps): ReactNode {
  const isWrong = value.lasting === 'custom' && value.count !== '' && durationOf(value) === null;
  return (
    <div className="lasting">
      <NativeSelect
        label={says.decide.forLabel}
        description={needsEnd ? undefined : says.decide.forHelp}
        value={value.lasting}
        data-testid="for-how-long"
        onChange={(event) => {
          const lasting = event.currentTarget.value;
          if (isLasting(lasting)) onChange({ ...value, lasting });
        }}
        data={LASTING.filter((one) => !(needsEnd && one === 'forever')).map((one) => ({
          value: one,
          label: says.lasts[one],
        }))}
      />
      {value.lasting === 'custom' && (
        <div className="lasting-custom">
          <TextInput
            label={says.lasts.count}
            inputMode="numeric"
            autoComplete="off"
            maxLength={6}
            value={value.count}
            error={isWrong ? says.decide.invalidFor : undefined}
            onChange={(event) => onChange({ ...value, count: event.currentTarget.value })}
          />
          <NativeSelect
            label={says.lasts.unit}
            value={value.unit}
            onChange={(event) => {
              const unit = event.currentTarget.value;
              if (isUnit(unit)) onChange({ ...value, unit });
            }}
            data={UNITS.map((unit) => ({ value: unit, label: says.lasts[unit] }))}
          />
        </div>
      )}
    </div>
  );
}
