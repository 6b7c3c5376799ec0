// What a change of allowFrom in the file means. Pure. An entry the store wrote shows and grants nothing; one made by hand
// grants while it stands there; one that was there and is gone was revoked by hand.
// Half a list gone at once is a slip of an editor or a half-copied file more often than a wish, so it is held.
import type { Native } from '../identity/peer.ts';
import type { AllowEntry, AllowOrigin, WantedEdit } from './allow-port.ts';

/** A shorter list may lose any of its entries: with two, "half" would be one person. */
const LEAST_HELD = 3;

/** What we ourselves are writing of one account: owed still, or carried out this very moment. */
export type OwnEdits = ReadonlyMap<Native, WantedEdit['edit']>;

export interface Compared {
  /** New, by hand. */
  readonly added: readonly Native[];
  /** Taken out, by hand: what they had ends. */
  readonly gone: readonly Native[];
  /** Missing and held back. While there is one, nothing of the list is taken up, additions neither. */
  readonly held: readonly Native[];
  /** The list as it is to be remembered. */
  readonly next: readonly AllowEntry[];
}

/**
 * `seen` is null before the first look, which announces nothing. `wasHeld` keeps a list held until every missing entry is
 * back, revoked or accepted: else the last one left would be revoked by nobody's decision.
 * An edit of ours is younger than whatever a hand was looking at: while it is owed, it wins over a hand that adds or
 * removes the same person.
 */
export function compareLists(
  seen: readonly AllowEntry[] | null,
  file: readonly Native[],
  own: OwnEdits,
  wasHeld = false,
): Compared {
  const known = new Map((seen ?? []).map(({ native, origin }) => [native, origin]));
  const written = new Set(file);
  const remembered = [...known.keys()].filter((native) => own.get(native) !== 'remove');
  const missing = remembered.filter((native) => !written.has(native) && own.get(native) !== 'add');
  const isMass = remembered.length >= LEAST_HELD && missing.length * 2 >= remembered.length;
  if (missing.length > 0 && (wasHeld || isMass))
    return { added: [], gone: [], held: missing, next: seen ?? [] };
  const originOf = (native: Native): AllowOrigin =>
    known.get(native) ?? (own.get(native) === 'add' ? 'store' : 'hand');
  return {
    added: seen === null ? [] : [...written].filter((native) => !known.has(native) && !own.has(native)),
    gone: missing,
    held: [],
    next: [...written].map((native) => ({ native, origin: originOf(native) })),
  };
}

/** Whom a list lets in by itself, of what `compareLists` says is to be remembered. */
export function grantedBy({ next }: Pick<Compared, 'next'>, own: OwnEdits): Native[] {
  return next
    .filter(({ native, origin }) => origin === 'hand' && own.get(native) !== 'remove')
    .map(({ native }) => native);
}
