// The sign-in page between "Send a code" and being in, as a pure function of what happened.
import type { Refusal } from '../claim/claim.ts';
import type { Asked } from './login.ts';

export type LoginStage =
  | { readonly is: 'start'; readonly isBusy: boolean; readonly fault: LoginFault | null }
  | {
      readonly is: 'asked';
      readonly asked: Asked;
      readonly isBusy: boolean;
      readonly fault: 'refused' | 'network' | null;
    }
  /** The time of the code ran out before it was typed. */
  | { readonly is: 'over'; readonly isBusy: boolean; readonly fault: LoginFault | null }
  | { readonly is: 'done' };

export type LoginFault = { readonly is: 'network' } | { readonly is: 'refused'; readonly refusal: Refusal };

export type LoginEvent =
  | { readonly type: 'send' }
  | { readonly type: 'sent'; readonly asked: Asked }
  | { readonly type: 'notSent'; readonly fault: LoginFault }
  | { readonly type: 'submit' }
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly fault: 'refused' | 'network' }
  | { readonly type: 'timeOut' }
  | { readonly type: 'back' };

export const LOGIN_START: LoginStage = { is: 'start', isBusy: false, fault: null };

export function next(stage: LoginStage, event: LoginEvent): LoginStage {
  switch (event.type) {
    case 'send':
      // From a code that is still good as well: the newer request voids the older.
      return { is: stage.is === 'over' ? 'over' : 'start', isBusy: true, fault: null };
    case 'sent':
      return { is: 'asked', asked: event.asked, isBusy: false, fault: null };
    case 'notSent':
      return { is: stage.is === 'over' ? 'over' : 'start', isBusy: false, fault: event.fault };
    case 'submit':
      return stage.is === 'asked' ? { ...stage, isBusy: true, fault: null } : stage;
    case 'accepted':
      return { is: 'done' };
    case 'refused':
      return stage.is === 'asked' ? { ...stage, isBusy: false, fault: event.fault } : stage;
    case 'timeOut':
      // A code that is on its way may still be in time: the gateway decides.
      return stage.is === 'asked' && !stage.isBusy ? { is: 'over', isBusy: false, fault: null } : stage;
    case 'back':
      return LOGIN_START;
    default:
      return event satisfies never;
  }
}
