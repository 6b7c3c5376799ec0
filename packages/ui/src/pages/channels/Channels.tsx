// Channels: each account with how it is, what is wrong and what to do, and one more of them.
import type { AccountStatus } from '@countersign/protocol/gateway';
import { Button, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useMay } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { go, useParam } from '../../app/router.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Page } from '../../parts/Page.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { ProveFirst } from '../devices/ProveFirst.tsx';
import { Account } from './Account.tsx';
import { AddAccount } from './AddAccount.tsx';
import { LinkPhone } from './LinkPhone.tsx';
import { isLinked, LINKED_CHANNEL, targetOf } from './linking.ts';
import { keyOf } from './words.ts';

const says = text.channels;
const NEW = 'new';

export function Channels(): ReactNode {
  const may = useMay();
  const [open, setOpen] = useParam('open');
  const list = useRead('channels', ['list'], async (api) => (await api.channels.list()).items);
  const [checked, setChecked] = useState<ReadonlyMap<string, Checked>>(new Map());
  const rows = list.value ?? [];
  const [link, setLink] = useParam('link');
  const target = targetOf(link);
  const mayAdd = may('manage');
  const told = (row: AccountStatus): void =>
    setChecked((before) =>
      new Map(before).set(keyOf(row), { probe: row.probe ?? '', at: new Date().toISOString() }),
    );
  return (
    <Page
      title={says.title}
      about={says.about}
      actions={
        mayAdd && (
          <Button
            leftSection={<Icon name="plus" size={18} />}
            data-testid="add-account"
            onClick={() => setOpen(NEW)}
          >
            {says.add.button}
          </Button>
        )
      }
    >
      {!mayAdd && <ProveFirst>{says.add.cannot}</ProveFirst>}
      <States
        of={list}
        has={rows.length > 0}
        empty={
          <Empty title={says.none} icon="channel">
            {says.noneHint}
          </Empty>
        }
      >
        <Stack gap="md" component="ul" className="accounts" aria-label={says.list} data-testid="channels">
          {rows.map((row) => (
            <Account
              key={keyOf(row)}
              row={row}
              isMeant={open === keyOf(row)}
              checked={checked.get(keyOf(row)) ?? null}
              onChecked={told}
              onLink={mayAdd && isLinked(row) ? () => setLink(keyOf(row)) : null}
            />
          ))}
        </Stack>
      </States>
      <Text size="sm" c="dimmed">
        {says.add.others}
      </Text>
      {open === NEW && mayAdd && (
        <AddAccount
          rows={rows}
          onClose={() => setOpen(null)}
          onLink={(account) =>
            go('channels', { link: keyOf({ channel: LINKED_CHANNEL, account }) }, { replace: true })
          }
        />
      )}
      {target !== null && mayAdd && (
        <LinkPhone
          key={keyOf(target)}
          target={target}
          row={rows.find((row) => keyOf(row) === keyOf(target)) ?? null}
          onClose={() => setLink(null)}
        />
      )}
    </Page>
  );
}

export interface Checked {
  readonly probe: string;
  readonly at: string;
}
