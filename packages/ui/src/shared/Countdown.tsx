// How long something is still good: seen by the second, heard a few times.
import { type ReactNode, useEffect, useState } from 'react';
import { strings } from '../strings.ts';
import { secondsLeft, spokenAt } from './left.ts';

interface CountdownProps {
  /** By the clock of this browser. */
  readonly until: number;
  readonly onOver?: () => void;
}

export function Countdown({ until, onOver }: CountdownProps): ReactNode {
  const [left, setLeft] = useState(() => secondsLeft(until, Date.now()));
  useEffect(() => {
    const tick = (): void => setLeft(secondsLeft(until, Date.now()));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [until]);
  const isOver = left === 0;
  useEffect(() => {
    if (isOver) onOver?.();
  }, [isOver, onOver]);
  const spoken = spokenAt(left);
  return (
    <>
      <span className="countdown" aria-hidden="true">
        {isOver ? strings.time.over : strings.time.left(clock(left))}
      </span>
      <span className="hidden" role="status">
        {spoken === null ? '' : isOver ? strings.time.over : strings.time.leftSpoken(spoken)}
      </span>
    </>
  );
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
