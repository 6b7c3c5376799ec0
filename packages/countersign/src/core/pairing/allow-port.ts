// allowFrom of this gateway's file as the store remembers it, and the edits the file still owes. The store is the truth:
// an entry it wrote itself grants nothing, it only shows; an entry made by hand grants while it stands there.
import type { Peer } from '../identity/peer.ts';
import type { Millis } from '../ports.ts';

/** `store`: written for a grant of the store. `hand`: found in the file. */
export type AllowOrigin = 'store' | 'hand';

export interface AllowEntry {
  readonly native: Peer['native'];
  readonly origin: AllowOrigin;
}

export interface WantedEdit {
  readonly peer: Peer;
  readonly edit: 'add' | 'remove';
}

/** Everything is this writer's: each gateway has a file of its own. Whoever uses them in a transaction has them alone
 * until its end. */
export interface AllowLists {
  /** Null: the list of that account was never seen. */
  seen(channel: string, account: string): Promise<readonly AllowEntry[] | null>;
  /** Replaces what was seen of an account. */
  see(channel: string, account: string, entries: readonly AllowEntry[], at: Millis): Promise<void>;
  /** Notes an edit that the file owes; a newer one for the same peer replaces the older. */
  want(edit: WantedEdit, at: Millis): Promise<void>;
  wanted(): Promise<readonly WantedEdit[]>;
  /** The file has it: what was seen follows and the debt goes, unless a newer edit replaced it meanwhile (false). */
  done(edit: WantedEdit, at: Millis): Promise<boolean>;
}

/** The file that owes the edits. */
export interface AllowFile {
  /** Carries every wanted edit into the file. Never throws: what cannot be written stays owed, is told, and is tried again. */
  settle(): Promise<void>;
}

/** A house without a configuration file: the store alone knows who may talk. */
export const NO_FILE: AllowFile = { settle: async () => undefined };
