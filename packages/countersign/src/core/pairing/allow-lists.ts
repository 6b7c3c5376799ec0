// Where allowFrom in the file and the store meet. What a hand did to the file is found by comparing it with what was last
// seen, in one transaction with what is remembered and told of it; ending an access comes before forgetting its entry, so
// that a crash in between ends it at the next look.
import { Problem } from '@countersign/protocol/problem';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Native, Peer } from '../identity/peer.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { type AllowMemory, type FileList, heldMark, markPath, overwritten, stateOf } from './allow-memory.ts';
import type { AllowEntry, AllowFile } from './allow-port.ts';
import { compareLists } from './allow-rule.ts';

/** Grants looked up in one tidying round; a longer list takes several. */
const LOOKED_UP = 200;
/** People named in one notice. */
const NAMED = 5;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly memory: AllowMemory;
  /** Every list of the file as it is now; null when it is missing or broken, which changes nothing. */
  readonly file: AllowFile & { lists(): readonly FileList[] | null };
  /** Ends an access. @throws Problem `not_found` when the peer was only listed. */
  revoke(peer: Peer, by: Actor): Promise<unknown>;
}

/** A list that lost so much at once that it waits for somebody's word. */
export interface HeldList {
  readonly path: string;
  readonly channel: string;
  readonly account: string;
  readonly inForce: readonly Native[];
  readonly asked: readonly Native[];
  readonly gone: readonly Native[];
}

export class AllowLists {
  readonly #ports: Ports;
  #turn: Promise<void> = Promise.resolve();
  #tidied = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Takes up what the file says now. */
  sync(): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(() => this.#sync());
    return this.#turn;
  }

  async #sync(): Promise<void> {
    const { store, memory, bus, file } = this.#ports;
    const found = await store.atomically((tx) => this.#compare(tx));
    await memory.look(found.lists ?? undefined);
    if (found.told) bus.publish('outboxPut', { count: 1 });
    for (const peer of found.gone) await this.#end(peer, { kind: 'file' });
    if (found.gone.length > 0) await memory.look();
    if (found.owes) await file.settle();
  }

  /** The file is read inside the transaction: nobody of this house writes what was seen, or what is wanted, meanwhile. */
  async #compare(tx: Store): Promise<{
    lists: readonly FileList[] | null;
    gone: Peer[];
    told: boolean;
    owes: boolean;
  }> {
    const { memory, clock, file } = this.#ports;
    const now = clock.now();
    const wanted = await tx.allowLists.wanted();
    const marks = await tx.acceptedConfig.read();
    const lists = file.lists();
    const gone: Peer[] = [];
    let told = false;
    let owes = wanted.length > 0;
    for (const list of lists ?? []) {
      const { channel, account, entries } = list;
      for (const edit of overwritten(memory.recent(), wanted, list)) {
        owes = true;
        await tx.allowLists.want(edit, now);
      }
      const seen = await tx.allowLists.seen(channel, account);
      const mark = heldMark(marks, list);
      const compared = compareLists(seen, entries, memory.ownEdits(list, wanted), mark !== null);
      if (compared.held.length > 0) {
        told = (await this.#hold(tx, list, compared.held, mark, now)) || told;
        continue;
      }
      if (mark !== null) await tx.acceptedConfig.accept(markPath(list), 'null', now);
      const leaving = (seen ?? []).filter(({ native }) => compared.gone.includes(native));
      const next = [...compared.next, ...leaving];
      if (seen === null || !sameEntries(seen, next)) await tx.allowLists.see(channel, account, next, now);
      if (compared.added.length > 0) {
        told = true;
        await this.#tellAdded(tx, list, compared.added, now);
      }
      gone.push(...compared.gone.map((native) => ({ channel, account, native })));
    }
    return { lists, gone, told, owes };
  }

  /** Once for each state the file is in: somebody who mends it bit by bit is told of each bit, and no more. */
  async #hold(
    tx: Store,
    { channel, account, path, entries }: FileList,
    held: readonly Native[],
    mark: string | null,
    now: Millis,
  ): Promise<boolean> {
    const state = JSON.stringify(stateOf(entries));
    if (mark === state) return false;
    await tx.acceptedConfig.accept(markPath({ channel, account }), state, now);
    const facts = { channel, account, path, gone: held.length };
    await tx.audit.append([
      {
        type: 'allow_list.held',
        at: now,
        actor: { kind: 'file' },
        subject: facts,
        outcome: 'denied',
        reason: 'mass_removal',
      },
    ]);
    const where = account === 'default' ? channel : `${channel}:${account}`;
    const text = [
      `${held.length} people are gone from allowFrom of ${where} at once: ${named(held)}.`,
      'That may be a slip, so nothing was changed and they stay in.',
      `If it was meant: countersign config accept ${path}. If not, put them back.`,
    ].join(' ');
    await tx.outbox.put(
      await ownerNotices(tx, { text, once: `allow.held:${channel}:${account}:${state}`, now }),
      now,
    );
    return true;
  }

  async #tellAdded(
    tx: Store,
    { channel, account }: FileList,
    added: readonly Native[],
    now: Millis,
  ): Promise<void> {
    await tx.audit.append(
      added.map((native) => told('allow_list.added', { channel, account, native }, { kind: 'file' }, now)),
    );
    const [first] = added;
    if (first === undefined) return;
    const where = account === 'default' ? channel : `${channel}:${account}`;
    const undo = `countersign pairing revoke ${channel} ${first}${account === 'default' ? '' : ` --account ${account}`}`;
    const text = `${named(added)} ${added.length === 1 ? 'was' : 'were'} added to allowFrom of ${where} by hand and may talk to the agent now. Undo: ${undo}`;
    await tx.outbox.put(
      await ownerNotices(tx, { text, once: `allow.added:${channel}:${account}:${now}`, now }),
      now,
    );
  }

  /** Ends what a peer had, then forgets the entry. Repeatable. */
  async #end(peer: Peer, by: Actor): Promise<void> {
    const { store, clock, revoke } = this.#ports;
    try {
      await revoke(peer, by);
    } catch (cause) {
      if (Problem.codeOf(cause) !== 'not_found') throw cause;
    }
    const { channel, account, native } = peer;
    await store.atomically(async (tx) => {
      const now = clock.now();
      const seen = (await tx.allowLists.seen(channel, account)) ?? [];
      const left = seen.filter((entry) => entry.native !== native);
      if (left.length < seen.length) await tx.allowLists.see(channel, account, left, now);
      await tx.audit.append([told('allow_list.removed', peer, by, now)]);
    });
  }

  /** The lists that wait for somebody's word. */
  async held(): Promise<readonly HeldList[]> {
    const { store, memory, file } = this.#ports;
    const marks = await store.acceptedConfig.read();
    const wanted = await store.allowLists.wanted();
    const held: HeldList[] = [];
    for (const list of file.lists() ?? []) {
      const { channel, account, path, entries } = list;
      const seen = (await store.allowLists.seen(channel, account)) ?? [];
      const own = memory.ownEdits(list, wanted);
      const compared = compareLists(seen, entries, own, heldMark(marks, list) !== null);
      if (compared.held.length === 0) continue;
      const inForce = seen.map(({ native }) => native);
      held.push({ path, channel, account, inForce, asked: entries, gone: compared.held });
    }
    return held;
  }

  /** Somebody says that a removal was meant. Returns how many people that put out; null when nothing waits there. */
  async accept(path: string, by: Actor): Promise<number | null> {
    const meant = (await this.held()).filter((list) => list.path === path || markPath(list) === path);
    if (meant.length === 0) return null;
    let ended = 0;
    // One by one: killed in the middle, those that are left still wait.
    for (const { channel, account, gone } of meant) {
      for (const native of gone) {
        await this.#end({ channel, account, native }, by);
        ended += 1;
      }
    }
    await this.sync();
    return ended;
  }

  /** What time brings: entries whose grant has ended, and edits the file still owes. */
  async tidy(): Promise<void> {
    const { store, file } = this.#ports;
    await this.#takeOutEnded();
    if ((await store.allowLists.wanted()).length > 0) await file.settle();
  }

  /** An entry of ours shows a grant of the store; once that is over it would tell an untruth. */
  async #takeOutEnded(): Promise<void> {
    const { store, clock, file } = this.#ports;
    const now = clock.now();
    const ours: Peer[] = [];
    for (const { channel, account } of file.lists() ?? []) {
      for (const { native, origin } of (await store.allowLists.seen(channel, account)) ?? [])
        if (origin === 'store') ours.push({ channel, account, native });
    }
    const round = ours.slice(this.#tidied, this.#tidied + LOOKED_UP);
    this.#tidied = this.#tidied + LOOKED_UP >= ours.length ? 0 : this.#tidied + LOOKED_UP;
    for (const peer of round) {
      if (await hasGrant(store, peer, now)) continue;
      // Looked at again where it is decided: an approval may come in between.
      await store.atomically(async (tx) => {
        if (!(await hasGrant(tx, peer, now))) await tx.allowLists.want({ peer, edit: 'remove' }, now);
      });
    }
  }

  /** People the file lists by hand and a block shuts out: the entry grants nothing, and its owner may not know why. */
  async listedButBlocked(): Promise<readonly Peer[]> {
    const { store, memory, file } = this.#ports;
    const blocked: Peer[] = [];
    for (const { channel, account } of file.lists() ?? []) {
      for (const native of memory.inForce(channel, account).slice(0, LOOKED_UP)) {
        const { peer, principal } = await store.people.standing({ channel, account, native });
        if (peer?.blocked === true || principal?.state === 'blocked')
          blocked.push({ channel, account, native });
      }
    }
    return blocked;
  }
}

/** A person who is suspended keeps their grant, and their entry. */
async function hasGrant(tx: Pick<Store, 'people'>, peer: Peer, now: Millis): Promise<boolean> {
  const { peer: link } = await tx.people.standing(peer);
  if (link === null || link.blocked || !link.direct) return false;
  return link.accessUntil === null || link.accessUntil > now;
}

function sameEntries(a: readonly AllowEntry[], b: readonly AllowEntry[]): boolean {
  const text = (entries: readonly AllowEntry[]) =>
    JSON.stringify(entries.map(({ native, origin }) => [native, origin]).sort());
  return text(a) === text(b);
}

function named(natives: readonly Native[]): string {
  const shown = natives.slice(0, NAMED).join(', ');
  return natives.length > NAMED ? `${shown} and ${natives.length - NAMED} more` : shown;
}

function told(type: EventType, peer: Peer, actor: Actor, at: Millis): EventDraft {
  const { channel, account, native } = peer;
  return { type, at, actor, subject: { channel, account }, outcome: 'ok', personal: { identifier: native } };
}
