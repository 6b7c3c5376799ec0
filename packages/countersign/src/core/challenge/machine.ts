// A challenge is one thing to prove, once. Attempts are counted before anything is compared; what is not `issued` any more
// proves nothing.
import type { Millis } from '../ports.ts';

export type ChallengeState = 'issued' | 'satisfied' | 'exhausted' | 'expired' | 'void' | 'disowned';
export type ChallengeEvent =
  | 'answer_right'
  | 'answer_wrong'
  | 'answer_last_wrong'
  | 'expire'
  | 'replace'
  | 'disown';

export type ChallengeStep = { readonly to: ChallengeState } | { readonly refused: true };

const to = (state: ChallengeState): ChallengeStep => ({ to: state });
const NO: ChallengeStep = { refused: true };
const OVER: Readonly<Record<ChallengeEvent, ChallengeStep>> = {
  answer_right: NO,
  answer_wrong: NO,
  answer_last_wrong: NO,
  expire: NO,
  replace: NO,
  disown: NO,
};

/** Every state × every event. `disowned`: its person pressed "Not me", which also undoes what it satisfied. */
export const CHALLENGE_TABLE: Readonly<
  Record<ChallengeState, Readonly<Record<ChallengeEvent, ChallengeStep>>>
> = {
  issued: {
    answer_right: to('satisfied'),
    answer_wrong: to('issued'),
    answer_last_wrong: to('exhausted'),
    expire: to('expired'),
    replace: to('void'),
    disown: to('disowned'),
  },
  satisfied: { ...OVER, disown: to('disowned') },
  exhausted: { ...OVER, disown: to('disowned') },
  expired: { ...OVER, disown: to('disowned') },
  void: { ...OVER, disown: to('disowned') },
  disowned: OVER,
};

export function challengeStateAt(
  challenge: { readonly state: ChallengeState; readonly expiresAt: Millis },
  now: Millis,
): ChallengeState {
  return challenge.state === 'issued' && challenge.expiresAt <= now ? 'expired' : challenge.state;
}

/** States from which `event` leads somewhere: what a compare-and-set may start from. */
export function challengeSources(event: ChallengeEvent): ChallengeState[] {
  return (Object.keys(CHALLENGE_TABLE) as ChallengeState[]).filter(
    (state) => 'to' in CHALLENGE_TABLE[state][event],
  );
}
