// What a yes stands for, as a keyed hash beside its grant. Whoever can write to the database, and has no key, makes no yes: neither
// a grant that nobody said yes to, nor another command, machine, person or end under one that somebody did (E-11, H50).
import { timingSafeEqual } from 'node:crypto';
import { actionDigest, requestDigest } from '@countersign/protocol/action-digest';
import { canonicalJson } from '@countersign/protocol/canonical';
import { Problem, type ProblemCode } from '@countersign/protocol/problem';
import type { Hasher } from '../ports.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { NewRun, RunRecord } from './runs-port.ts';

/** How the store reads the place of a word whose speaker was forgotten. */
export const FORGOTTEN_SURFACE = 'unknown';

/** In the place of a seal, of what is older than seals are. No keyed hash reads so. */
export const BEFORE_SEALS = 'before';

export type Sealable = Pick<
  ApprovalRecord,
  | 'id'
  | 'token'
  | 'host'
  | 'agent'
  | 'session'
  | 'requester'
  | 'tier'
  | 'actionDigest'
  | 'requestDigest'
  | 'because'
  | 'need'
  | 'words'
>;

/** All that a grant says, whose it is, and what is looked at again before it is spent; times as they are stored. */
export function sealOf(hasher: Hasher, request: Sealable, run: Omit<NewRun, 'approval' | 'seal'>): string {
  const { id, token, host, agent, session, requester, tier, actionDigest, requestDigest, words } = request;
  const { because, need } = request;
  const said = {
    ...{ approval: id, token, host, agent, session, requester, tier, actionDigest, requestDigest },
    ...{ because, need: need === null ? null : { ...need } },
    ...{ grant: run.grant, issuedAt: run.issuedAt, expiresAt: run.expiresAt },
    approvers: words.map(({ by, decision, surface, factors, at }) => ({
      ...{ by, decision, at },
      surface: surfaceKind(surface),
      factors: [...factors],
    })),
  };
  return hasher.keyed('grant-seal', canonicalJson(said));
}

/** No seal fits nothing: no row of ours is without one. */
export function isSealed(hasher: Hasher, request: Sealable, run: RunRecord): boolean {
  const [stored, right] = [Buffer.from(run.seal ?? ''), Buffer.from(sealOf(hasher, request, run))];
  return stored.length === right.length && timingSafeEqual(stored, right);
}

/** What people read is sealed at rest, and the digests beside it are those of just that. */
export async function isAsAsked(request: ApprovalRecord): Promise<boolean> {
  const { action, host, requester, agent, session, tier, policy, nonce, expiresAt } = request;
  const digest = await actionDigest(action);
  const facts = { actionDigest: digest, requester, agent, session, tier, policy, nonce, expiresAt };
  return (
    digest === request.actionDigest &&
    action.host === host &&
    (await requestDigest(facts)) === request.requestDigest
  );
}

/** Before a yes counts. @throws Problem `audit_broken`. */
export async function checkAsked(request: ApprovalRecord): Promise<void> {
  if (!(await isAsAsked(request)))
    throw tampered('audit_broken', 'what is stored of that request is not what was asked');
}

export function tampered(
  code: ProblemCode,
  detail: string,
  members: Readonly<Record<string, string>> = {},
): Problem {
  return new Problem(code, {
    detail,
    members,
    hint: 'keep the store as it is, and compare it with an export or a backup',
  });
}

/** What kind of place a word came from, of its stored surface: `chat:telegram`, `device:dev_…`, `host`. A program learns
 * no more (E-15). What is not known any more (somebody forgotten) was one of the three: told as a page. */
export function surfaceKind(surface: string): 'chat' | 'page' | 'host' {
  const [kind] = surface.split(':', 1);
  return kind === 'chat' || kind === 'host' ? kind : 'page';
}
