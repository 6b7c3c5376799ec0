// Spending a grant, in one transaction: is it still what was approved, does it come from who may spend it, is it the first.
// The last is the store's own conditional write; all before it only says better why not. Nothing starts before this is
// stored (E-11), and every other way out is a no (R42).
import type { GrantClaims } from '@countersign/protocol/grant';
import { type ApprovalId, isId } from '@countersign/protocol/ids';
import type { ProblemCode } from '@countersign/protocol/problem';
import { DEVICE_LIMITS } from '../device/lifetimes.ts';
import { deviceStateAt } from '../device/machine.ts';
import type { Clock, Hasher, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { ApprovalSettings } from './candidates.ts';
import { supersede, supersedeIfStale } from './ending.ts';
import type { Redeemer } from './grants-port.ts';
import { stateAt } from './machine.ts';
import { lineOf, redeemerActor } from './redeemer.ts';
import type { RunRecord } from './runs-port.ts';
import { BEFORE_SEALS, isAsAsked, isSealed } from './seal.ts';
import type { ApprovalTelling } from './service.ts';
import { approvalEvent } from './told.ts';

export type NotRedeemed =
  | 'unknown'
  | 'digest_mismatch'
  | 'not_theirs'
  | 'wrong_host'
  | 'ended'
  | 'spent'
  | 'not_approved'
  | 'run_out'
  | 'taken_back'
  | 'void'
  | 'unsealed'
  | 'rolled_back'
  | 'put_back';

/** What each refusal is to whoever comes with the grant, in a sentence. */
export const NOT_REDEEMED: Readonly<
  Record<NotRedeemed, { readonly code: ProblemCode; readonly detail: string }>
> = {
  unknown: { code: 'grant_invalid', detail: 'there is no such grant here' },
  digest_mismatch: { code: 'grant_digest_mismatch', detail: 'it says something else than what was approved' },
  not_theirs: { code: 'grant_invalid', detail: 'it was given to another program' },
  wrong_host: { code: 'grant_wrong_host', detail: 'it is for another machine' },
  ended: { code: 'auth_forbidden', detail: 'whoever brings it was ended meanwhile' },
  spent: { code: 'grant_redeemed', detail: 'it was spent before: what it allowed ran then, or never will' },
  not_approved: { code: 'grant_invalid', detail: 'its request is not approved' },
  run_out: { code: 'grant_expired', detail: 'it was not used in time' },
  taken_back: { code: 'grant_expired', detail: 'the program that asked took it back' },
  void: {
    code: 'grant_expired',
    detail: 'what it rested on has changed: the policy, the people, or the session',
  },
  unsealed: { code: 'audit_broken', detail: 'what is stored of it is not what was approved' },
  rolled_back: { code: 'grant_redeemed', detail: 'the audit says that it was spent before' },
  put_back: { code: 'audit_broken', detail: 'the audit says that its request was ended before' },
};

export type RedeemedAs =
  | { readonly outcome: 'redeemed'; readonly id: ApprovalId }
  | { readonly outcome: 'refused'; readonly reason: NotRedeemed; readonly request: ApprovalRecord | null };

export interface RedeemingPorts {
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly telling: ApprovalTelling;
  readonly settings: ApprovalSettings;
}

/** @param claims of a grant that our own key signed. */
export async function redeemIn(
  tx: Store,
  claims: GrantClaims,
  by: Redeemer,
  { clock, hasher, telling, settings }: RedeemingPorts,
): Promise<RedeemedAs> {
  const looked = await look(tx, claims, by, clock);
  if (looked.outcome === 'refused') return looked;
  const { run, request, now } = looked;
  const no = (reason: NotRedeemed): RedeemedAs => ({ outcome: 'refused', reason, request });
  const over = await saidOver(tx, run);
  if (over !== null) return no(over);
  if (await supersedeIfStale(tx, telling, settings, request, now)) return no('void');
  // From before there were seals: nobody bent it, and nobody can say that nobody did.
  if (run.seal === BEFORE_SEALS) {
    await supersede(tx, telling, request.id, 'before_seals', now);
    return no('void');
  }
  if (!isSealed(hasher, request, run) || !(await isAsAsked(request))) return no('unsealed');
  // Never before it was issued, whatever a clock says meanwhile: that is where the chain is read from.
  if (!(await tx.runs.redeem(run.grant, lineOf(by), Math.max(now, run.issuedAt)))) return no('run_out');
  const actor = await redeemerActor(tx, by);
  // The moment that is stored: a receipt holds both, and they are one.
  const at = (await tx.runs.byGrant(run.grant))?.redeemedAt ?? now;
  await tx.audit.append([approvalEvent('approval.redeemed', request, actor, at, { grant: run.grant })]);
  return { outcome: 'redeemed', id: request.id };
}

const ENDS = [
  'approval.denied',
  'approval.undelivered',
  'approval.cancelled',
  'approval.expired',
  'approval.superseded',
] as const;

/** A row that was put back to what it was fits its seal. The chain says that it was spent, or ended; without that event it does
 * not verify. */
async function saidOver(
  { audit }: Pick<Store, 'audit'>,
  { approval, issuedAt }: RunRecord,
): Promise<'rolled_back' | 'put_back' | null> {
  const told = await audit.told(approval, ['approval.redeemed', ...ENDS], issuedAt);
  if (told.length === 0) return null;
  return told.some(({ body }) => body.type === 'approval.redeemed') ? 'rolled_back' : 'put_back';
}

/** Outside a transaction, where it takes no turn: what is over stays over, and who comes too late keeps nobody waiting. */
export async function refusedAlready(
  store: Store,
  claims: GrantClaims,
  by: Redeemer,
  clock: Clock,
): Promise<Extract<RedeemedAs, { outcome: 'refused' }> | null> {
  const looked = await look(store, claims, by, clock);
  return looked.outcome === 'refused' ? looked : null;
}

interface Looked {
  readonly outcome: 'fine';
  readonly run: RunRecord;
  readonly request: ApprovalRecord;
  readonly now: Millis;
}

async function look(
  tx: Store,
  claims: GrantClaims,
  by: Redeemer,
  clock: Clock,
): Promise<Looked | Extract<RedeemedAs, { outcome: 'refused' }>> {
  const run = isId('grant', claims.jti) ? await tx.runs.byGrant(claims.jti) : null;
  const request = run === null ? null : await tx.approvals.get(run.approval);
  if (run === null || request === null) return { outcome: 'refused', reason: 'unknown', request: null };
  // After the turn: whoever waited for it longer than the grant lasts has waited in vain.
  const now = clock.now();
  const spent = run.redeemedAt === null ? null : 'spent';
  const ended = (await isStanding(tx, by, now)) ? null : 'ended';
  const reason = whyNotTheirs(request, claims, by) ?? spent ?? ended ?? whyOver(request, run, now);
  return reason === null ? { outcome: 'fine', run, request, now } : { outcome: 'refused', reason, request };
}

/** R62: the door looked before the turn came; who was revoked while they waited for it starts nothing any more. */
async function isStanding(tx: Store, by: Redeemer, now: Millis): Promise<boolean> {
  if (by.kind === 'token') {
    const token = await tx.tokens.get(by.token);
    return token !== null && token.revokedAt === null && (token.expiresAt ?? now + 1) > now;
  }
  const device = await tx.devices.get(by.device);
  return device !== null && deviceStateAt(device, DEVICE_LIMITS, now) === 'paired';
}

/** The stored row and the grant are looked at against each other: neither a damaged store nor a grant of another request
 * makes anything run. A machine spends what names it and nothing else; a program only what it asked, for machines that are
 * none of the paired ones: those spend theirs themselves (H54). */
function whyNotTheirs(request: ApprovalRecord, claims: GrantClaims, by: Redeemer): NotRedeemed | null {
  const { host, actionDigest, requestDigest, token } = request;
  const isSame =
    claims.aud === host && claims.actionDigest === actionDigest && claims.requestDigest === requestDigest;
  if (!isSame) return 'digest_mismatch';
  if (by.kind === 'device') return host === by.device ? null : 'wrong_host';
  if (token !== by.token) return 'not_theirs';
  return isId('device', host) ? 'wrong_host' : null;
}

function whyOver(request: ApprovalRecord, { expiresAt }: RunRecord, now: number): NotRedeemed | null {
  const state = stateAt(request, now);
  switch (state) {
    case 'approved':
      return expiresAt <= now ? 'run_out' : null;
    case 'expired':
      return 'run_out';
    case 'cancelled':
      return 'taken_back';
    case 'superseded':
      return 'void';
    case 'redeemed':
    case 'finished':
    case 'lost':
      return 'spent';
    case 'pending':
    case 'denied':
      return 'not_approved';
    default:
      return state satisfies never;
  }
}
