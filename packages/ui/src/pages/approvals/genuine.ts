// Whether what stands on this page is what a yes would be given to: both digests computed here, from what is shown. A request
// whose parts do not fit each other is not approved on this page, whoever mixed them (R37, R43).
import { actionDigest, requestDigest, shortDigest } from '@countersign/protocol/action-digest';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { useEffect, useState } from 'react';

/** `hidden`: whoever looks may not read it, and decides nothing. */
export type Genuine = 'checking' | 'same' | 'other' | 'hidden';

export async function genuineOf(row: ApprovalRow): Promise<Exclude<Genuine, 'checking'>> {
  const { action, facts } = row;
  if (action === undefined || facts === undefined) return 'hidden';
  try {
    const [ofAction, ofRequest] = await Promise.all([actionDigest(action), requestDigest(facts)]);
    const pairs = [
      [ofAction, row.actionDigest],
      [ofAction, facts.actionDigest],
      [ofRequest, row.requestDigest],
      [shortDigest(ofRequest), row.short],
      [facts.tier, row.tier],
      [facts.agent, row.agent],
      [facts.requester, row.requester],
      [facts.expiresAt, Date.parse(row.expiresAt)],
      [action.host, row.host],
    ] as const;
    return pairs.every(([here, there]) => here === there) ? 'same' : 'other';
  } catch {
    // What has no canonical form has no digest that anybody could have approved.
    return 'other';
  }
}

export function useGenuine(row: ApprovalRow): Genuine {
  const [found, setFound] = useState<{ readonly row: ApprovalRow; readonly is: Genuine } | null>(null);
  useEffect(() => {
    let isHere = true;
    void genuineOf(row).then((is) => isHere && setFound({ row, is }));
    return () => {
      isHere = false;
    };
  }, [row]);
  // What was found of another row says nothing of this one.
  return found?.row === row ? found.is : 'checking';
}
