// One linking at a time, from the press of a button to its end. Whoever leaves the view gives it up: nothing goes on that
// nobody looks at, and no picture outlives it.
import type { ChannelLogin, LoginStepRow } from '@countersign/protocol/channel-login';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { problemOf } from '../../app/queries.ts';
import { useHouse } from '../../house/context.ts';
import { follow, isOver, type Target } from './linking.ts';

const PAUSE_MS = 1_000;

interface Linking {
  /** The last step; null before it began. */
  readonly step: LoginStepRow | null;
  /** The gateway does not answer just now. */
  readonly isSlow: boolean;
  readonly isBusy: boolean;
  readonly ask: ReactNode;
  readonly failed: { readonly detail: string; readonly hint?: string | undefined } | null;
  begin(wanted: Pick<ChannelLogin, 'force' | 'phone'>): void;
  /** Back to before the beginning. */
  stop(): void;
}

export function useLinking({ channel, account }: Target): Linking {
  const { api } = useHouse();
  const client = useQueryClient();
  const { act, isBusy, ask, problem, callOff } = useAct();
  const [step, setStep] = useState<LoginStepRow | null>(null);
  const [isSlow, setSlow] = useState(false);
  const current = useRef<{ readonly stop: AbortController; row: LoginStepRow } | null>(null);
  const isHere = useRef(false);

  const giveUp = useCallback((): void => {
    const linking = current.current;
    current.current = null;
    if (linking === null) return;
    linking.stop.abort();
    if (!isOver(linking.row))
      void api()
        .channels.loginCancel(linking.row.id)
        .catch(() => undefined);
  }, [api]);

  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
      giveUp();
    };
  }, [giveUp]);

  function run(first: LoginStepRow): void {
    const linking = { stop: new AbortController(), row: first };
    const show = (row: LoginStepRow): void => {
      linking.row = row;
      setStep(row);
      if (isOver(row)) void client.invalidateQueries({ queryKey: ['channels'] });
    };
    current.current = linking;
    // The dialog was closed while the gateway began.
    if (!isHere.current) {
      giveUp();
      return;
    }
    show(first);
    follow({
      first,
      signal: linking.stop.signal,
      step: (id, after) => api().channels.loginStep(id, after),
      pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
      onStep: show,
      onSlow: setSlow,
    }).catch((cause: unknown) => {
      const { code, message, hint } = problemOf(cause);
      const problem = { code, detail: message, ...(hint === undefined ? {} : { hint }) };
      const { id, channel, account } = linking.row;
      if (!linking.stop.signal.aborted)
        show({ id, channel, account, step: linking.row.step + 1, state: 'failed', problem });
    });
  }

  return {
    step,
    isSlow,
    isBusy,
    ask,
    failed: step?.problem ?? (problem === null ? null : { detail: problem.message, hint: problem.hint }),
    begin: ({ force = false, phone }) => {
      giveUp();
      setStep(null);
      const wanted = { account, force, ...(phone === undefined ? {} : { phone }) };
      void act({
        work: (with_) => with_.channels.login(channel, wanted),
        changes: ['channels', 'config'],
        said: (first) => {
          run(first);
          return null;
        },
      });
    },
    stop: () => {
      giveUp();
      callOff();
      setStep(null);
      setSlow(false);
    },
  };
}
