// A change that may need a fresh proof: it is tried, and when the gateway asks for one, the person is asked in place and
// the same change is tried again with it.
import type { Problem } from '@countersign/protocol/problem';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Api } from '../api.ts';
import { ProofForm } from '../factors/ProofForm.tsx';
import type { FactorProof } from '../factors/proof.ts';
import { problemOf } from '../shared/problem-of.ts';
import { useHouse } from './context.ts';

export interface Guarded {
  /**
   * Null when it was refused or called off; what was refused is in `problem`, or, where nobody looks any more, told to
   * `whenGone`: an undo is pressed after its dialog has closed.
   */
  run<T>(
    work: (api: Api) => Promise<T>,
    whenGone?: (problem: Problem) => void,
  ): Promise<{ readonly done: T } | null>;
  /** With the dialog ends what was asked in it: no question waits for an answer that cannot come. */
  callOff(): void;
  readonly isBusy: boolean;
  readonly problem: Problem | null;
  /** The question, while there is one. */
  readonly ask: ReactNode;
}

interface Asking {
  readonly isAgain: boolean;
  answer(proof: FactorProof | null): void;
}

export function useGuarded(): Guarded {
  const { api } = useHouse();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isHere = useRef(false);
  const unanswered = useRef<(() => void) | null>(null);

  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
      unanswered.current?.();
    };
  }, []);

  const callOff = useCallback((): void => {
    unanswered.current?.();
    setProblem(null);
  }, []);

  const proven = (isAgain: boolean): Promise<FactorProof | null> =>
    new Promise((resolve) => {
      const answer = (proof: FactorProof | null): void => {
        unanswered.current = null;
        setAsking(null);
        resolve(proof);
      };
      // An earlier question of the same view gives way.
      unanswered.current?.();
      unanswered.current = () => answer(null);
      setAsking({ isAgain, answer });
    });

  async function run<T>(
    work: (api: Api) => Promise<T>,
    whenGone: (problem: Problem) => void = () => {},
  ): Promise<{ readonly done: T } | null> {
    setProblem(null);
    setBusy(true);
    let proof: FactorProof | undefined;
    try {
      for (;;) {
        try {
          return { done: await work(api(proof)) };
        } catch (error) {
          const found = problemOf(error);
          if (!isHere.current) {
            whenGone(found);
            return null;
          }
          if (!isAboutProof(found, proof !== undefined)) {
            setProblem(found);
            return null;
          }
          const given = await proven(proof !== undefined);
          if (given === null) return null;
          proof = given;
        }
      }
    } finally {
      setBusy(false);
    }
  }

  const ask =
    asking === null ? null : (
      <ProofForm isAgain={asking.isAgain} onProof={asking.answer} onCancel={() => asking.answer(null)} />
    );
  return { run, callOff, isBusy, problem, ask };
}

export function isAboutProof({ code }: Problem, wasGiven: boolean): boolean {
  return code === 'auth_factor_required' || (wasGiven && code === 'challenge_failed');
}
