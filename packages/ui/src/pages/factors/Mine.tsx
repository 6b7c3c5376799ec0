// Each factor with what it is good for, where it works, when it was last used, and its end.
import type { FactorRow } from '@countersign/protocol/factor';
import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Empty } from '../../parts/States.tsx';
import { Name } from '../../shared/Name.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { ConfirmTotp } from './ConfirmTotp.tsx';

const says = text.factors.mine;
const kinds = text.factors.kind;

interface MineProps {
  readonly items: readonly FactorRow[];
  readonly canChange: boolean;
}

export function Mine({ items, canChange }: MineProps): ReactNode {
  const [asks, setAsks] = useState<{ readonly what: 'remove' | 'confirm'; readonly row: FactorRow } | null>(
    null,
  );
  if (items.length === 0) {
    return (
      <Empty title={says.none} icon="key">
        {canChange ? says.noneAdd : says.noneHint}
      </Empty>
    );
  }
  const close = (): void => setAsks(null);
  const active = items.filter(({ state }) => state === 'active');
  return (
    <>
      <ul className="factor-list" aria-label={says.list} data-testid="factors">
        {items.map((row) => (
          <li key={row.id}>
            <Group justify="space-between" align="flex-start" gap="sm">
              <About row={row} />
              {canChange && (
                <Group gap="xs">
                  {row.state === 'pending' && row.kind === 'totp' && (
                    <Button
                      variant="outline"
                      size="compact-sm"
                      aria-label={says.confirmOf(row.id)}
                      onClick={() => setAsks({ what: 'confirm', row })}
                    >
                      {says.confirm}
                    </Button>
                  )}
                  <Button
                    variant="outline"
                    color="red"
                    size="compact-sm"
                    aria-label={says.removeOf(kinds[row.kind], row.id)}
                    onClick={() => setAsks({ what: 'remove', row })}
                  >
                    {says.remove}
                  </Button>
                </Group>
              )}
            </Group>
          </li>
        ))}
      </ul>
      {asks?.what === 'remove' && (
        <Remove
          row={asks.row}
          isLast={active.length === 1 && active[0]?.id === asks.row.id}
          onClose={close}
        />
      )}
      {asks?.what === 'confirm' && <ConfirmTotp id={asks.row.id} onClose={close} />}
    </>
  );
}

function About({ row }: { readonly row: FactorRow }): ReactNode {
  const elsewhere = row.kind === 'passkey' && row.origin !== location.origin ? (row.origin ?? null) : null;
  return (
    <Stack gap={2} className="factor-main">
      <Group gap={6}>
        <Text fw={600}>{kinds[row.kind]}</Text>
        <Name text={row.label} />
        {row.state === 'pending' && <span className="factor-pending">{says.pending}</span>}
      </Group>
      <Text size="sm">{row.state === 'pending' ? says.pendingHint : text.factors.good[row.kind]}</Text>
      <Text size="sm" c="dimmed">
        {says.added} <When at={row.createdAt} />
        {' · '}
        {row.lastUsedAt === undefined ? (
          says.unused
        ) : (
          <>
            {says.used} <When at={row.lastUsedAt} />
          </>
        )}
        {elsewhere !== null && ` · ${says.elsewhere(elsewhere)}`}
      </Text>
    </Stack>
  );
}

interface RemoveProps {
  readonly row: FactorRow;
  readonly isLast: boolean;
  readonly onClose: () => void;
}

function Remove({ row, isLast, onClose }: RemoveProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const kind = kinds[row.kind];
  const remove = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.factors.remove(row.id),
      changes: ['factors', 'devices'],
      said: () => says.removed(kind),
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.removeTitle(kind)}
      keep={says.keep}
      yes={says.removeYes}
      onYes={() => void remove()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="remove-factor"
    >
      <Text>{isLast ? says.removeLast : says.removeWhat}</Text>
    </Confirm>
  );
}
