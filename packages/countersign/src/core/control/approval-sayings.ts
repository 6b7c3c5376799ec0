// A person's word on a request, said in their chat. Whose word counts is decided where it is stored (may-decide.ts); here it
// is made sure that it was said in a direct chat, by somebody acting there as what was asked for, about what could be seen.
import { shortBeginning } from '@countersign/protocol/action-digest';
import type { ApprovalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { ApprovalRecord } from '../approval/approvals-port.ts';
import { factorsOf } from '../approval/candidates.ts';
import { needsTyping } from '../approval/card-text.ts';
import { shown } from '../approval/display.ts';
import { exact } from '../approval/exact.ts';
import { YES_LETTERS } from '../approval/find.ts';
import type { Decider } from '../approval/may-decide.ts';
import type { Pause } from '../approval/pause.ts';
import type { ApprovalView, Given } from '../approval/service.ts';
import type { Verb } from '../authorise.ts';
import type { Card } from '../card-port.ts';
import { peerKey, samePeer } from '../identity/peer.ts';
import { holdsRole } from '../identity/standing.ts';
import type { Millis } from '../ports.ts';
import { APPROVAL_FORMS, type ApprovalCommand } from './approval-words.ts';
import type { Said } from './sayings.ts';
import { ago, type ControlPorts, type Speaker } from './speaker.ts';
import { givenIn, hasCode } from './typed-code.ts';

const MAX_ROWS = 10;
const TYPE_MORE = `type /approve and at least ${YES_LETTERS} of the ten letters that stand where it waits`;
const MAX_REASON = 1_000;
const NO_REASON = 'The reason was left out: it held what looks like a code, which counts no more.';

type Allow = (speaker: Speaker, verb: Verb) => Promise<void>;

export class ApprovalSayings {
  readonly #ports: ControlPorts;
  readonly #allow: Allow;

  constructor(ports: ControlPorts, allow: Allow) {
    this.#ports = ports;
    this.#allow = allow;
  }

  /** @throws Problem that says why not. */
  async say(command: ApprovalCommand, speaker: Speaker): Promise<Said> {
    switch (command.say) {
      case 'approvals':
        return this.#list(speaker);
      case 'approval':
        return this.#show(command.what, speaker);
      case 'yes':
        return this.#yes(command, speaker);
      case 'no':
        return this.#no(command, speaker);
      case 'no_to_all':
        return this.#noToAll(command.reason, speaker);
      default:
        return command satisfies never;
    }
  }

  /** A button of a card. What has ended meanwhile says how (E-07). */
  async press(
    id: ApprovalId,
    { verb, card }: { readonly verb: 'approve' | 'deny'; readonly card: Card },
    speaker: Speaker,
  ): Promise<Said> {
    inDirect(speaker);
    await this.#allow(speaker, verb === 'approve' ? 'approvals.approve' : 'approvals.deny');
    const { request, state } = await this.#ports.approvals.get(id);
    if (verb === 'deny') return this.#decide(request, speaker, { decision: 'deny', reason: null });
    // There is no such button on a card like that.
    if (state === 'pending' && needsTyping(request)) throw typeIt(request);
    // Pressed before we knew that it arrived: nobody reads so fast (R50).
    const deliveredAt = card.deliveredAt ?? speaker.now;
    return this.#decide(request, speaker, { decision: 'approve', reason: null }, { deliveredAt });
  }

  async #list(speaker: Speaker): Promise<Said> {
    inDirect(speaker);
    await this.#allow(speaker, 'approvals.list');
    const open = (await this.#ports.approvals.list({ show: 'open', limit: 200 })).filter(
      ({ request, state }) => state === 'pending' && isAsked(request, speaker),
    );
    if (open.length === 0) return { text: 'Nothing waits for you.' };
    const rows = open.slice(0, MAX_ROWS).map(({ request }) => line(request, speaker.now));
    const more =
      open.length > MAX_ROWS ? [`… and ${open.length - MAX_ROWS} more: countersign approvals list`] : [];
    const forms = [APPROVAL_FORMS.show, APPROVAL_FORMS.no, APPROVAL_FORMS.noToAll].join(' · ');
    return { text: [...rows, ...more, '', forms].join('\n') };
  }

  async #show(what: string, speaker: Speaker): Promise<Said> {
    inDirect(speaker);
    await this.#allow(speaker, 'approvals.show');
    const view = await this.#find(what);
    const { request } = view;
    const card = await this.#ports.approvalCards.again(request, speaker.inbound.peer);
    if (card === null) throw notYours();
    const over = view.state === 'pending' ? '' : `\n\nIt is ${view.state} already.`;
    return { text: `${card.text}${over}`, about: request.id };
  }

  async #yes({ what, code }: Extract<ApprovalCommand, { say: 'yes' }>, speaker: Speaker): Promise<Said> {
    inDirect(speaker);
    await this.#allow(speaker, 'approvals.approve');
    const { request, state } = await this.#find(what, 'yes');
    const given = code === null ? null : givenIn(code, speaker);
    if (state !== 'pending') return this.#approve(request, speaker, null);
    if (code === null) {
      if (needsTyping(request) && !namesDigest(what, request)) throw typeIt(request);
      return this.#approve(request, speaker, null);
    }
    if (given === null) throw notACode(request);
    if (!(await this.#hasFactor(speaker))) throw noFactor(request);
    // It stands there to be read, so it is spent whether or not one was asked for; and it shows as well as the digest instead of
    // the id that nobody's thumb slipped.
    return this.#approve(request, speaker, { ...given, always: true });
  }

  async #approve(request: ApprovalRecord, speaker: Speaker, given: Given | null): Promise<Said> {
    const cards = await this.#ports.store.cards.about(request.id);
    const card = cards.find(({ peer }) => samePeer(peer, speaker.inbound.peer));
    const said = { decision: 'approve', reason: null } as const;
    return this.#decide(request, speaker, said, { deliveredAt: card?.deliveredAt ?? null, given });
  }

  async #hasFactor({ caller }: Speaker): Promise<boolean> {
    return (await factorsOf(this.#ports.store, caller.principal)).length > 0;
  }

  async #no({ what, reason }: Extract<ApprovalCommand, { say: 'no' }>, speaker: Speaker): Promise<Said> {
    inDirect(speaker);
    await this.#allow(speaker, 'approvals.deny');
    const { request } = await this.#find(what);
    const said = await this.#decide(request, speaker, { decision: 'deny', reason: reasonOf(reason) });
    return reason !== null && hasCode(reason) ? { ...said, text: `${said.text} ${NO_REASON}` } : said;
  }

  async #noToAll(reason: string | null, speaker: Speaker): Promise<Said> {
    inDirect(speaker);
    await this.#allow(speaker, 'approvals.deny');
    const decider = await this.#decider(speaker);
    const { approvals } = this.#ports;
    const { denied, paused } = await approvals.denyAll(decider, reasonOf(reason), speaker.actor);
    if (denied === 0) return { text: 'Nothing waits that you may deny.' };
    return { text: [`Denied: ${denied}.`, ...paused.map(pausedText)].join(' ') };
  }

  async #decide(
    request: ApprovalRecord,
    speaker: Speaker,
    said: { readonly decision: 'approve' | 'deny'; readonly reason: string | null },
    {
      deliveredAt = null,
      given = null,
    }: { readonly deliveredAt?: Millis | null; readonly given?: Given | null } = {},
  ): Promise<Said> {
    const { approvals } = this.#ports;
    const decider = { ...(await this.#decider(speaker)), deliveredAt };
    if (said.decision === 'approve' && request.state === 'pending') await this.#mayHere(request, speaker);
    const view = await approvals.decide(request.id, decider, said, speaker.actor, given);
    return { text: doneText(view, said.decision), about: request.id };
  }

  /** Whether a yes of theirs counts in this very chat: not in one capped below what was asked for, nor in the one that the
   * request came from, nor where it was not shown, or could not be shown whole. */
  async #mayHere(request: ApprovalRecord, { caller, inbound }: Speaker): Promise<void> {
    if (request.expiresAt <= this.#ports.clock.now()) return;
    const { need, requesterPeer } = request;
    if (peerKey(inbound.peer) === requesterPeer) throw notYours();
    if (need?.who === 'owners' && !holdsRole(caller.role, 'owner')) throw notYours();
    const card = await this.#ports.approvalCards.again(request, inbound.peer);
    if (card?.may !== 'page') return;
    const [detail, reason] = request.quietly
      ? ['of so many at once no card was sent, so a yes to it is not said here', 'not_shown']
      : ['it cannot be shown in this chat as it is, so a yes is not said here', 'not_shown_whole'];
    const hint = `the page, or: countersign approvals show ${request.id}`;
    throw new Problem('auth_forbidden', { detail, hint, members: { reason } });
  }

  async #decider({ caller, inbound }: Speaker): Promise<Omit<Decider, 'deliveredAt'>> {
    return {
      principal: caller.principal,
      connection: `chat:${peerKey(inbound.peer)}`,
      surface: 'chat',
      assurance: caller.assurance,
      factor: null,
      provenUntil: null,
      enrolled: await factorsOf(this.#ports.store, caller.principal),
      again: false,
    };
  }

  async #find(what: string, for_?: 'yes'): Promise<ApprovalView> {
    try {
      return await this.#ports.approvals.find(what, for_);
    } catch (cause) {
      if (cause instanceof Problem && cause.members['reason'] === 'too_short')
        throw new Problem('ambiguous', {
          detail: 'a yes names its request: nothing was decided',
          hint: TYPE_MORE,
          members: { reason: 'too_short' },
        });
      if (Problem.codeOf(cause) === 'ambiguous')
        throw new Problem('ambiguous', {
          detail: 'that beginning fits more than one request',
          hint: 'type more of it; /approvals lists them',
        });
      if (Problem.codeOf(cause) !== 'not_found') throw cause;
      throw new Problem('not_found', {
        detail: 'no request has that name',
        hint: '/approvals lists what waits. For people who ask to talk it is /pairing approve <code>',
      });
    }
  }
}

/** What is said in a group is read by its members, and decides nothing. */
export function inDirect({ inbound }: Speaker): void {
  if (inbound.conversation.kind === 'direct') return;
  throw new Problem('auth_forbidden', {
    detail: 'nothing is decided in a group: say it here, in our own chat',
    hint: '',
    members: { reason: 'not_direct' },
  });
}

function isAsked({ need }: ApprovalRecord, { caller }: Speaker): boolean {
  return need?.people.includes(caller.principal) === true;
}

/** The digest, not the id: it is what stands where the command waits. */
function namesDigest(what: string, { short }: ApprovalRecord): boolean {
  const letters = shortBeginning(what.trim());
  return letters !== null && letters.length >= YES_LETTERS && short.replace('-', '').startsWith(letters);
}

function typeIt({ tier }: ApprovalRecord): Problem {
  return new Problem('auth_forbidden', {
    detail: `what is ${tier} is approved by its short digest: nothing was decided`,
    hint: TYPE_MORE,
    members: { reason: 'digest_required' },
  });
}

function noFactor({ short, need }: ApprovalRecord): Problem {
  const isNeeded = (need?.factors ?? []).length > 0;
  return new Problem(isNeeded ? 'auth_factor_required' : 'auth_forbidden', {
    detail: 'you have enrolled no factor, so no code of yours proves anything: nothing was decided',
    hint: isNeeded ? `It can be denied: /deny ${short}` : `This one needs none: /approve ${short}`,
  });
}

function notACode({ short }: ApprovalRecord): Problem {
  return new Problem('challenge_failed', {
    detail: 'what stands behind it is no code: nothing was decided',
    hint: `/approve ${short} and the six digits of your app, or a recovery code`,
  });
}

function notYours(): Problem {
  return new Problem('auth_forbidden', {
    detail: 'that one is not yours to decide in this chat',
    hint: '',
    members: { reason: 'not_asked' },
  });
}

/** The agent's program reads the reason: what looks like a code does not go there (R64). */
function reasonOf(reason: string | null): string | null {
  return reason === null || hasCode(reason) ? null : reason.slice(0, MAX_REASON).toWellFormed();
}

function doneText({ request, state, pausedUntil }: ApprovalView, decision: 'approve' | 'deny'): string {
  if (decision === 'deny') {
    const denied = `Denied: ${request.short}.`;
    return pausedUntil === undefined ? denied : `${denied} ${pausedText({ ...request, until: pausedUntil })}`;
  }
  if (state !== 'pending') return `Approved: ${request.short}.`;
  const said = request.words.filter((word) => word.decision === 'approve').length;
  return `Your yes to ${request.short} is noted: ${said} of ${request.need?.quorum ?? 1}.`;
}

/** H57: not every no does that, and whoever said it wonders why nothing is asked any more. */
function pausedText({ agent, session, until }: Pause): string {
  const where = session === null ? '' : 'in that session ';
  return `${exact(agent)} was told no too often in a row: ${where}it asks nothing until ${isoTime(until).slice(11, 16)} UTC.`;
}

function line(request: ApprovalRecord, now: Millis): string {
  const { short, tier, agent, action, createdAt, expiresAt } = request;
  const left = Math.max(0, Math.ceil((expiresAt - now) / 60_000));
  return `${short}  ${tier}, ${exact(agent)} would ${shown(action).title}, ${ago(createdAt, now)}, ${left} min left`;
}
