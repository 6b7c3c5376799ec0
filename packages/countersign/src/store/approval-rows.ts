// Requests for approval as rows. What names things or people is sealed, each value bound to its row; digests, ids, states
// and times stay readable, for they are what requests are found by.
import type { Action, FactorKind } from '@countersign/protocol/approval';
import type { ApprovalId, PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type {
  ApprovalBrief,
  ApprovalRecord,
  ListedThen,
  NewApproval,
  ReasonThen,
  Word,
} from '../core/approval/approvals-port.ts';
import type { Past } from '../core/approval/conduct.ts';
import type { Needed } from '../core/approval/judge.ts';
import { stateAt } from '../core/approval/machine.ts';
import { FORGOTTEN_SURFACE } from '../core/approval/seal.ts';
import type { Millis } from '../core/ports.ts';
import { openOrNull, type Ports, sealOrNull } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { bytes, bytesOrNull, flag, int, intOrNull, text, textOrNull, word, wordOrNull } from './row.ts';

const BRIEF = `id, state, agent, token, connection, session, requester, host, action_digest, request_digest, short, nonce,
  policy, tier, need, flags, quietly, because, created_at, expires_at, redeem_by, ended_at, ended_by`;
export const SELECT_APPROVALS = `select ${BRIEF}, requester_peer, action, judged from approvals`;
/** Without what is sealed: an action may be long, and there may be many. */
export const SELECT_BRIEFS = `select ${BRIEF} from approvals`;

export const NEW_COLUMNS = [
  'id',
  'state',
  'agent',
  'token',
  'connection',
  'session',
  'requester',
  'requester_peer',
  'host',
  'action',
  'action_digest',
  'request_digest',
  'short',
  'nonce',
  'policy',
  'tier',
  'judged',
  'need',
  'flags',
  'quietly',
  'because',
  'repeat_key',
  'created_at',
  'expires_at',
  'decided_at',
  'redeem_by',
  'ended_at',
] as const;

/** What the classifier found then. */
interface Judged {
  readonly reasons: readonly ReasonThen[];
  readonly commands: readonly ListedThen[];
}

type Sealed = 'action' | 'judged' | 'requester_peer';

function bind(column: Sealed, id: ApprovalId): string {
  return `approvals/${column}/${id}`;
}

function wordBind(
  column: 'surface' | 'reason',
  id: ApprovalId,
  { by, decision }: Pick<Word, 'by' | 'decision'>,
) {
  return `approval_words/${column}/${id}/${by}/${decision}`;
}

/** Values for NEW_COLUMNS. */
export function newValues(request: NewApproval, key: string | null, ports: Ports): Value[] {
  const { id, state, reasons, commands, need, flags, quietly, createdAt } = request;
  const judged: Judged = { reasons, commands };
  return [
    id,
    state,
    request.agent,
    request.token,
    request.connection,
    request.session,
    request.requester,
    sealOrNull(ports, request.requesterPeer, bind('requester_peer', id)),
    request.host,
    ports.vault.seal(JSON.stringify(request.action), bind('action', id)),
    request.actionDigest,
    request.requestDigest,
    compact(request.short),
    request.nonce,
    request.policy,
    request.tier,
    ports.vault.seal(JSON.stringify(judged), bind('judged', id)),
    need === null ? null : JSON.stringify(need),
    JSON.stringify(flags),
    quietly ? 1 : 0,
    request.because,
    key,
    createdAt,
    request.expiresAt,
    state === 'pending' ? null : createdAt,
    request.redeemBy,
    state === 'pending' ? null : createdAt,
  ];
}

/** Parser's casts: sealed or written by newValues, bound to this row. */
export function readApproval(row: Row, words: readonly Word[], ports: Ports): ApprovalRecord {
  const id = word<ApprovalId>(row, 'id');
  const { reasons, commands } = JSON.parse(
    ports.vault.open(bytes(row, 'judged'), bind('judged', id)),
  ) as Judged;
  return {
    ...readBrief(row, words),
    requesterPeer: openOrNull(ports, bytesOrNull(row, 'requester_peer'), bind('requester_peer', id)),
    action: JSON.parse(ports.vault.open(bytes(row, 'action'), bind('action', id))) as Action,
    reasons,
    commands,
  };
}

export function readBrief(row: Row, words: readonly Word[]): ApprovalBrief {
  const need = textOrNull(row, 'need');
  return {
    id: word<ApprovalId>(row, 'id'),
    state: word(row, 'state'),
    agent: text(row, 'agent'),
    token: word<TokenId>(row, 'token'),
    connection: text(row, 'connection'),
    session: wordOrNull<SessionId>(row, 'session'),
    requester: wordOrNull<PrincipalId>(row, 'requester'),
    host: text(row, 'host'),
    actionDigest: text(row, 'action_digest'),
    requestDigest: text(row, 'request_digest'),
    short: spread(text(row, 'short')),
    nonce: text(row, 'nonce'),
    policy: int(row, 'policy'),
    tier: word(row, 'tier'),
    need: need === null ? null : (JSON.parse(need) as Needed),
    flags: JSON.parse(text(row, 'flags')) as readonly string[],
    quietly: flag(row, 'quietly'),
    because: textOrNull(row, 'because'),
    createdAt: int(row, 'created_at'),
    expiresAt: int(row, 'expires_at'),
    redeemBy: intOrNull(row, 'redeem_by'),
    words,
    endedAt: intOrNull(row, 'ended_at'),
    endedBy: textOrNull(row, 'ended_by'),
  };
}

export const SELECT_WORDS =
  'select approval, by_whom, decision, surface, factors, at, reason from approval_words';
export const WORD_COLUMNS = [
  'approval',
  'by_whom',
  'decision',
  'surface',
  'factors',
  'at',
  'reason',
] as const;

export function wordValues(id: ApprovalId, said: Word, ports: Ports): Value[] {
  const { by, decision, surface, factors, at, reason } = said;
  return [
    id,
    by,
    decision,
    ports.vault.seal(surface, wordBind('surface', id, said)),
    JSON.stringify(factors),
    at,
    sealOrNull(ports, reason, wordBind('reason', id, said)),
  ];
}

export function readWord(row: Row, ports: Ports): Word {
  const id = word<ApprovalId>(row, 'approval');
  const said = { by: word<PrincipalId>(row, 'by_whom'), decision: word<Word['decision']>(row, 'decision') };
  return {
    ...said,
    // Where somebody who was forgotten said it is forgotten too.
    surface:
      openOrNull(ports, bytesOrNull(row, 'surface'), wordBind('surface', id, said)) ?? FORGOTTEN_SURFACE,
    factors: JSON.parse(text(row, 'factors')) as readonly FactorKind[],
    at: int(row, 'at'),
    reason: openOrNull(ports, bytesOrNull(row, 'reason'), wordBind('reason', id, said)),
  };
}

/** Of a request that people were asked about: what the policy answered by itself wears nobody down. */
export function readPast(row: Row, now: Millis): Past {
  const request = {
    state: word<ApprovalRecord['state']>(row, 'state'),
    expiresAt: int(row, 'expires_at'),
    redeemBy: intOrNull(row, 'redeem_by'),
  };
  const { state, redeemBy } = request;
  const isOpen = stateAt(request, now) === 'pending';
  // A no that nobody said (nobody was reachable) is nobody's no.
  const isDenied = state === 'denied' && row['ended_by'] === null;
  const unanswered = state === 'cancelled' ? 'taken_back' : 'other';
  const outcome = isOpen ? 'open' : isDenied ? 'denied' : redeemBy === null ? unanswered : 'approved';
  const endedAt = intOrNull(row, 'decided_at') ?? intOrNull(row, 'ended_at') ?? request.expiresAt;
  return {
    actionDigest: text(row, 'action_digest'),
    askedAt: int(row, 'created_at'),
    outcome,
    endedAt: isOpen ? null : endedAt,
  };
}

/** As it is looked up: without the dash. */
function compact(short: string): string {
  return short.replace('-', '');
}

function spread(letters: string): string {
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}
