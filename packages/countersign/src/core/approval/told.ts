// What is written and said of a request: in the audit by ids and digests alone, to whoever comes too late with how it ended.
import type { Json } from '@countersign/protocol/canonical';
import type { GrantId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalBrief, ApprovalRecord, NewApproval, Word } from './approvals-port.ts';
import { YES_LETTERS } from './find.ts';
import { stateAt } from './machine.ts';
import { surfaceKind } from './seal.ts';

type ApprovalEventType = Extract<EventType, `approval.${string}`>;

interface More {
  readonly outcome?: EventDraft['outcome'];
  readonly reason?: string | null;
  readonly word?: Word;
  /** Given with it, or what it is about. */
  readonly grant?: GrantId | null;
  /** More ids, numbers and digests. */
  readonly facts?: { readonly [key: string]: Json };
}

/** Why it ended, where it would not have run as it was asked: `changed_script`. */
export const CHANGED = 'changed_';

/** Why it ended, where the program that waited for it is not there any more. */
export const ASKER_GONE = 'asker_gone';

export const SYSTEM: Actor = { kind: 'system' };

/** The command itself is not in it: it names people and places, and its digest names it. */
export function approvalEvent(
  type: ApprovalEventType,
  request: NewApproval | ApprovalBrief,
  by: Actor,
  at: Millis,
  { outcome = 'ok', reason = null, word, grant = null, facts = {} }: More = {},
): EventDraft {
  const { id, agent, session, requester, tier, policy, actionDigest, requestDigest, host } = request;
  return {
    type,
    at,
    actor: by,
    subject: {
      approval: id,
      agent,
      ...(session === null ? {} : { session }),
      ...(requester === null ? {} : { principal: requester }),
      tier,
      policy,
      host,
      actionDigest,
      requestDigest,
      ...(grant === null ? {} : { grant }),
      ...facts,
      ...(word === undefined
        ? {}
        : { by: word.by, surface: surfaceKind(word.surface), factors: [...word.factors] }),
    },
    outcome,
    ...(reason === null ? {} : { reason }),
    ...(word?.reason == null ? {} : { personal: { reason: word.reason }, about: word.by }),
  };
}

/** The word that ended it; null where no person did. */
export function lastWord({ words, endedBy }: ApprovalRecord): Word | null {
  return endedBy === null ? (words.at(-1) ?? null) : null;
}

export function notThere(): Problem {
  return new Problem('not_found', {
    detail: 'there is no request of that name',
    hint: 'countersign approvals list; an id or its beginning, or that of the short digest',
  });
}

/** Three letters of a card that was taken back may be those of another request, that was made to fit. */
export function tooShort(): Problem {
  return new Problem('ambiguous', {
    detail: `a yes names its request by at least ${YES_LETTERS} characters`,
    hint: 'type more of it: the ten letters stand on the card, and where it waits',
    members: { reason: 'too_short' },
  });
}

/** E-02: unknown, expired and decided are told apart, and who decided is said. */
export async function refusedLate(
  tx: Pick<Store, 'people'>,
  request: ApprovalRecord,
  code: 'already_decided' | 'expired' | 'state_conflict',
  now: Millis,
): Promise<Problem> {
  const state = stateAt(request, now);
  if (code === 'expired') {
    const changed = state === 'superseded';
    const detail = changed
      ? 'what that request rested on has changed: the policy, or the people who were asked'
      : 'that request has expired: nobody answered in time';
    return new Problem('expired', { detail, hint: 'it has to be asked again', members: { state } });
  }
  const word = lastWord(request) ?? request.words.at(-1) ?? null;
  const at = word?.at ?? request.endedAt;
  const by = word === null ? whatEnded(request) : await nameOf(tx, word.by);
  const who = by === null ? '' : ` by ${by}`;
  const when = at === null ? '' : ` at ${isoTime(at)}`;
  return new Problem(code, {
    detail: `that request was ${whatWasDone(state, word !== null)} already${who}${when}`,
    members: {
      state,
      ...(word === null ? {} : { by: word.by }),
      ...(at === null ? {} : { at: isoTime(at) }),
    },
  });
}

/** Whoever said yes approved it; that it ran and ended was not their doing. */
function whatWasDone(state: ApprovalRecord['state'], isWord: boolean): string {
  if (state !== 'redeemed' && state !== 'finished' && state !== 'lost') return state;
  return isWord ? 'approved' : 'allowed';
}

function whatEnded({ endedBy, because }: ApprovalRecord): string | null {
  if (endedBy === 'requester' || endedBy?.startsWith(CHANGED)) return 'the program that asked';
  if (endedBy === ASKER_GONE) return 'the gateway, for the program that asked is gone,';
  return (endedBy ?? because === null) ? null : 'the policy';
}

export async function nameOf(tx: Pick<Store, 'people'>, id: PrincipalId): Promise<string> {
  return (await tx.people.get(id))?.name ?? 'somebody';
}
