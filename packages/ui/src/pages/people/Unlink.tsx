// Parting a chat from its person. The way back is to link it again, or to ask at the door.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { tell } from '../../app/told.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Who } from '../../parts/Who.tsx';
import { text } from '../../text/say.ts';
import { chatName } from '../pairings/look-alikes.ts';
import type { AboutPerson } from './dialog.ts';

const says = text.people.chats;

export function Unlink({
  person,
  acting,
  onClose,
  peer,
}: AboutPerson & { readonly peer: PersonRow['peers'][number] }): ReactNode {
  const unlink = async (): Promise<void> => {
    const done = await acting.act({
      work: (api) => api.people.unlink(chatName(peer)),
      changes: ['people', 'pairings', 'sessions'],
      said: ({ lastOwnerChat }) => {
        if (lastOwnerChat) tell({ text: says.unlinkLast, tone: 'trouble' });
        return says.unlinked(visible(chatName(peer)), visible(person.name));
      },
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.unlinkTitle}
      keep={says.keep}
      yes={says.unlinkYes}
      onYes={() => void unlink()}
      isBusy={acting.isBusy}
      ask={acting.ask}
      problem={acting.problem}
      testId="unlink-chat"
    >
      <Stack gap="xs">
        <Who
          channel={peer.channel}
          account={peer.account}
          id={peer.identifier}
          claims={[peer.displayName, peer.username]}
        />
        <Text>{says.unlinkWhat}</Text>
      </Stack>
    </Confirm>
  );
}
