// What is typed about elevations: `/elevate`, `/elevate 15m <code>`, `/elevate end`.
import { isProofLike } from './approval-words.ts';

export type ElevateCommand =
  | { readonly say: 'elevations' }
  /** `code` is never said back, and never written down. */
  | { readonly say: 'elevate'; readonly lasting: string; readonly code: string | null }
  | { readonly say: 'elevate_end' };

export const ELEVATE_FORMS = {
  show: '/elevate',
  begin: '/elevate 15m <code>',
  end: '/elevate end',
} as const;

/** @returns the right form, where it is none. */
export function elevateCommand([first, ...rest]: readonly string[]): ElevateCommand | string {
  if (first === undefined) return { say: 'elevations' };
  const word = first.toLowerCase();
  if (word === 'end' || word === 'off' || word === 'stop')
    return rest.length === 0 ? { say: 'elevate_end' } : ELEVATE_FORMS.end;
  if (!/^[1-9]\d{0,3}[mh]$/.test(word)) return Object.values(ELEVATE_FORMS).join(' · ');
  if (rest.length === 0) return { say: 'elevate', lasting: word, code: null };
  const code = rest.join(' ');
  return isProofLike(code) ? { say: 'elevate', lasting: word, code } : ELEVATE_FORMS.begin;
}
