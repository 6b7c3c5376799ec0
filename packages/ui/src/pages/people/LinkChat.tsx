// One more chat for a person, or another ceiling for one of theirs. Between users both chats prove that they belong
// together: a code is sent to each, and both are typed here. By the address, never by the code typed first: that may have
// been used up meanwhile.
import { visible } from '@countersign/protocol/display';
import type { PersonLinked, PersonRow, RoleName } from '@countersign/protocol/identity';
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { Dialog } from '../../parts/Dialog.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { chatName } from '../pairings/look-alikes.ts';
import type { AboutPerson } from './dialog.ts';
import { LinkCodes } from './LinkCodes.tsx';
import { RolePick } from './RolePick.tsx';

const says = text.people.link;

interface LinkChatProps extends AboutPerson {
  readonly prefilled: string;
  /** A chat of theirs already: only its ceiling is changed. */
  readonly own: PersonRow['peers'][number] | null;
}

export function LinkChat({ person, acting, onClose, prefilled, own }: LinkChatProps): ReactNode {
  const [typed, setTyped] = useState(prefilled);
  const [as, setAs] = useState<RoleName>(own?.ceiling ?? 'user');
  const [offer, setOffer] = useState<PersonLinked | null>(null);
  const peer = typed.trim();

  const link = async (codes: readonly [string, string] | null): Promise<void> => {
    let answer: PersonLinked | undefined;
    const done = await acting.act({
      work: async (api) => {
        answer = await api.people.link(person.id, {
          peer: offer === null ? peer : chatName(offer.peer),
          ...(as === 'user' && own === null ? {} : { as }),
          ...(codes === null ? {} : { codes }),
        });
        return answer;
      },
      changes: ['people', 'pairings'],
      said: (linked) => wordsFor(linked),
      undo: (linked) =>
        linked.state === 'linked'
          ? {
              work: (api) => api.people.unlink(chatName(linked.peer)),
              said: says.unlinked(visible(chatName(linked.peer))),
            }
          : null,
    });
    if (!done || answer === undefined) return;
    if (answer.state === 'offered') setOffer(answer);
    else onClose();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (peer !== '') await link(null);
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={offer !== null ? says.codesTitle : own === null ? says.title : says.changeTitle}
      size="lg"
      data-testid="link-dialog"
    >
      {offer !== null ? (
        <LinkCodes
          offer={offer}
          acting={acting}
          onCodes={(codes) => void link(codes)}
          onAgain={() => setOffer(null)}
        />
      ) : (
        <form onSubmit={(event) => void submit(event)} noValidate>
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {own === null ? says.about : says.changeAbout}
            </Text>
            {own === null ? (
              <TextInput
                label={says.peer}
                description={says.peerHelp}
                value={typed}
                maxLength={300}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                data-testid="link-peer"
                onChange={(event) => setTyped(event.currentTarget.value)}
                data-autofocus
              />
            ) : (
              <code>{visible(chatName(own))}</code>
            )}
            <RolePick label={says.as} help={says.asHelp} value={as} onChange={setAs} />
            {acting.problem !== null && <Failed problem={acting.problem} />}
            <Group gap="sm">
              <Button type="submit" disabled={acting.isBusy || peer === '' || as === own?.ceiling}>
                {own === null ? says.go : says.change}
              </Button>
              <Button variant="default" onClick={onClose}>
                {text.shell.cancel}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
      {acting.ask}
    </Dialog>
  );
}

function wordsFor({ state, peer, person, ceiling, actsAs }: PersonLinked): string | null {
  const chat = visible(chatName(peer));
  const role = text.people.role;
  if (state === 'offered') return null;
  return state === 'linked'
    ? says.linked(chat, visible(person.name), role[actsAs ?? 'user'])
    : says.changed(chat, role[ceiling ?? 'user']);
}
