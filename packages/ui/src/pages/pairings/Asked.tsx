// One request, opened by its address. While it waits it can be decided; once somebody did, here or elsewhere, it says who
// and what, calmly: being second is no mistake.
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { useRead } from '../../app/queries.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { DecidePairing } from './DecidePairing.tsx';
import { type KnownNames, likenesses } from './look-alikes.ts';
import { Over } from './Over.tsx';
import { isOpen } from './rows.ts';

const says = text.pairings;
/** What the gateway says to who was second. */
const TOO_LATE: readonly string[] = ['already_decided', 'expired', 'state_conflict'];

interface AskedProps {
  readonly id: string;
  readonly known: KnownNames | null;
  readonly isComparing: boolean;
  readonly onClose: () => void;
}

export function Asked({ id, known, isComparing, onClose }: AskedProps): ReactNode {
  const acting = useAct();
  const shown = useRead('pairings', ['one', id], (api) => api.pairings.get(id));
  const row = shown.value;
  const isLate = acting.problem !== null && TOO_LATE.includes(acting.problem.code);
  // Our own answer on its way is not somebody else's.
  if (row !== null && (isOpen(row) ? !isLate : acting.isBusy)) {
    // What is read before deciding is there from the beginning: nothing moves under the finger.
    if (known !== null || !isComparing) {
      const likes = known === null ? null : likenesses(row, known);
      return <DecidePairing row={row} likes={likes} acting={acting} onClose={onClose} />;
    }
  }
  if (row !== null && !isOpen(row)) return <Over row={row} onClose={onClose} />;
  return (
    <Decide
      title={says.decide.title}
      isOpen
      onClose={onClose}
      answers={[{ id: 'close-pairing', label: says.decide.close, kind: 'safe', press: onClose }]}
    >
      {shown.problem === null ? (
        <Loading lines={2} />
      ) : shown.problem.code === 'not_found' ? (
        says.over.missing
      ) : (
        <Failed problem={shown.problem} again={shown.again} />
      )}
    </Decide>
  );
}
