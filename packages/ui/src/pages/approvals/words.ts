// A request in words: pure. What the gateway says by a word of its own becomes a sentence where there is one.
import { type Shown, shown } from '@countersign/protocol/action-display';
import type { ApprovalRow, DeniedAll } from '@countersign/protocol/approval';
import { visible } from '@countersign/protocol/display';
import type { Tier } from '@countersign/protocol/tier';
import { clockTime, span } from '../../shared/time.ts';
import type { Text } from '../../text/say.ts';

type Says = Text['approvals'];
type Paused = NonNullable<DeniedAll['paused']>[number];

export const TIER_COLOR = {
  read: 'gray',
  write: 'sage',
  elevated: 'orange',
  destructive: 'red',
} as const satisfies Record<Tier, string>;

/** Of reasons of an end: what follows is what was another one. */
const CHANGED = 'changed_';

/** Longest command that a line of the list shows: whole or not at all (R37). */
const MOST_IN_LIST = 280;

/** The label of the machine among the facts of an action. */
const HOST = 'on';

export interface Told {
  /** Null where it may not be read, or cannot be. */
  readonly shown: Shown | null;
  /** All of it, for a line of the list; null: too long for one. */
  readonly line: string | null;
}

export function toldOf({ action, here }: Pick<ApprovalRow, 'action' | 'here'>): Told {
  if (action === undefined) return { shown: null, line: null };
  const all = shown(action);
  const whole = here === true ? withHostBehind(all) : all;
  const line = whole.body.join('\n');
  return { shown: whole, line: line.length <= MOST_IN_LIST && whole.body.length <= 4 ? line : null };
}

/** An id that nobody knows by heart says less than what it is the id of, which stands there in words. */
function withHostBehind({ facts, details, ...rest }: Shown): Shown {
  const on = facts.filter(({ label }) => label === HOST);
  return { ...rest, facts: facts.filter(({ label }) => label !== HOST), details: [...details, ...on] };
}

const HASH = 'SHA-256 of ';

/** The label of a fact in the words of the page. The value stands as it is everywhere. */
export function labelOf(label: string, says: Pick<Says, 'labels' | 'hashOf'>): string {
  const labels: Readonly<Record<string, string>> = says.labels;
  if (Object.hasOwn(labels, label)) return labels[label] ?? label;
  return label.startsWith(HASH) ? says.hashOf(label.slice(HASH.length)) : label;
}

type Ended = Pick<ApprovalRow, 'because' | 'endedBy'> &
  Partial<Pick<ApprovalRow, 'state' | 'decisions'>> & {
    readonly need?: { readonly quorum: number } | undefined;
  };

/** What of it was another one when it was to run, so that whoever asked took it back; null where that is not why. */
function changedOf({ endedBy, state }: Ended): string | null {
  return state === 'cancelled' && endedBy?.startsWith(CHANGED) === true
    ? endedBy.slice(CHANGED.length)
    : null;
}

/** Whoever asks says what changed, and could say it of anything: whether somebody had said yes is read from the words. */
function hadYes({ decisions = [], need }: Ended): boolean {
  return decisions.filter(({ decision }) => decision === 'approve').length >= (need?.quorum ?? 1);
}

/** Why it was allowed or refused without anybody's word, and what ended it: where both are known, both are said. */
export function becauseOf(row: Ended, says: Says): string | null {
  const { because, endedBy } = row;
  const changed = changedOf(row);
  const first = because === undefined || because === endedBy ? [] : [wordsFor(because, says)];
  if (changed === null) {
    const all = [...first, ...(endedBy === undefined ? [] : [wordsFor(endedBy, says)])];
    return all.length === 0 ? null : all.join(' ');
  }
  const things: Readonly<Record<string, string>> = says.changed.what;
  const what = Object.hasOwn(things, changed) ? (things[changed] ?? changed) : says.changed.other;
  return [...first, (hadYes(row) ? says.changed.approved : says.changed.notRun)(what)].join(' ');
}

function wordsFor(why: string, says: Says): string {
  const words: Readonly<Record<string, string>> = { ...says.unasked, ...says.because };
  return Object.hasOwn(words, why) ? (words[why] ?? why) : why;
}

export function flagsOf({ flags = [] }: Pick<ApprovalRow, 'flags'>, says: Says): string[] {
  const words: Readonly<Record<string, string>> = says.flags;
  return flags.map((flag) => (Object.hasOwn(words, flag) ? (words[flag] ?? flag) : flag));
}

export interface Outcome {
  readonly text: string;
  /** `open`: nothing has come of it yet. */
  readonly tone: 'open' | 'good' | 'bad';
}

/** What came of a yes, in a sentence; null where there was none, or it was not used. */
export function outcomeOf({ state, run }: Pick<ApprovalRow, 'state' | 'run'>, says: Says): Outcome | null {
  const { run: words } = says;
  switch (state) {
    case 'approved':
      return { text: words.waits, tone: 'open' };
    case 'redeemed':
      return { text: run?.startedAt === undefined ? words.starting : words.running, tone: 'open' };
    case 'lost':
      return { text: run?.startedAt === undefined ? words.lost : words.startedLost, tone: 'bad' };
    case 'finished':
      return endOf(run ?? {}, words);
    default:
      return null;
  }
}

type Ran = Partial<NonNullable<ApprovalRow['run']>>;

function endOf({ failure, signal, exitCode, changed }: Ran, words: Says['run']): Outcome {
  if (failure !== undefined) return { text: words.failed, tone: 'bad' };
  if (changed !== undefined) return { text: words.changed[changed], tone: 'bad' };
  if (typeof signal === 'string') return { text: words.signal, tone: 'bad' };
  if (typeof exitCode !== 'number') return { text: words.ended, tone: 'open' };
  return exitCode === 0 ? { text: words.well, tone: 'good' } : { text: words.code, tone: 'bad' };
}

/** Its state as a few words, for a line of the list. */
export function stateOf(row: Pick<ApprovalRow, 'state' | 'run'> & Ended, says: Says): string {
  const { state, run, endedBy } = row;
  const { short } = says.run;
  if (changedOf(row) !== null) return hadYes(row) ? short.changed : short.notRun;
  if (state === 'expired' && endedBy === 'unused') return short.unused;
  if (state === 'redeemed' && run?.startedAt === undefined) return short.starting;
  if (state === 'lost') return run?.startedAt === undefined ? short.lost : short.startedLost;
  if (state !== 'finished') return says.states[state];
  if (run?.failure !== undefined) return short.failed;
  if (run?.changed !== undefined) return short.notAsApproved;
  if (typeof run?.signal === 'string') return short.signal(run.signal);
  return typeof run?.exitCode === 'number' ? short.code(run.exitCode) : says.states.finished;
}

/** A word was said there, and proven so: `device:dev_…` is a page. */
export function saidHow({ surface, factors }: ApprovalRow['decisions'][number], says: Says): string {
  const where = surface.split(':', 1)[0] ?? '';
  const at =
    where === 'host'
      ? says.surfaces.host
      : where === 'device' || where === 'page'
        ? says.surfaces.page
        : says.surfaces.chat;
  return factors.length === 0 ? at : `${at}, ${says.provenBy(kindsOf(factors, says))}`;
}

/** "a code of an app or a passkey". */
export function kindsOf(factors: NonNullable<ApprovalRow['need']>['factors'], says: Says): string {
  const words = factors.map((kind) => says.factors[kind]);
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${says.decide.or} ${last}`;
}

/** What a yes needs, said before it is pressed: no proof is promised that is not asked for. Null: it needs none. */
export function proofNotice({ need, proof }: Pick<ApprovalRow, 'need' | 'proof'>, says: Says): string | null {
  const factors = need?.factors ?? [];
  if (factors.length === 0) return null;
  const { proven, needsProof } = says.decide;
  const first =
    proof?.until === undefined
      ? needsProof(kindsOf(factors, says))
      : proven(clockTime(Date.parse(proof.until)));
  return [first, ...coverOf(proof, says)].join(' ');
}

/** Where it is asked for: what it is spent on, and what it covers beside that. */
export function proofText({ short, proof }: Pick<ApprovalRow, 'short' | 'proof'>, says: Says): string {
  const covers = coverOf(proof, says);
  const { proofText: alone, spent } = says.decide;
  // A gateway that does not say how long it counts: then nothing is said of anything else, either.
  if (proof === undefined) return spent(short);
  return covers.length === 0 ? alone(short) : [spent(short), ...covers].join(' ');
}

function coverOf(proof: ApprovalRow['proof'], says: Says): string[] {
  return proof === undefined || proof.seconds === 0 ? [] : [says.decide.covers(span(proof.seconds))];
}

/** Of a denial that was one of several in a row: whoever asked may not for a while (H57). */
export function pausesOf(
  { agent, facts, pausedUntil: until }: Pick<ApprovalRow, 'agent' | 'facts' | 'pausedUntil'>,
  says: Says,
): string[] {
  return until === undefined ? [] : [pauseText({ agent, session: facts?.session ?? null, until }, says)];
}

export function pauseText({ agent, session, until }: Paused, says: Says): string {
  const words = session === null ? says.paused : says.pausedThere;
  return words(visible(agent), clockTime(Date.parse(until)));
}

/** Names of those who decide it, quoted by whoever shows them. */
export function nameIn({ names = {} }: Pick<ApprovalRow, 'names'>, id: string): string {
  return Object.hasOwn(names, id) ? (names[id] ?? id) : id;
}

/** Elevated and destructive are asked about twice: the second time with the letters to compare. */
export function isGrave(tier: Tier): boolean {
  return tier === 'elevated' || tier === 'destructive';
}
