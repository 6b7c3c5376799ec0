// Grants as callers at the house's doors reach them. Who spends one is who the door proved: the program of a token, or a
// paired machine. Nothing of a body is read for it (R43).
import type { GrantReport } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import type { GrantsService, Redeemer } from '../core/approval/grants-port.ts';
import type { ApprovalView } from '../core/approval/service.ts';
import type { Caller } from '../core/authorise.ts';

export class GrantDoor {
  readonly #grants: GrantsService;

  constructor(grants: GrantsService) {
    this.#grants = grants;
  }

  /** For the program that asked, and nobody else. */
  async grantOf(caller: Caller, view: ApprovalView): Promise<string | null> {
    const isTheirs = caller.door === 'token' && caller.holder.token === view.request.token;
    return isTheirs ? this.#grants.grantOf(view) : null;
  }

  async redeem(caller: Caller, grant: string): Promise<void> {
    await this.#grants.redeem(grant, redeemerOf(caller));
  }

  async report(caller: Caller, report: GrantReport): Promise<void> {
    await this.#grants.report(report, redeemerOf(caller));
  }
}

export function redeemerOf(caller: Caller): Redeemer {
  switch (caller.door) {
    case 'token':
      return { kind: 'token', token: caller.holder.token };
    case 'device':
      return { kind: 'device', device: caller.device };
    default:
      throw new Problem('auth_forbidden');
  }
}
