// What the configuration file owes the store, carried into it: one edit after the other, each on the text as it is then.
// A file that cannot be written keeps nobody out who was let in, and lets nobody in who was put out: the store decides,
// the debt stays and is told.
import { Problem } from '@countersign/protocol/problem';
import { asRaw, type Raw } from '../config/accounts.ts';
import { allowPerson, disallowPerson, writtenLists } from '../config/allow-list.ts';
import { readJsonc } from '../config/jsonc.ts';
import { type ConfigPlace, loadConfig } from '../config/load.ts';
import { isChannelName } from '../config/native-ids.ts';
import { type Peer, peerKey, storedNative } from '../core/identity/peer.ts';
import type { AllowMemory, FileList } from '../core/pairing/allow-memory.ts';
import type { AllowFile, WantedEdit } from '../core/pairing/allow-port.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';

interface Ports {
  readonly place: ConfigPlace;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: AllowMemory;
  /** Whether people of that channel are listed in the file at all. */
  writes(channel: string): boolean;
  /** After each change of the file. */
  written(): void;
}

export interface Owed {
  readonly count: number;
  /** What stood in the way when it was tried last. */
  readonly why: string | null;
}

export class ConfigAllowFile implements AllowFile {
  readonly #ports: Ports;
  readonly #told = new Set<string>();
  #why: string | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  settle(): Promise<void> {
    const { memory, log } = this.#ports;
    // At once and not in turn: what was just decided holds while an earlier edit still waits for the file.
    const known = memory.look().catch((cause: unknown) => failed(log, cause));
    const turn = this.#turn
      .then(() => known)
      .then(() => this.#carryOut())
      .catch((cause: unknown) => failed(log, cause));
    this.#turn = turn;
    return turn;
  }

  /** Every list of the file as it is now; null when it is missing or has mistakes. */
  lists(): readonly FileList[] | null {
    const { place } = this.#ports;
    const loaded = loadConfig(place);
    // Missing, or emptied by an editor that is about to write it.
    if (!loaded.ok || loaded.text.trim() === '') return null;
    return this.#listsOf(loaded.tree);
  }

  async owed(): Promise<Owed> {
    const count = (await this.#ports.store.allowLists.wanted()).length;
    return { count, why: count === 0 ? null : this.#why };
  }

  async #carryOut(): Promise<void> {
    const { store } = this.#ports;
    const wanted = await store.allowLists.wanted();
    if (wanted.length === 0) this.#why = null;
    for (const edit of wanted) {
      const cause = await this.#carryOutOne(edit);
      if (cause === null) continue;
      await this.#tell(edit, cause);
      // An account that is not there is no obstacle for the others; a file that cannot be written is.
      if (Problem.codeOf(cause) !== 'not_found') return;
    }
  }

  async #carryOutOne(edit: WantedEdit): Promise<unknown> {
    const { place, store, clock, memory } = this.#ports;
    const { channel, account, native } = edit.peer;
    if (!isChannelName(channel))
      return new Problem('not_found', { detail: `there is no channel ${channel}` });
    const change = edit.edit === 'add' ? allowPerson : disallowPerson;
    let text: string;
    let isChanged: boolean;
    try {
      const written = await change(place, { channel, account, native });
      [text, isChanged] = [written.text, written.changed];
      // Also what stood there already: an older edit of ours about the same person is void now, and must not be repeated.
      memory.carriedOut(edit);
    } catch (cause) {
      return cause;
    }
    // Killed here, the file has it and the debt stands: the next look takes both for one.
    await store.allowLists.done(edit, clock.now());
    for (const told of this.#told) if (told.startsWith(`${keyOf(edit)} `)) this.#told.delete(told);
    const reading = readJsonc(text);
    const tree = reading.ok ? asRaw(reading.value) : null;
    await memory.look(tree === null ? undefined : this.#listsOf(tree));
    if (isChanged) this.#ports.written();
    return null;
  }

  #listsOf(tree: Raw): readonly FileList[] {
    return writtenLists(tree)
      .filter(({ channel }) => this.#ports.writes(channel))
      .map(({ entries, ...list }) => ({
        ...list,
        entries: entries.filter((entry) => entry !== '*').map(storedNative),
      }));
  }

  /** Each obstacle of each edit once, however often it is tried. */
  async #tell(edit: WantedEdit, cause: unknown): Promise<void> {
    const { store, clock, log } = this.#ports;
    const reason = Problem.codeOf(cause);
    this.#why = cause instanceof Problem ? cause.message : reason;
    const once = `${keyOf(edit)} ${reason}`;
    if (this.#told.has(once)) return;
    this.#told.add(once);
    const { channel, account, native } = edit.peer;
    log.warn('allow_list.not_written', { channel, account, edit: edit.edit, reason });
    const subject = { channel, account, edit: edit.edit };
    const at = clock.now();
    const actor = { kind: 'system' } as const;
    const personal = { identifier: native };
    await store.audit.append([
      { type: 'allow_list.not_written', at, actor, subject, outcome: 'failed', reason, personal },
    ]);
  }
}

function keyOf({ peer, edit }: { readonly peer: Peer; readonly edit: string }): string {
  return `${edit} ${peerKey(peer)}`;
}

function failed(log: Log, cause: unknown): void {
  log.error('allow_list.failed', { reason: Problem.codeOf(cause) });
}
