// Whether a receipt tells one story. A key that signs whatever a changed database says would be worth nothing: each thing that
// stands in it twice has to be the same both times, and each word and step has to have its event, in order, on its chain.
import { needDigest } from './action-digest.ts';
import { signedBytes } from './canonical.ts';
import type { Receipt } from './receipt.ts';
import { stateFault } from './receipt-state.ts';

type Look = () => Promise<string | null>;
type Event = Receipt['events'][number]['body'];

export function storyFaults(receipt: Receipt): readonly (readonly [string, Look])[] {
  return [
    ['every event is what its hash says, in its place before the head', () => chainFault(receipt)],
    ['every event is about this request', async () => aboutFault(receipt)],
    ['where it ran elevated, an owner had proven it', async () => elevationFault(receipt)],
    ['every word has its event, and every event its word', async () => wordsFault(receipt)],
    ['who had to be asked is what was written down then', () => needFault(receipt)],
    ['it ran once at most, after the yes, and ended as it says', async () => runFault(receipt)],
    ['it is where its events end', async () => stateFault(receipt)],
  ];
}

async function chainFault({ events, heads }: Receipt): Promise<string | null> {
  const last = new Map<string, { readonly seq: number; readonly hash: string }>();
  for (const { body, hash } of events) {
    const head = heads.find(({ writer }) => writer === body.writer);
    if (head === undefined) return `nothing says how far ${body.writer} had come`;
    const bytes = await globalThis.crypto.subtle.digest('SHA-256', signedBytes('countersign.audit.v1', body));
    if (base64url(bytes) !== hash) return `event ${body.seq} of ${body.writer} was changed`;
    const before = last.get(body.writer);
    if (before !== undefined && body.seq <= before.seq) return `event ${body.seq} is not in its place`;
    if (before !== undefined && body.seq === before.seq + 1 && body.prev !== before.hash)
      return `event ${body.seq} does not follow the one before it`;
    if (body.seq > head.seq) return `event ${body.seq} stands behind the head of its chain`;
    if (body.seq === head.seq && hash !== head.hash) return 'the head is that of another chain';
    last.set(body.writer, { seq: body.seq, hash });
  }
  return heads.every(({ writer }) => last.has(writer)) ? null : 'a head has nothing to do with it';
}

function base64url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** What every event of a request says of it. */
function aboutFault({ events, request }: Receipt): string | null {
  for (const { body } of events) {
    const { subject, type } = body;
    if (type === 'elevation.begun') continue;
    if (subject['approval'] !== request.id) return `${type} is about something else`;
    // A try that was refused names what it was about, and nothing more of it.
    if (!type.startsWith('approval.') || subject['actionDigest'] === undefined) continue;
    const same =
      subject['actionDigest'] === request.actionDigest &&
      subject['requestDigest'] === request.requestDigest &&
      subject['agent'] === request.agent &&
      subject['host'] === request.host &&
      subject['tier'] === request.tier &&
      subject['policy'] === request.facts.policy &&
      (subject['principal'] ?? null) === request.requester &&
      (subject['session'] ?? null) === request.facts.session;
    if (!same) return `${type} says something else of it`;
  }
  return null;
}

/** The event of the elevation is the only one that is not about the request itself. */
function elevationFault({ events, request, elevation }: Receipt): string | null {
  const [begun, another] = events.map(({ body }) => body).filter(({ type }) => type === 'elevation.begun');
  const named = events.find(({ body }) => body.type === 'approval.allowed')?.body.subject['elevation'];
  const isElevated = request.because === 'elevated';
  if (elevation === undefined)
    return isElevated || begun !== undefined || named !== undefined ? 'nobody says who elevated it' : null;
  if (!isElevated || begun === undefined || another !== undefined || named !== elevation.id)
    return 'it did not run by that elevation';
  const { subject, at } = begun;
  const { factors } = subject;
  const same =
    subject['elevation'] === elevation.id &&
    subject['principal'] === elevation.by &&
    subject['surface'] === elevation.surface &&
    subject['agent'] === request.agent &&
    Array.isArray(factors) &&
    factors.join() === elevation.factors.join() &&
    at === Date.parse(elevation.at);
  return same ? null : 'the event of that elevation says something else';
}

const WORDS: Readonly<Record<string, 'approve' | 'deny'>> = {
  'approval.endorsed': 'approve',
  'approval.approved': 'approve',
  'approval.denied': 'deny',
};

function wordsFault({ events, decisions, request, run }: Receipt): string | null {
  const said = events.filter(({ body }) => Object.hasOwn(WORDS, body.type)).map(({ body }) => body);
  if (said.length !== decisions.length) return `${decisions.length} words and ${said.length} events of words`;
  for (const word of decisions) {
    if (!said.some((body) => isWord(body, word))) return `no event says what ${word.by} is said to have said`;
  }
  const yes = decisions.filter(({ decision }) => decision === 'approve');
  if (new Set(yes.map(({ by }) => by)).size !== yes.length) return 'one person counts as two';
  const isAsked = request.need !== undefined;
  if (run === null) return null;
  if (isAsked && yes.length < (request.need?.quorum ?? 1)) return 'fewer said yes than had to';
  if (isAsked && !yes.every(({ by }) => request.need?.people.includes(by)))
    return 'somebody said yes who may not';
  if (decisions.length > yes.length) return 'it was granted although somebody said no';
  return null;
}

function isWord({ type, at, subject }: Event, word: Receipt['decisions'][number]): boolean {
  const { factors } = subject;
  return (
    WORDS[type] === word.decision &&
    subject['by'] === word.by &&
    subject['surface'] === word.surface &&
    Array.isArray(factors) &&
    factors.join() === word.factors.join() &&
    at === Date.parse(word.at)
  );
}

const ENDED_UNSAID: readonly string[] = [
  'approval.cancelled',
  'approval.expired',
  'approval.superseded',
  'approval.undelivered',
];

/** Why the policy let it run, or refused it, is written down with it. */
async function needFault({ events, request }: Receipt): Promise<string | null> {
  const { need, because = null, createdAt } = request;
  const bodies = events.map(({ body }) => body);
  const asked = bodies.find(({ type }) => type === 'approval.requested');
  const digest = need === undefined ? undefined : await needDigest(need);
  if ((asked === undefined) !== (need === undefined) || asked?.subject['need'] !== digest)
    return 'who is said to have been asked is not who was asked';
  const atOnce = bodies.find(
    ({ type, at }) =>
      type === 'approval.allowed' || (type === 'approval.refused' && at === Date.parse(createdAt)),
  );
  if (asked === undefined)
    return (atOnce?.reason ?? null) === because ? null : 'the policy is said to have had another reason';
  // Where people were asked, it has one only if it ended without a word of anybody.
  const ended = bodies.find(({ type }) => ENDED_UNSAID.includes(type));
  return (ended?.reason ?? null) === because ? null : 'it is said to have ended for another reason';
}

function runFault({ events, request, run }: Receipt): string | null {
  const of = (...types: readonly string[]) =>
    events.map(({ body }) => body).filter(({ type }) => types.includes(`${type}`));
  const asked = of('approval.requested', 'approval.allowed', 'approval.refused').filter(
    ({ outcome, type }) => type !== 'approval.refused' || outcome === 'denied',
  );
  const begun = asked.filter(
    ({ at, type }) => type !== 'approval.refused' || at === Date.parse(request.createdAt),
  );
  if (begun.length === 0 || begun.some(({ at }) => at !== Date.parse(request.createdAt)))
    return 'nothing says that it was asked then';
  const [redeemed, again] = of('approval.redeemed');
  if (again !== undefined) return 'it was redeemed twice';
  const ends = of('approval.finished', 'approval.failed');
  if (ends.length > 1) return 'it ended twice';
  if (of('approval.started').length > 1) return 'it was started twice';
  const [end] = ends;
  const [started] = of('approval.started');
  const [yes] = of('approval.approved', 'approval.allowed');
  if (run === null) return redeemed === undefined && yes === undefined ? null : 'a yes and no grant';
  if (yes === undefined) return 'a grant and no yes';
  if (yes.subject['grant'] !== run.grant) return 'the yes was another grant';
  let before = yes;
  for (const body of [redeemed, started, end]) {
    if (body === undefined) continue;
    if (body.subject['grant'] !== run.grant || !isAfter(body, before))
      return `${body.type} is of another grant, or before its time`;
    before = body;
  }
  if (redeemed === undefined && (started ?? end) !== undefined) return 'it ran and was not redeemed';
  const times = [
    [redeemed, run.redeemedAt],
    [started, run.startedAt],
    [end, run.finishedAt],
    // Whoever came back was not lost.
    [end === undefined ? of('approval.lost')[0] : undefined, run.lostAt],
  ] as const;
  for (const [body, at] of times)
    if ((body?.at ?? null) !== (at === undefined ? null : Date.parse(at)))
      return 'its times are not those of its events';
  const isFinished = end?.type === 'approval.finished';
  if (isFinished ? run.failure !== undefined : end === undefined && run.failure !== undefined)
    return 'why nothing was started is said of what was';
  // What never ran has no end: then there is none in the event either.
  const { subject = {} } = isFinished ? end : {};
  const same =
    (subject['exitCode'] ?? null) === (run.exitCode ?? null) &&
    (subject['signal'] ?? null) === (run.signal ?? null) &&
    subject['changed'] === run.changed &&
    subject['outputDigest'] === run.outputDigest &&
    subject['outputSize'] === run.outputSize;
  return same ? null : 'it ended otherwise than its event says';
}

/** On one chain its order says so. Between two there is none but their clocks (2.1). */
function isAfter(later: Event, earlier: Event): boolean {
  return later.writer !== earlier.writer || later.seq > earlier.seq;
}
