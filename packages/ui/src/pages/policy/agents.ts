// Agents that an elevation can be for: the house's own by its name, those of the policy, and those that ask with a token or did:
// an agent that nobody wrote into the policy asks as well, and is meant as often.
import type { PolicyView } from '@countersign/protocol/policy';
import { useRead } from '../../app/queries.ts';

const MOST = 100;

export interface Agents {
  /** Of this gateway; null where its name could not be read. */
  readonly own: string | null;
  readonly others: readonly string[];
  readonly isLoading: boolean;
}

export function useAgents(policy: PolicyView): Agents {
  const house = useRead('config', ['agent.id'], async (api) => (await api.config.get('agent.id')).value);
  // Of that list, because an agent that asks for the first time changes it.
  const seen = useRead('approvals', ['agents'], async (api) => {
    const [tokens, asked] = await Promise.all([
      api.tokens.list({ show: 'live', limit: MOST }),
      api.approvals.list({ show: 'all', limit: MOST }),
    ]);
    return [...tokens.items, ...asked.items].flatMap(({ agent }) => agent ?? []);
  });
  const own = typeof house.value === 'string' ? house.value : null;
  const named = policy.agents.map(({ agent }) => agent);
  return {
    own,
    others: othersOf(own, [...named, ...(seen.value ?? [])]),
    isLoading: house.isLoading || seen.isLoading,
  };
}

/** Each once, and the house's own in its own place. */
export function othersOf(own: string | null, names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== own).toSorted((a, b) => a.localeCompare(b));
}
