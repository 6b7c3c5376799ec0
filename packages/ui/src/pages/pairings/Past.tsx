// Requests that were decided, page by page: who was let in, who is blocked, everything. The way back stands in each row.
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { usePages } from '../../app/queries.ts';
import { Rows } from '../../parts/Rows.tsx';
import { Empty, Failed, States } from '../../parts/States.tsx';
import { Who } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { Someone } from './Decider.tsx';
import { EndAccess } from './EndAccess.tsx';
import { chatName } from './look-alikes.ts';
import { NoMatch } from './NoMatch.tsx';
import { Prolong } from './Prolong.tsx';
import { fits } from './rows.ts';

const says = text.pairings;
const PAGE = 100;

interface PastProps {
  readonly show: 'approved' | 'blocked' | 'all';
  readonly channel: string;
  readonly typed: string;
  readonly onClear: () => void;
  readonly mayDecide: boolean;
  readonly onOpen: (id: string) => void;
}

export function Past({ show, channel, typed, onClear, mayDecide, onOpen }: PastProps): ReactNode {
  const words = show === 'all' ? says.history : says[show];
  const pages = usePages('pairings', ['pages', show, channel], (api, after) =>
    api.pairings.list({ show, after, limit: PAGE, ...(channel === '' ? {} : { channel }) }),
  );
  const { act, isBusy, problem, ask } = useAct();
  const [asks, setAsks] = useState<{ readonly what: 'revoke' | 'prolong'; readonly row: PairingRow } | null>(
    null,
  );
  const rows = pages.items.filter((row) => fits(row, typed));
  const close = (): void => setAsks(null);
  const unblock = (row: PairingRow): void => {
    const chat = visible(chatName(row));
    void act({
      work: (api) => api.pairings.unblock(row.id),
      changes: ['pairings', 'people'],
      said: () => says.blocked.unblocked(chat),
      undo: () => ({ work: (api) => api.pairings.block(row.id), said: says.decide.blockedAgain(chat) }),
    });
  };
  return (
    <>
      {problem !== null && <Failed problem={problem} />}
      {ask}
      <States
        of={pages}
        has={pages.items.length > 0}
        empty={<Empty title={words.none}>{words.noneHint}</Empty>}
      >
        {rows.length === 0 && !pages.hasMore ? (
          <NoMatch onClear={onClear} />
        ) : (
          <Rows
            label={words.list}
            items={rows}
            keyOf={({ id }) => id}
            onOpen={({ id }) => onOpen(id)}
            more={{ has: pages.hasMore, isLoading: pages.isLoadingMore, load: pages.more }}
            estimate={84}
            testId={`${show}-pairings`}
            row={(row) => (
              <Group justify="space-between" gap="sm">
                <About row={row} show={show} />
                {mayDecide && show === 'approved' && (
                  <Group gap="xs">
                    {row.accessUntil !== undefined && (
                      <Button
                        variant="default"
                        size="compact-sm"
                        aria-label={says.approved.prolongOf(visible(row.identifier))}
                        onClick={() => setAsks({ what: 'prolong', row })}
                      >
                        {says.approved.prolong}
                      </Button>
                    )}
                    <Button
                      variant="outline"
                      color="red"
                      size="compact-sm"
                      aria-label={says.approved.revokeOf(visible(row.identifier))}
                      onClick={() => setAsks({ what: 'revoke', row })}
                    >
                      {says.approved.revoke}
                    </Button>
                  </Group>
                )}
                {mayDecide && show === 'blocked' && (
                  <Button
                    variant="default"
                    size="compact-sm"
                    disabled={isBusy}
                    aria-label={says.blocked.unblockOf(visible(row.identifier))}
                    onClick={() => unblock(row)}
                  >
                    {says.blocked.unblock}
                  </Button>
                )}
              </Group>
            )}
          />
        )}
      </States>
      {asks?.what === 'revoke' && <EndAccess row={asks.row} onClose={close} />}
      {asks?.what === 'prolong' && <Prolong row={asks.row} onClose={close} />}
    </>
  );
}

function About({ row, show }: { readonly row: PairingRow; readonly show: PastProps['show'] }): ReactNode {
  const { channel, account, identifier, displayName, username, person, decidedAt, accessUntil } = row;
  return (
    <Stack gap={2} className="asker">
      <Who channel={channel} account={account} id={identifier} claims={[displayName, username]} />
      <Group gap={8}>
        {show === 'all' && (
          <Badge variant="light" color={row.state === 'approved' ? 'sage' : 'gray'} tt="none">
            {says.state[row.state]}
          </Badge>
        )}
        <Text size="sm" c="dimmed">
          {show === 'all' ? says.history.when : says[show].since}{' '}
          <When at={show === 'all' ? row.createdAt : (decidedAt ?? row.createdAt)} />
          {show === 'approved' && (
            <>
              {' · '}
              {accessUntil === undefined ? (
                says.approved.always
              ) : (
                <>
                  {says.approved.until} <When at={accessUntil} />
                </>
              )}
            </>
          )}
          {show === 'all' && decidedAt !== undefined && (
            <>
              {' · '}
              {says.history.decided} <When at={decidedAt} />
            </>
          )}
          {person !== undefined && (
            <>
              {' · '}
              {says.approved.person} <Someone id={person} />
            </>
          )}
        </Text>
      </Group>
    </Stack>
  );
}
