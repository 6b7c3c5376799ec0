// A new end for an access that has one, counted from now.
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Who } from '../../parts/Who.tsx';
import { text } from '../../text/say.ts';
import { ForHowLong } from './ForHowLong.tsx';
import { type Choice, durationOf } from './lasting.ts';
import { chatName } from './look-alikes.ts';

const says = text.pairings.approved;

export function Prolong({
  row,
  onClose,
}: {
  readonly row: PairingRow;
  readonly onClose: () => void;
}): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [lasting, setLasting] = useState<Choice>({ lasting: 'week', count: '', unit: 'days' });
  const grant = durationOf(lasting);
  const prolong = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.pairings.approve(row.id, { ...grant }),
      changes: ['pairings', 'people'],
      said: () => says.prolonged(visible(chatName(row))),
    });
    if (done) onClose();
  };
  return (
    <Decide
      title={says.prolongTitle}
      isOpen
      onClose={onClose}
      answers={[
        { id: 'keep', label: text.shell.cancel, kind: 'safe', press: onClose },
        {
          id: 'prolong',
          label: says.prolongYes,
          kind: 'yes',
          isDisabled: grant?.for === undefined,
          press: () => void prolong(),
        },
      ]}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="prolong-pairing"
    >
      <Who channel={row.channel} account={row.account} id={row.identifier} claims={[row.displayName]} />
      <ForHowLong value={lasting} onChange={setLasting} needsEnd />
      <Text size="sm" c="dimmed">
        {says.prolongWhat}
      </Text>
    </Decide>
  );
}
