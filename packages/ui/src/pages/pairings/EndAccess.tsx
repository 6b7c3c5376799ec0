// Taking back a yes. It says what ends; a way back is only that they ask anew.
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Who } from '../../parts/Who.tsx';
import { text } from '../../text/say.ts';
import { chatName } from './look-alikes.ts';

const says = text.pairings.approved;

interface EndAccessProps {
  readonly row: Pick<PairingRow, 'channel' | 'account' | 'identifier' | 'displayName' | 'username'>;
  readonly onClose: () => void;
}

export function EndAccess({ row, onClose }: EndAccessProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const { channel, account, identifier, displayName, username } = row;
  const revoke = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.pairings.revoke({ channel, account, identifier }),
      changes: ['pairings', 'people', 'sessions'],
      said: () => says.revoked(visible(chatName(row))),
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.revokeTitle}
      keep={says.keep}
      yes={says.revokeYes}
      onYes={() => void revoke()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="end-access"
    >
      <Stack gap="xs">
        <Who channel={channel} account={account} id={identifier} claims={[displayName, username]} />
        <Text>{says.revokeWhat}</Text>
      </Stack>
    </Confirm>
  );
}
