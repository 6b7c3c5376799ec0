// A stranger at the door. Facts first, then for how long; the focus stands on Deny (R47), and what is approved is this one
// request, by its id: never a name, never a code (R22).
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Acting } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { type Answer, Decide } from '../../parts/Decide.tsx';
import { text } from '../../text/say.ts';
import { AskedFacts } from './AskedFacts.tsx';
import { ForHowLong } from './ForHowLong.tsx';
import { Likenesses } from './Likeness.tsx';
import { type Choice, durationOf } from './lasting.ts';
import { chatName, type Likeness } from './look-alikes.ts';

const says = text.pairings.decide;
const MAX_NAME = 64;

interface DecidePairingProps {
  readonly row: PairingRow;
  /** Null: the people could not be read, so nothing was compared. */
  readonly likes: readonly Likeness[] | null;
  readonly acting: Acting;
  readonly onClose: () => void;
}

export function DecidePairing({ row, likes, acting, onClose }: DecidePairingProps): ReactNode {
  const { act, isBusy, ask, problem } = acting;
  const mayDecide = useMay()('pairing');
  const [lasting, setLasting] = useState<Choice>({ lasting: 'forever', count: '', unit: 'days' });
  const [typed, setTyped] = useState('');
  const chat = visible(chatName(row));
  const { channel, account, identifier, id } = row;
  const isTheirs = likes?.some(({ kind }) => kind === 'theirs') ?? false;
  const grant = durationOf(lasting);
  const name = typed.trim();

  const decide = async (deed: Parameters<typeof act<PairingRow>>[0]): Promise<void> => {
    if (await act(deed)) onClose();
  };
  const approve = (): Promise<void> =>
    decide({
      work: (api) => api.pairings.approve(id, { ...grant, ...(name === '' || isTheirs ? {} : { name }) }),
      changes: ['pairings', 'people'],
      said: () => says.approved(chat),
      undo: () => ({
        work: (api) => api.pairings.revoke({ channel, account, identifier }),
        said: says.undone(chat),
      }),
    });
  const deny = (): Promise<void> =>
    decide({ work: (api) => api.pairings.deny(id), changes: ['pairings'], said: () => says.denied(chat) });
  const block = (): Promise<void> =>
    decide({
      work: (api) => api.pairings.block(id),
      changes: ['pairings', 'people'],
      said: () => says.blocked(chat),
      undo: () => ({ work: (api) => api.pairings.unblock(id), said: says.unblocked(chat) }),
    });

  const answers: readonly Answer[] = mayDecide
    ? [
        { id: 'deny-pairing', label: says.deny, kind: 'safe', press: () => void deny() },
        {
          id: 'approve-pairing',
          label: says.approve,
          kind: 'yes',
          isDisabled: grant === null,
          press: () => void approve(),
        },
        { id: 'block-pairing', label: says.block, kind: 'grave', press: () => void block() },
      ]
    : [{ id: 'close-pairing', label: says.close, kind: 'safe', press: onClose }];
  return (
    <Decide
      title={says.title}
      isOpen
      onClose={onClose}
      answers={answers}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="decide-pairing"
    >
      {/* Before everything: the answers below stay in sight, and this is what they must not be given without. */}
      {likes === null ? <Text size="sm">{text.pairings.like.unchecked}</Text> : <Likenesses found={likes} />}
      <AskedFacts row={row} />
      {mayDecide ? (
        <>
          <Stack gap="sm">
            <ForHowLong value={lasting} onChange={setLasting} />
            {!isTheirs && (
              <TextInput
                label={says.name}
                description={says.nameHelp}
                value={typed}
                maxLength={MAX_NAME}
                autoComplete="off"
                data-testid="pairing-name"
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            )}
          </Stack>
          <Text size="sm" c="dimmed">
            {says.yesMeans} {says.denyMeans} {says.blockMeans}
          </Text>
        </>
      ) : (
        <Text size="sm">{text.pairings.readOnly}</Text>
      )}
    </Decide>
  );
}
