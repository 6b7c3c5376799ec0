// A yes becomes a grant, in the transaction of the yes: whoever is told "approved" finds something to redeem, and nothing
// can be redeemed that nobody approved.
import { type ApprovalId, type GrantId, ID_KINDS, makeId } from '@countersign/protocol/ids';
import type { Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';

/** @param expiresAt the request's redeemBy. */
export async function issueGrant(
  tx: Store,
  approval: ApprovalId,
  { random, expiresAt }: { readonly random: Random; readonly expiresAt: Millis },
  now: Millis,
): Promise<GrantId> {
  const grant = makeId('grant', random.bytes(ID_KINDS.grant.bytes));
  await tx.runs.issue({ approval, grant, issuedAt: now, expiresAt });
  return grant;
}

/** What kind of place a word came from, of its stored surface: `chat:telegram`, `device:dev_…`, `host`. A program learns
 * no more (E-15). What is not known any more (somebody forgotten) was one of the three: told as a page. */
export function surfaceKind(surface: string): 'chat' | 'page' | 'host' {
  const [kind] = surface.split(':', 1);
  return kind === 'chat' || kind === 'host' ? kind : 'page';
}
