// One request, opened by its address. While it waits it can be decided (OpenRequest.tsx). Once somebody decided, here or
// elsewhere, it says who and how, calmly, and what came of it.

import { Stack } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { nextLook } from '../../app/elevations.ts';
import { useRead } from '../../app/queries.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { AboutApproval } from './AboutApproval.tsx';
import { AlwaysAllow } from './AlwaysAllow.tsx';
import { useMayKeep } from './keeping.ts';
import { OpenRequest } from './OpenRequest.tsx';
import { RunView } from './RunView.tsx';
import { proofText } from './words.ts';

const says = text.approvals;

interface AskedProps {
  readonly id: string;
  readonly onClose: () => void;
}

export function Asked({ id, onClose }: AskedProps): ReactNode {
  const shown = useRead('approvals', ['one', id], (api) => api.approvals.get(id));
  const row = shown.value;
  const acting = useAct({
    kinds: row?.need?.factors ?? [],
    // R30: what answers this challenge says yes to this request and to no other.
    ask: (api) => api.approvals.prove(id),
    title: says.decide.proofTitle,
    text: row === null ? '' : proofText(row, says),
  });
  const { again } = shown;
  // Once an earlier proof counts no more, what is said of it is old; whether it does, the gateway says, by its own clock.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is new each time, and does the same
  useEffect(() => {
    const until = row?.proof?.until;
    const wait = until === undefined ? null : nextLook([{ until }], Date.now());
    if (wait === null) return undefined;
    const timer = setTimeout(again, wait);
    return () => clearTimeout(timer);
  }, [row]);
  const [isKeeping, setKeeping] = useState(false);
  const mayKeep = useMayKeep(row);
  if (row !== null && isKeeping) return <AlwaysAllow row={row} onClose={() => setKeeping(false)} />;
  // Our own answer on its way is not somebody else's.
  if (row !== null && (row.state === 'pending' || acting.isBusy))
    return (
      <OpenRequest
        row={row}
        acting={acting}
        onClose={onClose}
        onAlways={mayKeep ? () => setKeeping(true) : null}
      />
    );
  return (
    <Decide
      title={says.decide.over}
      isOpen
      onClose={onClose}
      answers={[
        { id: 'close-approval', label: says.decide.close, kind: 'safe', press: onClose },
        ...(mayKeep
          ? [{ id: 'always', label: says.always.open, kind: 'other' as const, press: () => setKeeping(true) }]
          : []),
      ]}
      testId="approval-over"
    >
      {row !== null ? (
        <Stack gap="md">
          <RunView row={row} />
          <AboutApproval row={row} />
        </Stack>
      ) : shown.problem === null ? (
        <Loading lines={3} />
      ) : shown.problem.code === 'not_found' ? (
        says.decide.missing
      ) : (
        <Failed problem={shown.problem} again={shown.again} />
      )}
    </Decide>
  );
}
