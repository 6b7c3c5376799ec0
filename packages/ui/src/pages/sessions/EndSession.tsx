// Ending a conversation: what ends and what stays is read before it can be pressed. It cannot be taken back.
import { visible } from '@countersign/protocol/display';
import type { SessionRow } from '@countersign/protocol/identity';
import { List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Who } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';

const says = text.sessions;

interface EndSessionProps {
  readonly row: SessionRow;
  readonly name: string | null;
  readonly onClose: () => void;
}

export function EndSession({ row, name, onClose }: EndSessionProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const { confirm } = says;
  const end = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.sessions.revoke(row.id),
      changes: ['sessions', 'audit', 'overview'],
      said: () => (name === null ? says.revokedNameless : says.revoked(visible(name))),
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={confirm.title}
      keep={confirm.keep}
      yes={confirm.yes}
      onYes={() => void end()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="end-session"
    >
      <Stack gap="md">
        <Facts
          facts={[
            [confirm.whose, <Who key="whose" id={row.person} claims={[name ?? undefined]} />],
            [
              confirm.where,
              visible(row.account === 'default' ? row.channel : `${row.channel}:${row.account}`),
            ],
            [confirm.last, <When key="last" at={row.lastTurnAt} />],
            [confirm.id, <code key="id">{row.id}</code>],
          ]}
        />
        <Part title={confirm.ends} lines={confirm.endsList} />
        <Part title={confirm.stays} lines={confirm.staysList} />
      </Stack>
    </Confirm>
  );
}

function Part({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  return (
    <div>
      <Text fw={600}>{title}</Text>
      <List size="sm" spacing={4}>
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </div>
  );
}
