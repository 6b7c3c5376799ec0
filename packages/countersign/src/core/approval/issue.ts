// A yes becomes a grant, in the transaction of the yes: whoever is told "approved" finds something to redeem, and nothing
// can be redeemed that nobody approved. What it stands for is sealed there and then.
import { type GrantId, ID_KINDS, makeId } from '@countersign/protocol/ids';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { type Sealable, sealOf } from './seal.ts';

interface Ports {
  readonly random: Random;
  readonly hasher: Hasher;
}

/** @param request with the words as they are stored. @param expiresAt its redeemBy. */
export async function issueGrant(
  tx: Store,
  request: Sealable,
  expiresAt: Millis,
  { random, hasher }: Ports,
  now: Millis,
): Promise<GrantId> {
  const grant = makeId('grant', random.bytes(ID_KINDS.grant.bytes));
  const run = { grant, issuedAt: now, expiresAt };
  await tx.runs.issue({ ...run, approval: request.id, seal: sealOf(hasher, request, run) });
  return grant;
}
