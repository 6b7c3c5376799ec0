// What was begun and never confirmed. It may have been begun before there was a factor to prove, so that whatever begins or
// counts after it voids it (R6, R34).
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Actor } from '../audit/event.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { factorEvent } from './told.ts';

export async function voidPending(tx: Store, principal: PrincipalId, by: Actor, now: Millis): Promise<void> {
  for (const old of await tx.factors.of(principal)) {
    if (old.state !== 'pending' || !(await tx.factors.remove(old.id, now))) continue;
    await tx.audit.append([factorEvent('factor.removed', old, by, now, 'superseded')]);
  }
}
