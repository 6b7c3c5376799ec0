// What a service token stands for. Its holder is a program: it never decides, pairs or manages (authorise.ts has no row
// that would let it), and what it names (agent, accounts, audiences) only ever narrows.
import type { TokenId } from '@countersign/protocol/ids';

export const TOKEN_SCOPES = ['request', 'runtime', 'ingress', 'backend', 'read'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface Holder {
  readonly token: TokenId;
  readonly scope: TokenScope;
  /** The agent it speaks for: `request` and `runtime` only. */
  readonly agent: string | null;
  /** `channel:account` whose senders it may assert: `ingress` only. */
  readonly accounts: readonly string[];
  /** `runtime`: audiences it may ask bearers for. `backend`: those it may introspect. */
  readonly audiences: readonly string[];
  readonly name: string;
}
