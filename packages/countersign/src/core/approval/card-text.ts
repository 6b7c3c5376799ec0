// What a card, the chat of whoever asked, and a card that is over say of a request. The action is whole and in the words of
// every surface (approval 5.1); of the agent's own words there is none (E-19), and the requester reads no command (E-15).
import { quotedName } from '@countersign/protocol/display';
import { isAtLeast } from '@countersign/protocol/tier';
import { isoTime } from '@countersign/protocol/time';
import { cardParts } from '../card-parts.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { ApprovalChat } from './chats.ts';
import { innerOf, shown, shownCommand, shownText } from './display.ts';
import { isDrawn } from './drawn.ts';
import { exact } from './exact.ts';
import type { EndOf } from './service.ts';
import { ASKER_GONE, CHANGED } from './told.ts';

/** What this person may say in this chat. `proof`: a yes needs a code, typed here; `elsewhere`: it needs a proof that a chat
 * does not take; `unable`: they have none that would count; `low`: nobody but a phone network says who writes here; `page`: it cannot be shown here whole. */
export type May = 'yes' | 'proof' | 'elsewhere' | 'unable' | 'low' | 'page';

export interface CardWords {
  /** By name; null where nobody is known. */
  readonly requester: string | null;
  /** It would run on the gateway's own machine. */
  readonly here: boolean;
  /** What its owner calls the machine; null for one that is not paired. */
  readonly machine: string | null;
  /** The address of the pages; null where they are on the gateway's own machine only. */
  readonly page: string | null;
  readonly may: May;
}

const FLAGS: Readonly<Record<string, string>> = {
  denied_before: 'Careful: the same was asked before and denied.',
  burst: 'Careful: many requests came in a short time.',
};

/** Typed, and compared with what stands where the command waits; there is no button for it. */
export function needsTyping({ tier }: Pick<ApprovalRecord, 'tier'>): boolean {
  return isAtLeast(tier, 'elevated');
}

/** The whole of it for one chat: as it is, or where that chat cannot show it so, where to look. */
export function cardFor(
  request: ApprovalRecord,
  words: CardWords,
  { maxText, draws }: Pick<ApprovalChat, 'maxText' | 'draws'>,
): { readonly text: string; readonly may: May } {
  const body = shownWhole(request);
  const may = words.may === 'yes' || words.may === 'proof' ? 'page' : words.may;
  // Of many at once no card was sent: what nobody was shown is not approved by its name.
  const here = request.quietly ? may : words.may;
  const text = cardText(request, { ...words, may: here }, body);
  const isOther = draws && isDrawn(body.join('\n'));
  if (!isOther && cardParts(text, maxText) !== null) return { text, may: here };
  return { text: cardText(request, { ...words, may }, isOther ? WOULD_BE_DRAWN : TOO_LONG), may };
}

const TOO_LONG = [
  'It is too long to be shown in this chat, so a yes is said on the page.',
  'Nothing of it stands here.',
] as const;

const WOULD_BE_DRAWN = [
  'This chat would draw some of its signs as bold or slanted and leave them out, so a yes is said on the page.',
  'Nothing of it stands here.',
] as const;

function shownWhole({ action, commands }: ApprovalRecord): readonly string[] {
  const { warnings: _, ...rest } = shown(action);
  return [shownText({ ...rest, warnings: [] }, innerOf(commands).map(shownCommand))];
}

function cardText(request: ApprovalRecord, words: CardWords, body: readonly string[]): string {
  const { short, tier, reasons, agent, flags, need } = request;
  const { warnings } = shown(request.action);
  const why = [...new Set(reasons.map(({ why: sentence }) => exact(sentence)))];
  const asker = words.requester === null ? 'nobody known' : quotedName(words.requester);
  return [
    ...(warnings.length > 0 ? [`careful: ${warnings.join(', ')}`] : []),
    `Approval ${short}, ${tier}`,
    ...body,
    ...why.map((sentence) => `why: ${sentence}`),
    `agent: ${exact(agent)}`,
    ...(words.here ? ["machine: the gateway's own"] : []),
    ...(words.machine === null ? [] : [`machine: ${quotedName(words.machine)}`]),
    `asked for: ${asker}`,
    ...flags.flatMap((flag) => FLAGS[flag] ?? []),
    ...(need !== null && need.quorum > 1 ? [`It takes ${need.quorum} people to say yes.`] : []),
    '',
    ...forms(request, words),
  ].join('\n');
}

function forms(request: ApprovalRecord, { may, page }: CardWords): string[] {
  const { id, short, expiresAt } = request;
  const until = `Silence is a no, at ${isoTime(expiresAt).slice(11, 16)} UTC.`;
  const no = `No: /deny ${short}`;
  const link = page === null ? '' : `${page}/#/approvals?open=${id}`;
  const elsewhere = `${link === '' ? '' : `${link} · `}countersign approvals show ${id}`;
  switch (may) {
    case 'yes':
      return needsTyping(request)
        ? [`Compare ${short} with what stands where it waits. Yes, typed: /approve ${short}`, no, until]
        : [`Yes: /approve ${short}`, no, until];
    case 'proof':
      return [`Yes, with a code of your app: /approve ${short} <code>`, no, until];
    case 'elsewhere':
      return [`A yes needs your passkey: ${elsewhere}`, no, until];
    case 'unable':
      return ['A yes needs a factor that you have not enrolled: you may deny it.', no, until];
    case 'low':
      return [
        `Nobody but this chat itself says who writes here: it takes a no. Yes: ${elsewhere}`,
        no,
        until,
      ];
    case 'page':
      return [elsewhere, no, until];
    default:
      return may satisfies never;
  }
}

/** To whoever it is asked for: that it waits, never what it is. */
export function waitingText({ short, tier }: ApprovalRecord): string {
  return `${short} waits for somebody to approve it (${tier}). You will read here how it ends.`;
}

/** To the same, at its end. */
export function requesterText(request: ApprovalRecord, end: EndOf): string {
  return `${request.short}: ${lower(outcomeText(request, end))}`;
}

/** What of it can be another one by the time it would run: protocol/approval.ts, `CHANGEABLE`. */
const CHANGES: Readonly<Record<string, string>> = {
  argv: 'the words',
  program: 'the program',
  script: 'a script',
  cwd: 'the folder',
  env: 'the environment',
  stdin: 'the input',
  host: 'the machine',
  agent: 'the agent',
  session: 'the session',
  policy: 'the policy',
};

/** On every card about it. */
export function outcomeText(
  { endedBy }: ApprovalRecord,
  { state, by, reason, started, changed }: EndOf,
): string {
  const who = by === null ? '' : ` by ${quotedName(by)}`;
  const why = reason === null || by === null ? '' : ` Reason: "${exact(reason)}"`;
  switch (state) {
    case 'approved':
      return `Approved${who}.${why}`;
    case 'denied':
      return by === null ? 'Denied: nobody who decides could be reached.' : `Denied${who}.${why}`;
    case 'cancelled':
      if (endedBy === ASKER_GONE)
        return 'Taken back: the program that asked is gone, and nobody waits for it.';
      return endedBy?.startsWith(CHANGED) === true
        ? `Not run: ${CHANGES[endedBy.slice(CHANGED.length)] ?? 'it'} changed since it was asked.`
        : endedBy === ASKER_GONE
          ? 'Not asked any more: the program that asked is gone, and nobody waits for it.'
          : 'Taken back by the program that asked.';
    case 'expired':
      return endedBy === 'unused'
        ? 'Expired: approved, and not used in time.'
        : 'Expired: nobody answered in time.';
    case 'superseded':
      return 'Not asked any more: the policy, or the people who were asked, changed. It has to be asked again.';
    case 'finished':
      return changed === undefined
        ? `Over: ${state}.`
        : `Careful: ${CHANGES[changed]} that ran is not what was approved. Its machine ended it, and it may have done something by then.`;
    case 'lost':
      return started === true
        ? 'It started, and how it ended is not known: its machine was not heard of since. It is not tried again.'
        : 'It may not have run: its machine took the yes, and never said that it started. It is not tried again.';
    default:
      return `Over: ${state}.`;
  }
}

function lower(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}
