// A house in which something was asked and approved, and a program that holds the grant.

import { expect } from 'vitest';
import type { Grants } from '../core/approval/grants.ts';
import type { GrantSigner, Redeemer } from '../core/approval/grants-port.ts';
import type { ApprovalView } from '../core/approval/service.ts';
import { ApprovalBench, PUSH } from './approval-bench.ts';
import { testGrants } from './grants.ts';

export interface GrantHouse extends AsyncDisposable {
  readonly bench: ApprovalBench;
  readonly grants: Grants;
  readonly signer: GrantSigner;
  /** The program that asks. */
  readonly me: Redeemer;
  /** Asked and approved by somebody. */
  approved(): Promise<{ readonly view: ApprovalView; readonly grant: string }>;
  grantOf(view: ApprovalView): Promise<string>;
  state(view: ApprovalView): Promise<string>;
}

export async function grantHouse(more: { readonly keepsOutput?: boolean } = {}): Promise<GrantHouse> {
  const bench = await ApprovalBench.open();
  const { store, clock, bus, approvals, recorded: telling } = bench;
  const { grants, signer } = testGrants({ store, clock, bus, approvals, telling, ...more });
  const ari = await bench.person('Ari', 'approver');
  const grantOf = async (view: ApprovalView) =>
    (await grants.grantOf(await approvals.get(view.request.id))) ?? expect.fail('no grant');
  return {
    bench,
    grants,
    signer,
    me: { kind: 'token', token: bench.token },
    grantOf,
    async approved() {
      const view = await bench.says(ari, 'approve', await bench.ask(PUSH));
      return { view, grant: await grantOf(view) };
    },
    state: async ({ request }) => (await approvals.get(request.id)).state,
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}
