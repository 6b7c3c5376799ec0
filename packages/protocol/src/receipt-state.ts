// What a request has come to, by its events alone. What a database says of it is held against that, whatever it says: a request
// that was refused, ended or never answered is one only where an event says so.
import type { Receipt } from './receipt.ts';

type State = Receipt['request']['state'];
type Event = Receipt['events'][number]['body'];

/** From the last step to the first: what comes earlier here stands later. */
const STEPS: readonly (readonly [State, readonly string[]])[] = [
  ['finished', ['approval.finished', 'approval.failed']],
  ['lost', ['approval.lost']],
  ['redeemed', ['approval.redeemed']],
  ['superseded', ['approval.superseded']],
  ['cancelled', ['approval.cancelled']],
  ['expired', ['approval.expired']],
  ['denied', ['approval.denied', 'approval.undelivered']],
  ['approved', ['approval.approved', 'approval.allowed']],
  ['pending', ['approval.requested']],
];

export function stateFault({ events, request, grant, at }: Receipt): string | null {
  const { state } = request;
  const said = stateBy(events.map(({ body }) => body));
  const until =
    said === 'pending' ? Date.parse(request.expiresAt) : said === 'approved' ? endOf(grant) : null;
  const now = Date.parse(at);
  // That a time is over is written down a while after it is. The end of a grant is cut to whole seconds.
  const isOver = until !== null && now >= until;
  const isBoth = said === 'approved' && until !== null && now >= until && now < until + 1_000;
  if (isBoth ? state === 'approved' || state === 'expired' : state === (isOver ? 'expired' : said))
    return null;
  return `it is ${state}, and its events say ${isOver ? 'expired' : said}`;
}

/** Refused as it was asked, where nothing else is said of it. */
function stateBy(events: readonly Event[]): State {
  const types = new Set(events.map(({ type }) => type));
  return STEPS.find(([, named]) => named.some((type) => types.has(type)))?.[0] ?? 'denied';
}

/** Of a grant whose signature is looked at elsewhere; null: it cannot be read, and that is said there. */
function endOf(grant: string | null): number | null {
  try {
    const [, payload = ''] = (grant ?? '').split('.');
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : null;
    return typeof exp === 'number' ? exp * 1_000 : null;
  } catch {
    return null;
  }
}
