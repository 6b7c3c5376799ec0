// One setting: what it is called, what it means, what holds without it, and its control. What is wrong stands under it.
import type { ConfigMistake } from '@countersign/protocol/config';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Rich } from '../../shared/Rich.tsx';
import { text } from '../../text/say.ts';
import { wordOf } from '../channels/words.ts';
import { Control } from './Control.tsx';
import { type Draft, isChanged, mistakesOf, shownOf, type Wish } from './changes.ts';
import { faultOf } from './faults.ts';
import type { Field } from './fields.ts';
import { type Json, valueAt } from './json.ts';
import { nameOf, valueSay } from './words.ts';

const says = text.settings;

export interface FieldProps {
  readonly field: Field;
  readonly written: Json;
  readonly draft: Draft;
  readonly mistakes: readonly ConfigMistake[];
  readonly mayChange: boolean;
  /** The address names this one. */
  readonly isMeant: boolean;
  /** The whole section is guarded, and says so itself. */
  readonly isSaidAbove: boolean;
  readonly onWish: (field: Field, wish: Wish) => void;
}

export function FieldRow({
  field,
  written,
  draft,
  mistakes,
  mayChange,
  isMeant,
  isSaidAbove,
  onWish,
}: FieldProps): ReactNode {
  const row = useRef<HTMLLIElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isMeant) return;
    row.current?.scrollIntoView({ block: 'center' });
    row.current
      ?.querySelector<HTMLElement>('input, select, textarea, button')
      ?.focus({ preventScroll: true });
  }, [isMeant]);
  const name = nameOf(field, says);
  const warning = wordOf(says.warnings, field.path);
  const value = shownOf(field, written, draft);
  const isDraft = draft.has(field.path);
  const fault = isDraft ? faultOf(field, value) : null;
  const found = mistakesOf(field, mistakes);
  const error = fault === null ? null : says.faults[fault];
  const canReset =
    mayChange &&
    hasControl(field) &&
    field.control.is !== 'secret' &&
    valueAt(written, field.path) !== undefined;
  return (
    <li className="set-field" ref={row} data-meant={isMeant} data-testid={`field-${field.path}`}>
      <Stack gap={4} className="set-words">
        <Group gap={6}>
          <label className="set-name" id={`${id}-name`} htmlFor={`${id}-control`}>
            {name}
          </label>
          {field.isGuarded && !isSaidAbove && (
            <Badge color="orange" variant="light" tt="none" title={says.field.guardedHelp}>
              {says.field.guarded}
            </Badge>
          )}
          {field.needsRestart && (
            <Badge variant="default" tt="none" fw={500} title={says.field.restartHelp}>
              {says.field.restart}
            </Badge>
          )}
          {isDraft ? (
            <Badge variant="filled" tt="none">
              {says.field.unsaved}
            </Badge>
          ) : (
            isChanged(field, written, draft) && (
              <Badge variant="light" tt="none" fw={500}>
                {says.field.changed}
              </Badge>
            )
          )}
        </Group>
        <Code className="set-path">{field.path}</Code>
        <Text size="sm" c="dimmed" maw="60ch" id={`${id}-about`}>
          <Rich text={field.sentence} />
        </Text>
        {warning !== null && (
          <Text size="sm" className="set-warn" maw="60ch">
            {warning}
          </Text>
        )}
      </Stack>
      <Stack gap={6} className="set-control">
        <Control
          field={field}
          value={value}
          now={valueAt(written, field.path)}
          isDraft={isDraft}
          isDisabled={!mayChange}
          ids={{ control: `${id}-control`, name: `${id}-name`, about: `${id}-about`, error: `${id}-error` }}
          name={name}
          isWrong={error !== null || found.length > 0}
          onWish={(wish) => onWish(field, wish)}
        />
        <div id={`${id}-error`} className="set-error" aria-live="polite">
          {error !== null && <Text size="sm">{error}</Text>}
          {found.map((one) => (
            <Text size="sm" key={`${one.path} ${one.message}`}>
              <span className="said-inline">
                <Rich text={`${one.message}. ${one.hint}`} />
              </span>
            </Text>
          ))}
        </div>
        <Group gap="xs" className="set-foot">
          {showsDefault(field) && (
            <Text size="xs" c="dimmed" className="set-standard">
              {field.inherits === null
                ? says.field.standard(valueSay(field.standard, says, isBytes(field)))
                : says.field.inherited(valueSay(field.standard, says, isBytes(field)))}
            </Text>
          )}
          {isDraft && canTakeBack(field, draft) ? (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={says.field.takeBackOf(name)}
              onClick={() => onWish(field, back(field, written))}
            >
              {says.field.takeBack}
            </Button>
          ) : (
            !isDraft &&
            canReset && (
              <Button
                size="compact-xs"
                variant="subtle"
                aria-label={says.field.resetOf(name)}
                onClick={() => onWish(field, { unset: true })}
              >
                {says.field.reset}
              </Button>
            )
          )}
        </Group>
      </Stack>
    </li>
  );
}

/** A list of people has none, a secret never one, and what depends on other keys says so in its sentence. */
function showsDefault({ control, standard }: Field): boolean {
  return standard !== undefined && control.is !== 'secret' && control.is !== 'people';
}

/** A secret that is being typed has a way back of its own. */
function canTakeBack({ control, path }: Field, draft: Draft): boolean {
  const wish = draft.get(path);
  return control.is !== 'secret' || (wish !== undefined && 'unset' in wish);
}

function hasControl({ control }: Field): boolean {
  return control.is !== 'elsewhere' && control.is !== 'people';
}

function isBytes({ control }: Field): boolean {
  return control.is === 'number' && control.unit === 'bytes';
}

function back(field: Field, written: Json): Wish {
  const now = valueAt(written, field.path);
  return now === undefined ? { unset: true } : { value: now };
}
