// The keys of a new account: its token and other secrets, all from one kind of place, then what names it at the service,
// then what may be left out.
import { visible } from '@countersign/protocol/display';
import type { Addable } from '@countersign/protocol/gateway';
import { Group, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';
import { nameOf } from '../settings/words.ts';
import { partsOf, SOURCES, type Source, TOKEN, type Typed } from './new-account.ts';
import { wordOf } from './words.ts';

const says = text.channels.add;
type Field = Addable['fields'][number];

interface AccountKeysProps {
  readonly kind: Addable;
  readonly source: Source;
  readonly typed: Typed;
  readonly missing: readonly string[];
  readonly onSource: (source: Source) => void;
  readonly onType: (key: string, value: string) => void;
}

export function AccountKeys({ kind, source, typed, missing, onSource, onType }: AccountKeysProps): ReactNode {
  const { needed, optional } = partsOf(kind);
  const token = wordOf(says.tokens, kind.channel) ?? says.token;
  const row = ({ key, needs, secret }: Field): ReactNode => (
    <One
      key={key}
      name={nameOf({ key }, text.settings)}
      help={wordOf(says.keys, key) ?? visible(needs)}
      source={secret ? source : null}
      value={typed[key] ?? ''}
      isMissing={missing.includes(key)}
      testId={`account-${key}`}
      onType={(value) => onType(key, value)}
    />
  );
  return (
    <>
      <Radio.Group
        label={needed.some(({ secret }) => secret) ? says.fromAll : says.from}
        value={source}
        onChange={(chosen) => onSource(SOURCES.find((one) => one === chosen) ?? 'literal')}
      >
        <Group gap="lg" mt="xs">
          {SOURCES.map((one) => (
            <Radio key={one} value={one} label={says.fromKinds[one]} />
          ))}
        </Group>
      </Radio.Group>
      <One
        name={token}
        help={says.tokenHelp}
        source={source}
        value={typed[TOKEN] ?? ''}
        isMissing={missing.includes(TOKEN)}
        testId="account-token"
        onType={(value) => onType(TOKEN, value)}
      />
      {needed.map(row)}
      {optional.length > 0 && (
        <details className="account-more">
          <summary>{says.more}</summary>
          <Stack gap="md" mt="sm">
            <Text size="sm" c="dimmed">
              {says.moreHelp}
            </Text>
            {optional.map(row)}
          </Stack>
        </details>
      )}
    </>
  );
}

interface OneProps {
  readonly name: string;
  readonly help: string;
  /** Null: no secret, typed as it is. */
  readonly source: Source | null;
  readonly value: string;
  readonly isMissing: boolean;
  readonly testId: string;
  readonly onType: (value: string) => void;
}

function One({ name, help, source, value, isMissing, testId, onType }: OneProps): ReactNode {
  const shared = {
    value,
    error: isMissing ? says.missing : undefined,
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    'data-testid': testId,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onType(event.currentTarget.value),
  };
  switch (source) {
    case null:
      return <TextInput {...shared} label={name} description={help} />;
    case 'literal':
      return (
        <PasswordInput
          {...shared}
          label={name}
          description={help}
          visibilityToggleButtonProps={{ 'aria-label': says.show(name) }}
        />
      );
    case 'env':
      return <TextInput {...shared} label={says.env(name)} description={says.envHelp} />;
    case 'file':
      return <TextInput {...shared} label={says.file(name)} description={says.fileHelp} />;
    default:
      return source satisfies never;
  }
}
