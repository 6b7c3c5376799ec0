// The policy that holds: the newest document of the store, or the default before there is one. One that cannot be read
// allows nothing: every error ends in a no (R42).
import { Problem } from '@countersign/protocol/problem';
import type { Tier } from '@countersign/protocol/tier';
import type { Store } from '../store-port.ts';
import { MAX_ALWAYS_MS } from './always.ts';
import type { ApprovalSettings } from './candidates.ts';
import { readExecApprovals } from './exec-approvals/read.ts';
import { documentOf } from './exec-approvals/version-2.ts';
import { DEFAULT_POLICY, type Policy, type TierTerms } from './policy.ts';

/** A rule was looked at when it was kept: what is stored is not too long now because a clock went back. */
const NO_BOUND = Number.MAX_SAFE_INTEGER - MAX_ALWAYS_MS;

type Tables = Pick<Store, 'policies'>;
type Settings = Pick<ApprovalSettings, 'timeoutMs'>;

/**
 * @throws Problem `store_unavailable` when the stored document is damaged; `audit_broken` when the audit tells of a newer one:
 * somebody took that away, and what it forbade may be allowed by the one before.
 */
export async function storedPolicy({ policies }: Tables, { timeoutMs }: Settings): Promise<Policy> {
  const told = await policies.told();
  const stored = await policies.current();
  const version = stored?.version ?? 0;
  if (version < told)
    throw new Problem('audit_broken', {
      detail: `the stored policy is version ${version}, and the audit tells of version ${told}: it was taken back by nobody`,
      hint: 'nothing is allowed; put the database back from a backup, or the whole policy anew: countersign policy import',
    });
  if (stored === null) return defaultPolicy(timeoutMs);
  const read = readExecApprovals(stored.json, DEFAULT_POLICY, NO_BOUND);
  if (read.outcome === 'read') return { ...read.policy, version: stored.version };
  throw new Problem('store_unavailable', { detail: 'the stored policy is damaged' });
}

/** What a whole document is put in the place of. Where the newest was taken away: a policy that lets nothing run, under its number. */
export async function replacedPolicy(tables: Tables, settings: Settings): Promise<Policy> {
  const told = await tables.policies.told();
  if (((await tables.policies.current())?.version ?? 0) >= told) return storedPolicy(tables, settings);
  const policy = defaultPolicy(settings.timeoutMs);
  return { ...policy, version: told, defaults: { ...policy.defaults, security: 'deny' } };
}

export function policyText(policy: Policy): string {
  return JSON.stringify(documentOf(policy), null, 2);
}

function defaultPolicy(timeoutMs: number): Policy {
  const of = (tier: Tier): TierTerms => ({ ...DEFAULT_POLICY.tiers[tier], timeoutMs });
  const tiers = {
    read: of('read'),
    write: of('write'),
    elevated: of('elevated'),
    destructive: of('destructive'),
  };
  return { ...DEFAULT_POLICY, tiers };
}
