// Whether "Always allow" is offered: only where the gateway would keep the rule, and where it is of any use. It is asked before
// the button is there, for the one request that is open: a button that leads to a refusal teaches nobody anything (E-12).
import type { ApprovalRow } from '@countersign/protocol/approval';
import type { PolicyTest } from '@countersign/protocol/policy';
import { useMay } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';

export function useMayKeep(row: ApprovalRow | null): boolean {
  const mayChange = useMay()('manage');
  const action = row?.action;
  const isAsked = row !== null && action !== undefined && mayChange && couldKeep(row);
  const test = useRead(
    'policy',
    ['keeping', row?.id],
    async (api) => {
      if (row === null || action === undefined) throw new TypeError('there is nothing to ask about');
      return api.policy.test({ action, agent: row.agent });
    },
    { enabled: isAsked },
  );
  return isAsked && test.value !== null && wouldKeep(test.value);
}

/** What nobody was asked about runs unasked already. */
export function couldKeep({ tier, need }: Pick<ApprovalRow, 'tier' | 'need'>): boolean {
  return tier !== 'destructive' && need !== undefined;
}

export function wouldKeep({ always, outcome }: Pick<PolicyTest, 'always' | 'outcome'>): boolean {
  return always.ok && outcome !== 'allow';
}
