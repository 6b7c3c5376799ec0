// A change that may need a fresh proof: it is tried, and when the gateway asks for one, the person is asked in place and
// the same change is tried again with it.
import type { Problem } from '@countersign/protocol/problem';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Api } from '../api.ts';
import { ProofForm, type ProofWay } from '../factors/ProofForm.tsx';
import type { FactorProof } from '../factors/proof.ts';
import { problemOf } from '../shared/problem-of.ts';
import { useHouse } from './context.ts';

/** What is tried: with the proof in the call itself, unless the view has a way of its own. */
export type Work<T> = (api: Api, proof: FactorProof | null) => Promise<T>;

export interface Guarded {
  /**
   * Null when it was refused or called off; what was refused is in `problem`, or, where nobody looks any more, told to
   * `whenGone`: an undo is pressed after its dialog has closed.
   * @param needsProof it is known that it needs one: nothing is tried without.
   */
  run<T>(
    work: Work<T>,
    whenGone?: (problem: Problem) => void,
    needsProof?: boolean,
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

/** @param way of a proof that travels in what is sent, and counts for nothing else. */
export function useGuarded(way?: ProofWay): Guarded {
  const { api } = useHouse();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isHere = useRef(false);
  const unanswered = useRef<(() => void) | null>(null);
  const running = useRef(0);

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
    work: Work<T>,
    whenGone: (problem: Problem) => void = () => {},
    needsProof = false,
  ): Promise<{ readonly done: T } | null> {
    // What was asked before gives way: a no is said while a proof for the yes is still asked for.
    unanswered.current?.();
    setProblem(null);
    running.current += 1;
    setBusy(true);
    let proof: FactorProof | undefined;
    try {
      if (needsProof) {
        const first = await proven(false);
        if (first === null) return null;
        proof = first;
      }
      for (;;) {
        try {
          return { done: await work(api(way === undefined ? proof : undefined), proof ?? null) };
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
      running.current -= 1;
      setBusy(running.current > 0);
    }
  }

  const ask =
    asking === null ? null : (
      <ProofForm
        isAgain={asking.isAgain}
        way={way}
        onProof={asking.answer}
        onCancel={() => asking.answer(null)}
      />
    );
  return { run, callOff, isBusy, problem, ask };
}

export function isAboutProof({ code }: Problem, wasGiven: boolean): boolean {
  return code === 'auth_factor_required' || (wasGiven && code === 'challenge_failed');
}
