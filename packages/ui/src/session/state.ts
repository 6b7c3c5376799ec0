// Who this browser is to the gateway, as a pure function of what was said on the socket.
import { isProblemCode, PROBLEMS } from '@countersign/protocol/problem';
import type { Hello, Refused, Scope } from './frames.ts';

export type SessionState =
  | { readonly is: 'connecting' }
  /** Not heard from the gateway since this page was opened. */
  | { readonly is: 'offline' }
  | { readonly is: 'in'; readonly hello: Hello; readonly isOnline: boolean }
  /** `ended`: this browser was in, and this is how that came to its end. */
  | { readonly is: 'out'; readonly refused: Refused; readonly ended: Refused | null };

export type SessionEvent =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'refused'; readonly refused: Refused }
  /** What this browser may do has changed while it was in. */
  | { readonly type: 'scopes'; readonly scopes: readonly Scope[] }
  | { readonly type: 'down' };

export const START: SessionState = { is: 'connecting' };

export function step(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'hello':
      return { is: 'in', hello: event.hello, isOnline: true };
    case 'refused': {
      // A gateway that restarts or has no room says so: that is a spell of bad weather, not an answer about us.
      if (isPassing(event.refused, state)) return state;
      if (state.is === 'in') return { is: 'out', refused: event.refused, ended: event.refused };
      return { is: 'out', refused: event.refused, ended: state.is === 'out' ? state.ended : null };
    }
    case 'scopes':
      return state.is === 'in' ? { ...state, hello: { ...state.hello, scopes: event.scopes } } : state;
    case 'down':
      if (state.is === 'out') return state;
      return state.is === 'in' ? { ...state, isOnline: false } : { is: 'offline' };
    default:
      return event satisfies never;
  }
}

function isPassing({ code }: Refused, state: SessionState): boolean {
  // Too many strangers ask to be let in: who is a stranger as well has other ways, and has to see them.
  if (code === 'rate_limited') return state.is === 'in';
  return isProblemCode(code) && PROBLEMS[code].retryable;
}
