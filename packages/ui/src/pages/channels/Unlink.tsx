// Ends the login of a linked device: asked once, with what ends and what stays.
import type { AccountStatus } from '@countersign/protocol/gateway';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { tell } from '../../app/told.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { text } from '../../text/say.ts';
import { titleOf } from './words.ts';

const says = text.linking;

interface UnlinkProps {
  readonly row: AccountStatus;
  readonly onClose: () => void;
}

export function Unlink({ row, onClose }: UnlinkProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const title = titleOf(row, text.channels);
  const unlink = async (): Promise<void> => {
    const isDone = await act({
      work: (api) => api.channels.logout(row.channel, { account: row.account }),
      changes: ['channels'],
      said: ({ told }) => {
        if (told) return says.unlinked(title);
        // Something is left to do: it is no good news.
        tell({ text: says.unlinkedUntold(title), tone: 'trouble' });
        return null;
      },
    });
    if (isDone) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.unlinkTitle(title)}
      keep={says.keep}
      yes={says.unlinkYes}
      onYes={() => void unlink()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="unlink-phone"
    >
      {says.unlinkWhat}
    </Confirm>
  );
}
