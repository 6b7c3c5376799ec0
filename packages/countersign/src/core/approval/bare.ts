// For a house without files and doors of its own, which names nobody: a story, a test.
import type { ApprovalSettings } from './candidates.ts';
import type { RiskContext } from './risk/risk.ts';

const NOTHING: RiskContext = {
  home: null,
  guarded: { paths: [], ports: [], pids: [] },
  rules: [],
  tools: {},
};
const NOBODY: ApprovalSettings & { readonly notify: ApprovalSettings['approvers'] } = {
  approvers: [],
  notify: [],
  timeoutMs: 600_000,
};

export const BARE_APPROVALS = { facts: () => NOTHING, settings: () => NOBODY } as const;
