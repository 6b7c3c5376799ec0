// The store's verbs for other ids of people: a phone number beside an id that outlives it, as a channel proved both in one
// message. An alias has one holder; who shows it later than another makes it disputed, and it is nobody's then.
import type { Millis } from '../ports.ts';
import type { Native, Peer } from './peer.ts';

export interface Alias {
  /** The other id, as a peer of its channel and account. */
  readonly alias: Peer;
  /** Who holds it. */
  readonly native: Native;
  readonly disputed: boolean;
  /** The holder acts by what was given to the alias, and no longer than that lasts. */
  readonly joined: boolean;
}

export interface Aliases {
  /** Gives an alias that nobody has to `native`. @returns how it stands now, whoever has it. */
  claim(alias: Peer, native: Native, at: Millis): Promise<Alias & { readonly isNew: boolean }>;
  /** False when it was disputed already, or is nobody's. */
  dispute(alias: Peer): Promise<boolean>;
  /** False when it was so already. */
  setJoined(alias: Peer, joined: boolean): Promise<boolean>;
  /** Every alias that is not disputed. */
  list(): Promise<readonly Alias[]>;
}
