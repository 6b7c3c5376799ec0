// The control that fits a setting. What is typed is told at once; what is not right yet is kept as it is typed.
import { Checkbox, Code, NativeSelect, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { href } from '../../app/router.ts';
import { text } from '../../text/say.ts';
import type { Wish } from './changes.ts';
import { jsonTyped, listTyped, numberTyped } from './faults.ts';
import type { Field } from './fields.ts';
import type { Json } from './json.ts';
import { SecretControl } from './SecretControl.tsx';
import { bytesSay, valueSay } from './words.ts';

const says = text.settings;

export interface ControlProps {
  readonly field: Field;
  /** What is shown: wished for, written, or the default. */
  readonly value: Json | undefined;
  /** What is written. */
  readonly now: Json | undefined;
  readonly isDraft: boolean;
  readonly isDisabled: boolean;
  readonly isWrong: boolean;
  readonly name: string;
  readonly ids: {
    readonly control: string;
    readonly name: string;
    readonly about: string;
    readonly error: string;
  };
  readonly onWish: (wish: Wish) => void;
}

export function Control(props: ControlProps): ReactNode {
  const { field, value, isDisabled, isWrong, ids, onWish } = props;
  const { control } = field;
  const shared = {
    id: ids.control,
    disabled: isDisabled,
    error: isWrong,
    'aria-describedby': `${ids.about} ${ids.error}`,
    spellCheck: false,
  };
  const typed = (given: string, read: (given: string) => Json = (one) => one): void =>
    onWish(given === '' && field.isNullable ? { unset: true } : { value: read(given) });
  switch (control.is) {
    case 'switch':
      if (field.standard === undefined)
        return <Choice {...props} options={['true', 'false']} shared={shared} />;
      return (
        <Switch
          {...shared}
          checked={value === true}
          label={value === true ? says.field.isOn : says.field.isOff}
          aria-labelledby={ids.name}
          onChange={(event) => onWish({ value: event.currentTarget.checked })}
        />
      );
    case 'choice':
      return <Choice {...props} options={control.options} shared={shared} />;
    case 'number':
      return (
        <TextInput
          {...shared}
          inputMode="numeric"
          autoComplete="off"
          value={typeof value === 'number' || typeof value === 'string' ? String(value) : ''}
          description={numberSay(control)}
          onChange={(event) => typed(event.currentTarget.value, numberTyped)}
        />
      );
    case 'duration':
      return (
        <TextInput
          {...shared}
          autoComplete="off"
          autoCapitalize="none"
          value={typeof value === 'string' ? value : ''}
          description={says.field.durations}
          onChange={(event) => typed(event.currentTarget.value.trim())}
        />
      );
    case 'text':
      return control.isLong ? (
        <Textarea
          {...shared}
          rows={4}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => typed(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          {...shared}
          autoComplete="off"
          autoCapitalize="none"
          value={typeof value === 'string' ? value : ''}
          placeholder={field.isNullable ? says.field.nothing : ''}
          onChange={(event) => typed(event.currentTarget.value)}
        />
      );
    case 'list':
      return (
        <Typed
          {...props}
          shared={shared}
          print={(one) => (Array.isArray(one) ? one.join('\n') : '')}
          read={listTyped}
          description={
            control.options === null
              ? says.field.onePerLine
              : `${says.field.onePerLine} ${says.field.known(control.options.join(', '))}`
          }
        />
      );
    case 'json':
      return (
        <Typed
          {...props}
          shared={shared}
          print={(one) => (typeof one === 'string' ? one : JSON.stringify(one ?? {}, null, 2))}
          read={jsonTyped}
          description={says.field.json}
        />
      );
    case 'secret':
      return <SecretControl {...props} />;
    case 'people':
      return <People {...props} />;
    case 'elsewhere':
      return (
        <Text size="sm">
          {says.elsewhere} <Code>{valueSay(value, says)}</Code>
        </Text>
      );
    default:
      return control satisfies never;
  }
}

interface Shared {
  readonly id: string;
  readonly disabled: boolean;
  readonly error: boolean;
  readonly 'aria-describedby': string;
}

const NONE = ' ';

function Choice({
  field,
  value,
  options,
  shared,
  onWish,
}: ControlProps & { readonly options: readonly string[]; readonly shared: Shared }): ReactNode {
  const isSwitch = field.control.is === 'switch';
  const label = (option: string): string =>
    isSwitch ? (option === 'true' ? says.field.isOn : says.field.isOff) : option;
  const data = options.map((option) => ({ value: option, label: label(option) }));
  const shown = typeof value === 'boolean' ? String(value) : typeof value === 'string' ? value : NONE;
  const strange =
    data.some((one) => one.value === shown) || shown === NONE ? [] : [{ value: shown, label: shown }];
  return (
    <NativeSelect
      {...shared}
      value={shown}
      data={[
        ...(field.standard === undefined ? [{ value: NONE, label: says.field.unset }] : []),
        ...data,
        ...strange,
      ]}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        onWish(chosen === NONE ? { unset: true } : { value: isSwitch ? chosen === 'true' : chosen });
      }}
    />
  );
}

interface TypedProps extends ControlProps {
  readonly shared: Shared;
  readonly description: string;
  print(value: Json | undefined): string;
  read(text: string): Json;
}

/** What is typed stays as it is typed; the value is what it says. */
function Typed({ value, shared, description, print, read, onWish }: TypedProps): ReactNode {
  const [typed, setTyped] = useState(() => print(value));
  // Changed from elsewhere: taken back, or saved.
  const shown = JSON.stringify(read(typed)) === JSON.stringify(value) ? typed : print(value);
  return (
    <Textarea
      {...shared}
      className="set-mono"
      rows={Math.min(Math.max(shown.split('\n').length, 2), 12)}
      value={shown}
      description={description}
      onChange={(event) => {
        const given = event.currentTarget.value;
        setTyped(given);
        onWish({ value: read(given) });
      }}
    />
  );
}

/** Who may write is decided elsewhere; that anybody may is a policy, and set here. */
function People({ value, isDisabled, ids, onWish }: ControlProps): ReactNode {
  const entries = Array.isArray(value) ? value : [];
  const people = entries.filter((entry) => entry !== '*');
  const isAnybody = people.length < entries.length;
  return (
    <Stack gap={6}>
      <Text size="sm">
        {says.people.many(people.length)} {says.people.elsewhere}{' '}
        <a href={href('pairings')}>{says.people.pairings}</a>.
      </Text>
      <Checkbox
        id={ids.control}
        disabled={isDisabled}
        checked={isAnybody}
        label={says.people.anybody}
        description={says.people.anybodyHelp}
        onChange={(event) => onWish({ value: event.currentTarget.checked ? [...people, '*'] : people })}
      />
    </Stack>
  );
}

function numberSay({ least, most, unit }: Extract<Field['control'], { is: 'number' }>): string {
  const say = (amount: number): string => (unit === 'bytes' ? bytesSay(amount) : String(amount));
  return most === Number.MAX_SAFE_INTEGER
    ? says.field.atLeast(say(least))
    : says.field.between(say(least), say(most));
}
