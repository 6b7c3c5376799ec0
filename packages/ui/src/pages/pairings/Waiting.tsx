// Who waits, the longest first. Nothing is decided in the list: what is known about somebody is read first (R47).
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Rows } from '../../parts/Rows.tsx';
import { Who } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { LikeMark } from './Likeness.tsx';
import { type KnownNames, likenesses } from './look-alikes.ts';
import { firstLine } from './rows.ts';

const says = text.pairings;

interface WaitingProps {
  readonly rows: readonly PairingRow[];
  readonly known: KnownNames | null;
  readonly mayDecide: boolean;
  readonly onOpen: (id: string) => void;
}

export function Waiting({ rows, known, mayDecide, onOpen }: WaitingProps): ReactNode {
  return (
    <Rows
      label={says.waiting.list}
      items={rows}
      keyOf={({ id }) => id}
      onOpen={({ id }) => onOpen(id)}
      estimate={112}
      testId="waiting-pairings-list"
      row={(row) => (
        <Group justify="space-between" gap="sm" data-testid="pairing-row">
          <Asker row={row} known={known} />
          {mayDecide && (
            <Button
              variant="outline"
              size="compact-sm"
              aria-label={says.waiting.lookAt(visible(row.identifier))}
              onClick={() => onOpen(row.id)}
            >
              {says.waiting.look}
            </Button>
          )}
        </Group>
      )}
    />
  );
}

function Asker({ row, known }: Pick<WaitingProps, 'known'> & { readonly row: PairingRow }): ReactNode {
  const { channel, account, identifier, alias, hidden, displayName, username, firstWords, code } = row;
  return (
    <Stack gap={4} className="asker">
      <Who channel={channel} account={account} id={identifier} claims={[displayName, username]} />
      {(alias !== undefined || hidden === true) && (
        <Text size="sm">
          {alias === undefined ? says.decide.hidden : `${visible(alias)}: ${says.decide.aliasHint}`}
        </Text>
      )}
      {firstWords !== undefined && firstWords !== '' && (
        <Text size="sm">
          <q className="asker-words">{firstLine(firstWords)}</q>
        </Text>
      )}
      <Group gap={8}>
        {known !== null && <LikeMark found={likenesses(row, known)} />}
        <Text size="sm" c="dimmed">
          {says.asked} <When at={row.createdAt} />
          {' · '}
          {says.until} <When at={row.expiresAt} />
        </Text>
        <Badge variant="default" tt="none" fw={500}>
          {code === undefined ? says.noCode : says.codeIs(code)}
        </Badge>
      </Group>
    </Stack>
  );
}
