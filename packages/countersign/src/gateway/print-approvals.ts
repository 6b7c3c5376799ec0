// Requests for approval and the policy as the wire shows them. Whoever decides sees the whole action and the names of people;
// the program that asked sees its own action, and no name and no chat of anybody (E-15).
import type { ApprovalRow as WireApproval } from '@countersign/protocol/approval';
import { isoTime } from '@countersign/protocol/time';
import type { ApprovalRecord, Word } from '../core/approval/approvals-port.ts';
import type { RunEnd, RunRecord } from '../core/approval/runs-port.ts';
import type { ApprovalView } from '../core/approval/service.ts';
import { lastWord } from '../core/approval/told.ts';
import type { ProofWorth } from '../core/approval/window.ts';
import type { Caller } from '../core/authorise.ts';

/** What a reader is shown of a request: all of it, as the one who asked, or that there is one. */
type Reader = 'decider' | 'requester' | 'other';

export function readerOf(caller: Caller): Reader {
  if (caller.door === 'token') return 'requester';
  if (caller.door === 'host') return 'decider';
  return caller.door === 'device' && caller.role !== 'user' ? 'decider' : 'other';
}

/** @param grant for the program that asked, once it is approved; null otherwise. */
export function printApproval(view: ApprovalView, reader: Reader, grant: string | null = null): WireApproval {
  const { request, state, told, names, run, here, pausedUntil } = view;
  const { actionDigest, requester, agent, session, tier, policy, nonce, expiresAt, need } = request;
  const facts = { actionDigest, requester, agent, session, tier, policy, nonce, expiresAt };
  const because = request.because ?? request.endedBy;
  const hint = hintFor(view);
  const ending = ['approved', 'denied', 'redeemed', 'finished', 'lost'].includes(state)
    ? lastWord(request)
    : null;
  const isOpen = reader !== 'other';
  return {
    id: request.id,
    state,
    tier,
    reasons: isOpen ? request.reasons.map((reason) => ({ ...reason })) : [],
    ...(isOpen
      ? { commands: request.commands.map(({ text, tier: of, via }) => ({ text, tier: of, via: [...via] })) }
      : {}),
    actionDigest,
    requestDigest: request.requestDigest,
    short: request.short,
    ...(isOpen ? { action: request.action, facts } : {}),
    requester,
    agent,
    host: request.host,
    ...(here && reader === 'decider' ? { here } : {}),
    ...(need === null ? {} : { need: printNeed(need) }),
    decisions: request.words.map((word) => printWord(word, reader)),
    ...(ending === null ? {} : { decision: printWord(ending, reader) }),
    ...(request.flags.length === 0 ? {} : { flags: [...request.flags] }),
    ...(because === null ? {} : { because }),
    ...(request.endedBy === null ? {} : { endedBy: request.endedBy }),
    ...(hint === null ? {} : { hint }),
    ...(isOpen && pausedUntil !== undefined ? { pausedUntil: isoTime(pausedUntil) } : {}),
    told,
    ...(reader === 'decider' ? { names: Object.fromEntries(names) } : {}),
    ...(run === null ? {} : { run: printRun(run, reader) }),
    ...(grant === null ? {} : { grant }),
    createdAt: isoTime(request.createdAt),
    expiresAt: isoTime(expiresAt),
  };
}

function printNeed({ who, people, quorum, factors }: NonNullable<ApprovalRecord['need']>) {
  return { who, people: [...people], quorum, factors: [...factors] };
}

export function printProof({ lastsMs, until }: ProofWorth): NonNullable<WireApproval['proof']> {
  return {
    seconds: Math.floor(lastsMs / 1_000),
    ...(until === null ? {} : { until: isoTime(until) }),
  };
}

function printWord({ decision, by, surface, factors, at, reason }: Word, reader: Reader) {
  return {
    decision,
    by,
    // In which chat or on which device is no business of the program that asked.
    surface: reader === 'decider' ? surface : (surface.split(':', 1)[0] ?? surface),
    factors: [...factors],
    at: isoTime(at),
    ...(reason === null || reader === 'other' ? {} : { reason }),
  };
}

/** What it printed is shown to whoever decides, where it is kept; the program that asked has it from the run itself. */
function printRun(run: RunRecord, reader: Reader): NonNullable<WireApproval['run']> {
  const { grant, redeemedAt, startedAt, finishedAt, lostAt, failure, end } = run;
  const { exitCode, signal, changed, outputDigest, outputSize, output } = end ?? NO_END;
  return {
    grant,
    ...(redeemedAt === null ? {} : { redeemedAt: isoTime(redeemedAt) }),
    ...(startedAt === null ? {} : { startedAt: isoTime(startedAt) }),
    ...(finishedAt === null ? {} : { finishedAt: isoTime(finishedAt) }),
    // Whoever came back was not lost.
    ...(lostAt === null || finishedAt !== null ? {} : { lostAt: isoTime(lostAt) }),
    ...(failure === null || reader === 'other' ? {} : { failure }),
    ...(end === null ? {} : { exitCode, signal }),
    ...(changed === null ? {} : { changed }),
    ...(outputDigest === null ? {} : { outputDigest }),
    ...(outputSize === null ? {} : { outputSize }),
    ...(output === null || reader !== 'decider' ? {} : { output }),
  };
}

const NO_END: RunEnd = {
  exitCode: null,
  signal: null,
  changed: null,
  outputDigest: null,
  outputSize: null,
  output: null,
};

function hintFor({ request, state, told, run }: ApprovalView): string | null {
  if (state === 'pending' && told !== 'queued' && told !== 'delivered') {
    return `nobody was told of it in a chat: it is decided on the page, or by countersign approvals approve ${request.id}`;
  }
  if (state === 'lost' && run !== null && run.startedAt !== null)
    return 'it started; how it ended is not known: its machine was not heard of since. Look there before you ask again';
  if (state === 'lost')
    return 'it may not have run: its machine took the grant, and never said that it started. Look there before you ask again';
  if (state === 'superseded') return 'the policy, or the people who were asked, changed: ask again';
  return state === 'denied' ? hintOf(request.because ?? request.endedBy) : null;
}

const HINTS: Readonly<Record<string, string>> = {
  security_deny: 'the policy lets nothing run for this agent: countersign policy show',
  not_on_list: 'it is on no list, and the policy asks nobody: countersign policy set defaults.ask on-miss',
  requester_not_active: 'whoever it was asked for is blocked or suspended: countersign people list',
  no_approver:
    'nobody may decide this: countersign claim, where nobody owns the gateway yet; otherwise countersign people role <person> approver',
  only_the_requester:
    'only whoever asks, or may be the one, could decide it. Another approver; --session, so that it says for whom; or: countersign policy set selfApproval owner',
  no_factor: 'this needs a proof, and nobody has one: countersign factors enroll totp',
  quorum_unreachable: 'fewer people may decide this than have to: countersign policy show',
  no_approver_reachable: 'no chat could be told: countersign channels status --probe',
};

/** What would help where the policy said no, or nobody could. */
export function hintOf(because: string | null): string | null {
  return because !== null && Object.hasOwn(HINTS, because) ? (HINTS[because] ?? null) : null;
}
