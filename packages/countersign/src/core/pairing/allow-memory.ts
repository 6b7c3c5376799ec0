// allowFrom as the front door reads it: in memory, for a message waits for no file. It is read anew after each look at
// the file, each edit that is wanted and each that is done; an account nobody has looked at yet lets nobody in.
import { createHash } from 'node:crypto';
import { type Native, type Peer, peerKey, samePeer } from '../identity/peer.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { WantedEdit } from './allow-port.ts';
import { compareLists, grantedBy, type OwnEdits } from './allow-rule.ts';

/** One account's list as it stands in the file. */
export interface FileList {
  readonly channel: string;
  readonly account: string;
  /** Where it is written: an account without a list of its own reads its channel's. */
  readonly path: string;
  /** Without `*`, which is a policy and nobody. */
  readonly entries: readonly Native[];
}

/**
 * An editor that was saving when we wrote has overwritten us within this time; nobody reads a list, finds an entry, takes
 * it out and saves as fast.
 */
const OVERWRITTEN_MS = 2_000;

const NOBODY: readonly Native[] = [];

type Reads = Pick<Store, 'allowLists' | 'acceptedConfig'>;

interface Ports {
  readonly store: Reads;
  readonly clock: Clock;
}

export class AllowMemory {
  readonly #ports: Ports;
  readonly #inForce = new Map<string, readonly Native[]>();
  readonly #carriedOut = new Map<string, { readonly edit: WantedEdit; readonly at: Millis }>();
  #lists: readonly FileList[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Whom the file lets in on that account now. */
  inForce(channel: string, account: string): readonly Native[] {
    return this.#inForce.get(`${channel}:${account}`) ?? NOBODY;
  }

  /** Reads the store anew; `lists`: the file as it is now. One look at a time: an older one never overwrites a newer. */
  look(lists?: readonly FileList[]): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(() => this.#look(lists));
    return this.#turn;
  }

  async #look(lists: readonly FileList[] = this.#lists): Promise<void> {
    this.#lists = lists;
    const { store } = this.#ports;
    const wanted = await store.allowLists.wanted();
    const marks = await store.acceptedConfig.read();
    const fresh = new Map<string, readonly Native[]>();
    for (const list of lists) {
      const { channel, account } = list;
      const seen = await store.allowLists.seen(channel, account);
      const own = this.ownEdits(list, wanted);
      const compared = compareLists(seen, list.entries, own, heldMark(marks, list) !== null);
      fresh.set(`${channel}:${account}`, grantedBy(compared, own));
    }
    this.#inForce.clear();
    for (const [key, natives] of fresh) this.#inForce.set(key, natives);
  }

  /** The file was changed by us just now. What it said before is repeated for a moment, should somebody save over it. */
  carriedOut(edit: WantedEdit): void {
    const at = this.#ports.clock.now();
    const before = this.#carriedOut.get(peerKey(edit.peer));
    // An edit that had to be repeated keeps its first time, or two programs could undo each other for ever.
    if (before?.edit.edit === edit.edit && this.#isRecent(before.at)) return;
    this.#carriedOut.set(peerKey(edit.peer), { edit, at });
  }

  /** Edits of ours that the file may have lost again already. */
  recent(): readonly WantedEdit[] {
    for (const [key, { at }] of this.#carriedOut) if (!this.#isRecent(at)) this.#carriedOut.delete(key);
    return [...this.#carriedOut.values()].map(({ edit }) => edit);
  }

  ownEdits(
    { channel, account }: Pick<FileList, 'channel' | 'account'>,
    wanted: readonly WantedEdit[],
  ): OwnEdits {
    const ours = [...this.recent(), ...wanted].filter(
      ({ peer }) => peer.channel === channel && peer.account === account,
    );
    return new Map(ours.map(({ peer, edit }) => [peer.native, edit]));
  }

  #isRecent(at: Millis): boolean {
    const age = this.#ports.clock.now() - at;
    return age >= 0 && age < OVERWRITTEN_MS;
  }
}

/** Edits of `recent` that the lists show as undone, and that nothing owed speaks of. */
export function overwritten(
  recent: readonly WantedEdit[],
  owed: readonly WantedEdit[],
  { channel, account, entries }: FileList,
): WantedEdit[] {
  return recent.filter(
    ({ peer, edit }) =>
      peer.channel === channel &&
      peer.account === account &&
      entries.includes(peer.native) !== (edit === 'add') &&
      !owed.some((one) => samePeer(one.peer, peer)),
  );
}

/** Where the mark of a held list lies among the accepted values: each account has its own, whatever list it reads. */
export function markPath({ channel, account }: Pick<Peer, 'channel' | 'account'>): string {
  return account === 'default'
    ? `channels.${channel}.allowFrom`
    : `channels.${channel}.accounts.${account}.allowFrom`;
}

/** The state of the file that the list is held back against; null while it is not held. */
export function heldMark(
  marks: ReadonlyMap<string, string>,
  list: Pick<Peer, 'channel' | 'account'>,
): string | null {
  const mark = marks.get(markPath(list));
  return mark === undefined || mark === 'null' ? null : mark;
}

/** Tells one state of a list from another. */
export function stateOf(entries: readonly Native[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...entries].sort()))
    .digest('base64url')
    .slice(0, 22);
}
