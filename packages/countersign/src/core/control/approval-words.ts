// What is typed about requests for approval: `/approvals`, `/approve <id> [code]`, `/deny <id> [reason]`, `/deny all`. Bare
// words match nothing (E-19), and no digit that could be a proof is ever said back or passed on.
import { shortBeginning } from '@countersign/protocol/action-digest';
import { readRecoveryCode } from '../factor/recovery.ts';

export type ApprovalCommand =
  | { readonly say: 'approvals' }
  /** One of them, whole. */
  | { readonly say: 'approval'; readonly what: string }
  /** `code`: what stood behind the id and looks like a proof. It is never said back, and never written down. */
  | { readonly say: 'yes'; readonly what: string; readonly code: string | null }
  | { readonly say: 'no'; readonly what: string; readonly reason: string | null }
  | { readonly say: 'no_to_all'; readonly reason: string | null };

export const APPROVAL_FORMS = {
  list: '/approvals',
  show: '/approvals <id>',
  yes: '/approve <id> [code]',
  no: '/deny <id> [reason]',
  noToAll: '/deny all',
} as const;

/** A code of an app, or the look of one of those kept on paper; such a one whole, however its dashes are typed, is one anyway. */
const CODE = /^(?:\d[\d -]{3,10}\d|[A-Za-z0-9]{4,6}(?:[- ][A-Za-z0-9]{4,6}){1,5})$/;

const DIGITS = /^\d[\d -]{3,10}\d$/;

export function isProofLike(text: string): boolean {
  return CODE.test(text) || readRecoveryCode(text) !== null;
}

/** @returns the right form, where it is none. */
export function approvalCommand(
  word: 'approvals' | 'approve' | 'deny',
  words: readonly string[],
): ApprovalCommand | string {
  const [what, rest] = named(words);
  switch (word) {
    case 'approvals':
      if (what === null) return { say: 'approvals' };
      return rest.length === 0 ? { say: 'approval', what } : APPROVAL_FORMS.show;
    case 'approve':
      if (what === null) return APPROVAL_FORMS.yes;
      if (rest.length === 0) return { say: 'yes', what, code: null };
      return isProofLike(rest.join(' ')) ? { say: 'yes', what, code: rest.join(' ') } : APPROVAL_FORMS.yes;
    case 'deny': {
      if (what === null) return `${APPROVAL_FORMS.no} · ${APPROVAL_FORMS.noToAll}`;
      const reason = rest.length === 0 ? null : rest.join(' ');
      return what.toLowerCase() === 'all' ? { say: 'no_to_all', reason } : { say: 'no', what, reason };
    }
    default:
      return word satisfies never;
  }
}

/** The slash was forgotten before what can hardly be anything but a short digest. */
export function withoutSlash(head: string, words: readonly string[]): string | null {
  if (head === 'approve' || head === 'deny') {
    const [what] = named(words);
    return what !== null && isWhole(what) ? `/${head} ${what.toUpperCase()}` : null;
  }
  const [what, rest] = named([head, ...words]);
  const isAlone = rest.length === 0 || DIGITS.test(rest.join(' '));
  if (what === null || !isAlone || !isWhole(what) || !/\d/.test(what)) return null;
  return `/approve ${what.toUpperCase()} · /deny ${what.toUpperCase()}`;
}

/** The two halves of a short digest may have been typed apart. */
function named([first, second, ...rest]: readonly string[]): readonly [string | null, readonly string[]] {
  if (first === undefined) return [null, []];
  if (second === undefined) return [first, []];
  const joined = `${first}-${second}`;
  return isWhole(joined) ? [joined, rest] : [first, [second, ...rest]];
}

/** Two halves of five: as it is shown. One of them has a digit, or all is in capitals: prose is neither. */
function isWhole(text: string): boolean {
  if (!/^[A-Za-z2-9]{5}-[A-Za-z2-9]{5}$/.test(text) || shortBeginning(text) === null) return false;
  return text === text.toUpperCase() || /\d/.test(text);
}
