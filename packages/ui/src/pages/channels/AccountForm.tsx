// What a new account takes: which channel, what it is called, and where its token is. The token goes out as it is typed
// and is kept nowhere.

import { visible } from '@countersign/protocol/display';
import type { AccountStatus, Addable, ChannelAdd } from '@countersign/protocol/gateway';
import { Button, Code, Group, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { text } from '../../text/say.ts';
import { accountFault, channelName } from './words.ts';

const says = text.channels.add;
const SOURCES = ['literal', 'env', 'file'] as const;
type Source = (typeof SOURCES)[number];

interface AccountFormProps {
  readonly addable: readonly Addable[];
  readonly rows: readonly AccountStatus[];
  readonly isBusy: boolean;
  readonly onAdd: (wanted: ChannelAdd) => void;
  readonly onCancel: () => void;
}

export function AccountForm({ addable, rows, isBusy, onAdd, onCancel }: AccountFormProps): ReactNode {
  const [channel, setChannel] = useState(addable[0]?.channel ?? '');
  const [account, setAccount] = useState(() => (has(rows, channel, 'default') ? '' : 'default'));
  const [source, setSource] = useState<Source>('literal');
  const [value, setValue] = useState('');
  const [isTried, setTried] = useState(false);
  const fault = accountFault(channel, account, rows);
  const needs = addable.find((one) => one.channel === channel)?.needs ?? '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    const given = value.trim();
    if (fault !== null || given === '') return;
    onAdd({ channel, account, token: tokenOf(source, given) });
  };
  const missing = isTried && value.trim() === '' ? says.missing : undefined;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {addable.length > 1 && (
          <Radio.Group label={says.channel} value={channel} onChange={setChannel}>
            <Stack gap="xs" mt="xs">
              {addable.map((one) => (
                <Radio
                  key={one.channel}
                  value={one.channel}
                  label={channelName(one.channel, text.channels)}
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Text size="sm">
          <strong>{channelName(channel, text.channels)}</strong>: {visible(needs)}. {says.docsSay}{' '}
          <Code>{docsOf(channel)}</Code>
        </Text>
        <TextInput
          label={says.account}
          description={says.accountHelp}
          value={account}
          error={
            isTried && fault !== null ? (fault === 'taken' ? says.accountTaken : says.accountBad) : undefined
          }
          onChange={(event) => setAccount(event.currentTarget.value)}
          autoCapitalize="none"
          spellCheck={false}
          data-testid="account-name"
        />
        <Radio.Group
          label={says.from}
          value={source}
          onChange={(chosen) => {
            setSource(SOURCES.find((one) => one === chosen) ?? 'literal');
            setValue('');
          }}
        >
          <Group gap="lg" mt="xs">
            {SOURCES.map((one) => (
              <Radio key={one} value={one} label={says.fromKinds[one]} />
            ))}
          </Group>
        </Radio.Group>
        <TokenField source={source} value={value} error={missing} onChange={setValue} />
        <Group gap="sm">
          <Button type="submit" disabled={isBusy} data-testid="try-account">
            {isBusy ? says.trying : says.submit}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {says.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface TokenFieldProps {
  readonly source: Source;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

function TokenField({ source, value, error, onChange }: TokenFieldProps): ReactNode {
  const shared = {
    value,
    error,
    autoComplete: 'off',
    spellCheck: false,
    'data-testid': 'account-token',
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange(event.currentTarget.value),
  };
  switch (source) {
    case 'literal':
      return (
        <PasswordInput
          {...shared}
          label={says.token}
          description={says.tokenHelp}
          visibilityToggleButtonProps={{ 'aria-label': says.showToken }}
        />
      );
    case 'env':
      return <TextInput {...shared} label={says.env} description={says.envHelp} />;
    case 'file':
      return <TextInput {...shared} label={says.file} description={says.fileHelp} />;
    default:
      return source satisfies never;
  }
}

function tokenOf(source: Source, value: string): ChannelAdd['token'] {
  switch (source) {
    case 'literal':
      return value;
    case 'env':
      return { env: value };
    case 'file':
      return { file: value };
    default:
      return source satisfies never;
  }
}

function has(rows: readonly AccountStatus[], channel: string, account: string): boolean {
  return rows.some((row) => row.channel === channel && row.account === account);
}

function docsOf(channel: string): string {
  const docs: Readonly<Record<string, string>> = says.docs;
  return Object.hasOwn(docs, channel) ? (docs[channel] ?? says.docs.other) : says.docs.other;
}
