// One change a person asked for: tried, proven where the gateway asks for a proof, told when the gateway said it is done,
// with its undo. A page shows `ask` and `problem` beside what was pressed.
import { visible } from '@countersign/protocol/display';
import type { Problem } from '@countersign/protocol/problem';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Api } from '../api.ts';
import type { ProofWay } from '../factors/ProofForm.tsx';
import { type Guarded, isAboutProof, useGuarded, type Work } from '../house/guarded.tsx';
import { saidOf } from '../shared/Trouble.tsx';
import { text } from '../text/say.ts';
import type { Area } from './queries.ts';
import { tell } from './told.tsx';

export interface Deed<T> {
  readonly work: Work<T>;
  /** It is known that it needs one: nothing is tried without. */
  readonly needsProof?: boolean;
  /** What is old now; the gateway's event says it too, only a moment later. */
  readonly changes: readonly Area[];
  /** The toast; null says nothing. Names in it have gone through `visible`. */
  readonly said: (done: T) => string | null;
  readonly undo?: (done: T) => Undo | null;
}

export interface Undo {
  readonly work: (api: Api) => Promise<unknown>;
  readonly said: string;
}

export interface Acting extends Pick<Guarded, 'isBusy' | 'problem' | 'ask' | 'callOff'> {
  /** True when it was done. */
  act<T>(deed: Deed<T>): Promise<boolean>;
}

/** @param way as `useGuarded` takes it. */
export function useAct(way?: ProofWay): Acting {
  const guarded = useGuarded(way);
  const client = useQueryClient();
  const { run } = guarded;

  const refresh = useCallback(
    (areas: readonly Area[]): void => {
      for (const area of areas) void client.invalidateQueries({ queryKey: [area] });
    },
    [client],
  );

  async function act<T>({ work, needsProof, changes, said, undo }: Deed<T>): Promise<boolean> {
    const done = await run(work, tellTrouble, needsProof);
    // Refused as well: somebody may have been faster, and the list shows who.
    refresh(changes);
    if (done === null) return false;
    const words = said(done.done);
    const back = undo?.(done.done) ?? null;
    if (words === null) return true;
    if (back === null) tell({ text: words });
    else tell({ text: words, undo: () => takeBack(back, changes) });
    return true;
  }

  async function takeBack(back: Undo, changes: readonly Area[]): Promise<string | null> {
    const done = await run(back.work, tellTrouble);
    refresh(changes);
    return done === null ? null : back.said;
  }

  return {
    act,
    isBusy: guarded.isBusy,
    problem: guarded.problem,
    ask: guarded.ask,
    callOff: guarded.callOff,
  };
}

/** Of a change whose view is gone: there is no place left to show it, or to ask for a proof. */
function tellTrouble(problem: Problem): void {
  const { title, hint } = saidOf(problem);
  const said = isAboutProof(problem, false) ? text.shell.needsProof : [title, hint].join(' ').trim();
  tell({ text: visible(said), tone: 'trouble' });
}
