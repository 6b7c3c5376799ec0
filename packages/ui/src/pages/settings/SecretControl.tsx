// A secret: whether there is one, and where it comes from. It is never shown; a new one is typed, or named by a variable
// or a file.

import { visible } from '@countersign/protocol/display';
import { Button, Group, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { text } from '../../text/say.ts';
import type { ControlProps } from './Control.tsx';
import { MASK } from './changes.ts';
import { type Json, objectOf } from './json.ts';

const says = text.settings.secret;
const KINDS = ['literal', 'env', 'file'] as const;
type Kind = (typeof KINDS)[number];

export function SecretControl({
  value,
  now,
  isDraft,
  isDisabled,
  isWrong,
  name,
  ids,
  onWish,
}: ControlProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [kind, setKind] = useState<Kind>(() => kindOf(value) ?? 'literal');
  const has = value !== undefined && value !== null;
  const given = isDraft ? textOf(kind, value) : '';
  const type = (typed: string): void =>
    onWish(typed === '' ? keep(now) : { value: kind === 'literal' ? typed : { [kind]: typed.trim() } });
  const shared = {
    id: ids.control,
    'aria-labelledby': ids.name,
    value: given,
    error: isWrong,
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      type(event.currentTarget.value),
  };
  return (
    <Stack gap="xs">
      <Text size="sm">{stateSay(value, isDraft)}</Text>
      {!isDisabled && !isOpen && (
        <Group gap="xs">
          <Button
            id={ids.control}
            size="compact-sm"
            variant="default"
            aria-label={has ? says.changeOf(name) : says.setOf(name)}
            onClick={() => setOpen(true)}
          >
            {has ? says.change : says.set}
          </Button>
          {has && !isDraft && now !== undefined && now !== null && (
            <Button
              size="compact-sm"
              variant="outline"
              color="red"
              aria-label={says.removeOf(name)}
              onClick={() => onWish({ unset: true })}
            >
              {says.remove}
            </Button>
          )}
        </Group>
      )}
      {!isDisabled && isOpen && (
        <>
          <Radio.Group
            label={says.from}
            value={kind}
            onChange={(chosen) => {
              setKind(KINDS.find((one) => one === chosen) ?? 'literal');
              onWish(keep(now));
            }}
          >
            <Group gap="md" mt={4}>
              {KINDS.map((one) => (
                <Radio key={one} value={one} label={says.kinds[one]} />
              ))}
            </Group>
          </Radio.Group>
          {kind === 'literal' ? (
            <PasswordInput
              {...shared}
              description={says.literalHelp}
              visibilityToggleButtonProps={{ 'aria-label': says.show }}
            />
          ) : (
            <TextInput
              {...shared}
              autoCapitalize="none"
              description={kind === 'env' ? says.envHelp : says.fileHelp}
            />
          )}
          <Button
            size="compact-sm"
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            onClick={() => {
              onWish(keep(now));
              setOpen(false);
            }}
          >
            {says.keep}
          </Button>
        </>
      )}
    </Stack>
  );
}

function keep(now: Json | undefined): { readonly value: Json } | { readonly unset: true } {
  return now === undefined ? { unset: true } : { value: now };
}

function stateSay(value: Json | undefined, isDraft: boolean): string {
  if (value === undefined || value === null) return says.none;
  const object = objectOf(value);
  const [env, file] = [object?.['env'], object?.['file']];
  if (typeof env === 'string') return says.env(visible(env));
  if (typeof file === 'string') return says.file(visible(file));
  return isDraft && value !== MASK ? says.typed : says.literal;
}

function kindOf(value: Json | undefined): Kind | null {
  const object = objectOf(value ?? null);
  if (object === null) return null;
  return 'env' in object ? 'env' : 'file' in object ? 'file' : null;
}

function textOf(kind: Kind, value: Json | undefined): string {
  const inner = kind === 'literal' ? value : objectOf(value ?? null)?.[kind];
  return typeof inner === 'string' && inner !== MASK ? inner : '';
}
