// What a grant says. All of it comes from what is stored with the yes, so the same grant is the same bytes each time.
import type { GrantClaims } from '@countersign/protocol/grant';
import type { ApprovalRecord } from './approvals-port.ts';
import type { RunRecord } from './runs-port.ts';
import { surfaceKind } from './seal.ts';

/** Times are whole seconds, as in any JWT; the store's own end is exact, and never later. @param issuer the gateway. */
export function grantClaims(request: ApprovalRecord, run: RunRecord, issuer: string): GrantClaims {
  const { host, requester, agent, actionDigest, requestDigest, tier, words } = request;
  return {
    iss: issuer,
    aud: host,
    sub: requester ?? `agent:${agent}`,
    act: { sub: agent },
    actionDigest,
    requestDigest,
    tier,
    approvers: words
      .filter(({ decision }) => decision === 'approve')
      .map(({ by, surface, factors, at }) => ({
        sub: by,
        surface: surfaceKind(surface),
        factors: [...factors],
        at: seconds(at),
      })),
    iat: seconds(run.issuedAt),
    exp: seconds(run.expiresAt),
    jti: run.grant,
  };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
