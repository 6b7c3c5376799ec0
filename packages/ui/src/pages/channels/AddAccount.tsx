// One more account. Its login is tried before anything is written; who we are there is said before anybody writes to it.

import { visible } from '@countersign/protocol/display';
import type { AccountStatus, ChannelAdd, ChannelAdded } from '@countersign/protocol/gateway';
import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useRead } from '../../app/queries.ts';
import { go } from '../../app/router.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Empty, Failed, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { AccountForm } from './AccountForm.tsx';
import { Webhook } from './Webhook.tsx';
import { hasWebhook, titleOf } from './words.ts';

const says = text.channels.add;

interface AddAccountProps {
  readonly rows: readonly AccountStatus[];
  readonly onClose: () => void;
  /** On to the phone of that account. */
  readonly onLink: (account: string) => void;
}

export function AddAccount({ rows, onClose, onLink }: AddAccountProps): ReactNode {
  const addable = useRead('channels', ['addable'], async (api) => (await api.channels.addable()).items);
  const { act, isBusy, ask, problem } = useAct();
  const [added, setAdded] = useState<ChannelAdded | null>(null);
  const add = (wanted: ChannelAdd): void =>
    void act({
      work: (api) => api.channels.add(wanted),
      changes: ['channels', 'config'],
      said: (done) => {
        setAdded(done);
        const title = titleOf(done, text.channels);
        return done.login === undefined ? says.addedQuiet(title) : says.added(visible(done.login), title);
      },
    });
  const value = addable.value ?? [];
  return (
    <Dialog
      opened
      onClose={onClose}
      title={added === null ? says.title : says.doneTitle}
      size="lg"
      data-testid="add-channel"
    >
      {added !== null ? (
        <Done added={added} onClose={onClose} />
      ) : (
        <Stack gap="md">
          <States
            of={addable}
            has={addable.value !== null}
            empty={<Empty title={says.nothing} icon="channel" />}
          >
            <AccountForm
              addable={value}
              rows={rows}
              isBusy={isBusy}
              onAdd={add}
              onLink={onLink}
              onCancel={onClose}
            />
          </States>
          {ask}
          {problem !== null && <Failed problem={problem} />}
        </Stack>
      )}
    </Dialog>
  );
}

function Done({ added, onClose }: { readonly added: ChannelAdded; readonly onClose: () => void }): ReactNode {
  return (
    <Stack gap="md">
      {added.login !== undefined && (
        <Text data-testid="channel-login">
          {says.weAre} <strong>{visible(added.login)}</strong>
        </Text>
      )}
      {added.webhook !== undefined || hasWebhook(added, text.channels) ? (
        <>
          <Text>{says.nextWebhook}</Text>
          <Webhook row={added} address={added.webhook} />
        </>
      ) : null}
      <Text>{says.next}</Text>
      <Group gap="sm">
        <Button data-autofocus onClick={() => go('pairings')}>
          {says.toPairings}
        </Button>
        <Button variant="default" onClick={onClose}>
          {says.done}
        </Button>
      </Group>
    </Stack>
  );
}
