// Calls that were refused at the door, counted in the audit: the same one again is a number more, not a line more.
import type { Denials } from '../core/audit/denials.ts';
import type { Caller, Verb } from '../core/authorise.ts';
import type { Clock } from '../core/ports.ts';
import { actorOf } from './actor.ts';

export function deniedCalls({ denials, clock }: { readonly denials: Denials; readonly clock: Clock }) {
  return (caller: Caller, verb: Verb, reason: string): Promise<void> =>
    denials.record(`call.denied:${caller.door}:${verb}:${reason}`, {
      type: 'call.denied',
      at: clock.now(),
      actor: actorOf(caller),
      subject: { door: caller.door, verb },
      outcome: 'denied',
      reason,
    });
}
