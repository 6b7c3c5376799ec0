// Which request is meant: by its id, or by the beginning of its id or of its short digest. What fits two is an error and
// never the newer one (R22, E-02); what fits none is not there; what is over is found, so that it can be said how it ended.
import { shortBeginning } from '@countersign/protocol/action-digest';
import { type ApprovalId, isId, isIdPrefix } from '@countersign/protocol/ids';

interface Named {
  readonly id: ApprovalId;
  /** `K7QD2-M4XA9`. */
  readonly short: string;
}

/** What people type who mean no request in particular. An id may begin so. */
const NO_NAMES: ReadonlySet<string> = new Set(['all', 'any', 'last', 'latest', 'yes']);

export type Found<T> =
  | { readonly outcome: 'found'; readonly request: T }
  | { readonly outcome: 'ambiguous' }
  | { readonly outcome: 'not_found' };

/**
 * @param open those that can be decided: a beginning means one of them first.
 * @param over those that are decided, for who comes late.
 */
export function findRequest<T extends Named>(
  typed: string,
  open: readonly T[],
  over: readonly T[],
): Found<T> {
  const fits = matcherOf(typed);
  if (fits === null) return { outcome: 'not_found' };
  const live = open.filter(fits);
  const [request, other] = live.length > 0 ? live : over.filter(fits);
  if (request === undefined) return { outcome: 'not_found' };
  return other === undefined ? { outcome: 'found', request } : { outcome: 'ambiguous' };
}

/** A yes names its request by so much of id or digest: 25 bits, that nobody makes two requests agree in by asking for a while. */
export const YES_LETTERS = 5;

export function isEnoughForYes(typed: string): boolean {
  const text = typed.trim();
  return bodyOf(text.toLowerCase()).replace('-', '').length >= YES_LETTERS;
}

/** What to look up in a store for `typed`: one of the two, or both, begins with it. Null when nothing can. */
export function beginningsOf(
  typed: string,
): { readonly id: string | null; readonly short: string | null } | null {
  const text = typed.trim();
  if (NO_NAMES.has(text.toLowerCase())) return null;
  const id = isIdPrefix('approval', text.toLowerCase()) ? bodyOf(text.toLowerCase()) : null;
  // `appr_…` can only be an id.
  const short = text.includes('_') ? null : shortBeginning(text);
  return id === null && short === null ? null : { id, short };
}

function matcherOf(typed: string): ((request: Named) => boolean) | null {
  const text = typed.trim();
  if (isId('approval', text)) return ({ id }) => id === text;
  const beginnings = beginningsOf(text);
  if (beginnings === null) return null;
  const { id, short } = beginnings;
  return (request) =>
    (id !== null && bodyOf(request.id).startsWith(id)) ||
    (short !== null && request.short.replace('-', '').startsWith(short));
}

function bodyOf(id: string): string {
  return id.startsWith('appr_') ? id.slice('appr_'.length) : id;
}
