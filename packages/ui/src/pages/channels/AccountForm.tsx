// What a new account takes: which channel, what it is called, where its secrets are, and whatever else names it at the
// service. A secret goes out as it is typed and is kept nowhere. One linked by a phone has no secret to type: it goes on
// to the linking.
import { visible } from '@countersign/protocol/display';
import type { AccountStatus, Addable, ChannelAdd } from '@countersign/protocol/gateway';
import { Alert, Button, Code, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { Rich } from '../../shared/Rich.tsx';
import { text } from '../../text/say.ts';
import { AccountKeys } from './AccountKeys.tsx';
import { Unofficial } from './BeforeLinking.tsx';
import { LINKED_CHANNEL } from './linking.ts';
import { missingKeys, type Source, type Typed, wantedOf } from './new-account.ts';
import { accountFault, channelName, docsOf, wordOf } from './words.ts';

const says = text.channels.add;

interface AccountFormProps {
  readonly addable: readonly Addable[];
  readonly rows: readonly AccountStatus[];
  readonly isBusy: boolean;
  readonly onAdd: (wanted: ChannelAdd) => void;
  /** One that a phone is linked to. */
  readonly onLink: (account: string) => void;
  readonly onCancel: () => void;
}

export function AccountForm({ addable, rows, isBusy, onAdd, onLink, onCancel }: AccountFormProps): ReactNode {
  const [channel, setChannel] = useState(addable[0]?.channel ?? LINKED_CHANNEL);
  const [account, setAccount] = useState(() => freeName(rows, channel));
  const [source, setSource] = useState<Source>('literal');
  const [typed, setTyped] = useState<Typed>({});
  const [isTried, setTried] = useState(false);
  const fault = accountFault(channel, account, rows);
  const kind = addable.find((one) => one.channel === channel);
  const missing = kind === undefined ? [] : missingKeys(kind, typed);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (fault !== null || missing.length > 0) return;
    if (kind === undefined) onLink(account);
    else onAdd(wantedOf(kind, account, source, typed));
  };
  const choose = (chosen: string): void => {
    setChannel(chosen);
    setAccount(freeName(rows, chosen));
    setTyped({});
    setTried(false);
  };
  const warning = wordOf(says.warns, channel);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Radio.Group label={says.channel} value={channel} onChange={choose}>
          <Stack gap="xs" mt="xs">
            {channelsOf(addable).map((one) => (
              <Radio
                key={one}
                value={one}
                label={channelName(one, text.channels)}
                data-testid={`channel-${one}`}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Text size="sm" component="div">
          <strong>{channelName(channel, text.channels)}</strong>:{' '}
          <Rich text={wordOf(says.takes, channel) ?? visible(kind?.needs ?? '')} /> {says.docsSay}{' '}
          <Code>{docsOf(channel, text.channels)}</Code>
        </Text>
        {kind === undefined && <Unofficial />}
        {warning !== null && (
          <Alert color="orange" variant="light">
            {warning}
          </Alert>
        )}
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
        {kind !== undefined && (
          <AccountKeys
            kind={kind}
            source={source}
            typed={typed}
            missing={isTried ? missing : []}
            onSource={(chosen) => {
              setSource(chosen);
              setTyped({});
            }}
            onType={(key, value) => setTyped((before) => ({ ...before, [key]: value }))}
          />
        )}
        <Group gap="sm">
          <Button type="submit" disabled={isBusy} data-testid="try-account">
            {kind === undefined ? text.linking.link : isBusy ? says.trying : says.submit}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {says.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The linked device stands with the messengers of its kind: nothing about it is typed, so the gateway does not list it. */
function channelsOf(addable: readonly Addable[]): readonly string[] {
  const [first, ...others] = addable.map((one) => one.channel);
  return first === undefined ? [LINKED_CHANNEL] : [first, LINKED_CHANNEL, ...others];
}

function freeName(rows: readonly AccountStatus[], channel: string): string {
  const isTaken = rows.some((row) => row.channel === channel && row.account === 'default');
  return isTaken ? '' : 'default';
}
