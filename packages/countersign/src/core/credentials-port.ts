// What a login of a channel has to keep between two starts: the keys of a linked device. Sealed at rest; a change is whole
// or not at all, and what was good before it is there until it is durable.

export interface Credentials {
  /** Everything that is kept; empty when there is no login. @throws Problem `store_unavailable` when it does not open. */
  load(): Promise<ReadonlyMap<string, string>>;
  /** Null removes. Resolves when it is durable; changes that come meanwhile go together. */
  change(entries: ReadonlyMap<string, string | null>): Promise<void>;
  /** Removes all of it, the copies too. */
  clear(): Promise<void>;
}
