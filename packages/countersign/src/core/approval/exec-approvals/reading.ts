// What reading a document comes to: a policy with what is to be said about it, or mistakes and nothing changed.
import type { Policy } from '../policy.ts';

/** A place in the document, and what is to be said about it. */
export interface Note {
  readonly path: string;
  readonly text: string;
}

export type Read =
  | { readonly outcome: 'read'; readonly policy: Policy; readonly notes: readonly Note[] }
  | { readonly outcome: 'mistakes'; readonly mistakes: readonly Note[] };
