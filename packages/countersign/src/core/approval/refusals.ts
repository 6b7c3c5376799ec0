// Words and requests that did not count: why, said once to whoever came with them, and written down. Repeated ones are counted:
// nobody fills the audit by pressing.
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Millis } from '../ports.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { Conduct } from './conduct.ts';
import type { DeciderReason } from './may-decide.ts';
import type { Ask } from './service.ts';
import { approvalEvent } from './told.ts';

export async function wordRefused(
  denials: Pick<Denials, 'record'>,
  request: ApprovalRecord,
  reason: DeciderReason,
  actor: Actor,
  now: Millis,
): Promise<Problem> {
  const draft = approvalEvent('approval.refused', request, actor, now, { outcome: 'denied', reason });
  await denials.record(`approval.refused:${request.id}:${reason}`, draft);
  return new Problem('auth_forbidden', { detail: REFUSALS[reason], members: { reason } });
}

/** Paused, or too many wait already. */
export async function notNow(
  denials: Pick<Denials, 'record'>,
  { agent, session, token }: Ask,
  conduct: Extract<Conduct, { outcome: 'deny' }>,
  now: Millis,
): Promise<Problem> {
  const { reason } = conduct;
  const subject = {
    agent,
    ...(session === null ? {} : { session: session.session, principal: session.principal }),
  };
  await denials.record(`approval.refused:${agent}:${reason}`, {
    type: 'approval.refused',
    at: now,
    actor: { kind: 'token', id: token },
    subject,
    outcome: 'denied',
    reason,
  });
  if (conduct.reason === 'too_many_open')
    return new Problem('rate_limited', {
      detail: 'too many requests of this session wait already',
      hint: 'wait for them to be decided, or cancel one',
      members: { reason },
    });
  const isDenied = conduct.reason === 'paused';
  return new Problem('rate_limited', {
    detail: isDenied
      ? 'the last requests were denied: this session asks nothing for a while'
      : 'too many requests of this session were taken back: it asks nothing for a while',
    hint: isDenied
      ? 'ask the person what they want instead'
      : 'ask for what is really to run, and wait for the answer',
    members: { reason, retryAfter: Math.ceil((conduct.until - now) / 1_000) },
  });
}

const REFUSALS: Readonly<Record<DeciderReason, string>> = {
  not_a_person: 'only a person decides: no token, no agent, and no shell without a name',
  connection_unknown: 'it is not known on which line this came, or the request did',
  agent_connection: 'this came on the line that the request came on',
  requester: 'whoever it is asked for does not decide it',
  may_have_asked:
    'it does not say for whom it is asked, and you speak with that agent: somebody else decides it',
  not_asked: 'this one is not yours to decide',
  assurance_low: 'a phone network’s or a browser key’s word alone never says yes; it may say no',
  factor_not_enrolled: 'it needs a proof that you have not enrolled; you may say no',
  factor_same_surface: 'with a passkey enrolled, a code in this chat does not release it: open the page',
  said_yes_already: 'you have said yes already: others are still asked',
};
