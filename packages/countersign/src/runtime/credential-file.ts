// The credentials of one account in one file: a first record that names the writing, then every change as a record of its
// own, sealed under its number. A write that was cut short is no change; what stands before it is whole. When the changes
// have outgrown what they say the file is written anew beside the old one, which stays as the last good copy.
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { Credentials } from '../core/credentials-port.ts';
import type { Random, Vault } from '../core/ports.ts';
import { makeFolder, readPrivate, writeWhole } from './files.ts';

interface Place {
  /** `channels/<name>/<account>` of the home. */
  readonly folder: string;
  /** What the values are bound to: sealed for another account they do not open. */
  readonly bind: string;
  readonly vault: Vault;
  readonly random: Random;
  /** Bytes of changes after which the file is written anew. */
  readonly compactAfter?: number;
}

type Entries = Map<string, string>;

interface Read {
  readonly entries: Entries;
  readonly generation: string;
  readonly next: number;
  /** Where the good part ends. */
  readonly bytes: number;
}

const COMPACT_AFTER = 1 << 20;
const MAX_RECORD = 64 << 20;

export class CredentialFile implements Credentials {
  readonly #place: Place;
  readonly #path: string;
  readonly #last: string;
  #state: Read | null = null;
  #waiting = new Map<string, string | null>();
  #writing: Promise<void> | null = null;

  constructor(place: Place) {
    this.#place = place;
    this.#path = join(place.folder, 'login.sealed');
    this.#last = join(place.folder, 'login.last.sealed');
  }

  async load(): Promise<ReadonlyMap<string, string>> {
    await this.#writing?.catch(() => undefined);
    this.#state = this.#found();
    return new Map(this.#state?.entries ?? []);
  }

  change(entries: ReadonlyMap<string, string | null>): Promise<void> {
    for (const [name, value] of entries) this.#waiting.set(name, value);
    // What is under way does not hold these: they are in the next.
    const before = this.#writing;
    const now = (async () => {
      await before?.catch(() => undefined);
      await this.#flush();
    })();
    this.#writing = now;
    return now;
  }

  async clear(): Promise<void> {
    this.#waiting.clear();
    await this.#writing?.catch(() => undefined);
    this.#state = null;
    // The copy first: after a crash in between the newest is what is left, and never an older login.
    await rm(this.#last, { force: true });
    await rm(this.#path, { force: true });
  }

  /** Resolves when nothing waits to be written. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => undefined);
  }

  async #flush(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const changes = this.#waiting;
    this.#waiting = new Map();
    try {
      await this.#write(changes);
    } catch (cause) {
      // They go with the next change, unless that says otherwise.
      for (const [name, value] of changes) if (!this.#waiting.has(name)) this.#waiting.set(name, value);
      this.#state = null;
      throw new Problem('store_unavailable', { detail: 'the login could not be written', cause });
    }
  }

  async #write(changes: ReadonlyMap<string, string | null>): Promise<void> {
    const state = this.#state ?? this.#found();
    const entries: Entries = state?.entries ?? new Map();
    for (const [name, value] of changes) {
      if (value === null) entries.delete(name);
      else entries.set(name, value);
    }
    const limit = this.#place.compactAfter ?? COMPACT_AFTER;
    const isFirst = state === null || state.bytes === 0;
    if (isFirst || state.bytes > Math.max(limit, 3 * sizeOf(entries))) return this.#anew(entries);
    const record = this.#record(state.generation, state.next, [...changes]);
    const file = await open(this.#path, 'r+');
    try {
      // Over whatever a cut-short write has left.
      await file.truncate(state.bytes);
      await file.write(record, 0, record.length, state.bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    this.#state = { ...state, entries, next: state.next + 1, bytes: state.bytes + record.length };
  }

  async #anew(entries: Entries): Promise<void> {
    const { folder, vault, bind, random } = this.#place;
    const generation = Buffer.from(random.bytes(16)).toString('hex');
    const first = framed(vault.seal(JSON.stringify({ version: 1, generation }), bind));
    const all = this.#record(generation, 1, [...entries]);
    makeFolder(dirname(folder), 0o700);
    makeFolder(folder, 0o700);
    if (this.#read(this.#path) !== null) await rename(this.#path, this.#last);
    writeWhole(this.#path, Buffer.concat([first, all]));
    this.#state = { entries, generation, next: 2, bytes: first.length + all.length };
  }

  #record(
    generation: string,
    number: number,
    changes: readonly (readonly [string, string | null])[],
  ): Buffer {
    const { vault, bind } = this.#place;
    return framed(vault.seal(JSON.stringify(changes), `${bind}/${generation}/${number}`));
  }

  /** The file, or the last good copy. Where that stands in, the next change writes the file anew: nothing can be added to
   * what does not open. */
  #found(): Read | null {
    const own = this.#read(this.#path);
    if (own !== null) return own;
    const copy = this.#read(this.#last);
    return copy === null ? null : { ...copy, bytes: 0 };
  }

  /** Null: there is no file, or nothing of it opens while there is another copy. */
  #read(path: string): Read | null {
    const bytes = readPrivate(path);
    if (bytes === null) return null;
    const { vault, bind } = this.#place;
    const entries: Entries = new Map();
    let [generation, next, good] = ['', 0, 0];
    for (const { sealed, end } of records(bytes)) {
      try {
        if (next === 0) {
          const first: { generation: string } = JSON.parse(vault.open(sealed, bind));
          generation = first.generation;
        } else {
          const text = vault.open(sealed, `${bind}/${generation}/${next}`);
          const changes: [string, string | null][] = JSON.parse(text);
          for (const [name, value] of changes) {
            if (value === null) entries.delete(name);
            else entries.set(name, value);
          }
        }
      } catch (cause) {
        // A storage key that is not ours opens nothing: that is no empty login.
        if (next === 0 && path === this.#last) throw cause;
        break;
      }
      next += 1;
      good = end;
    }
    if (next > 1) return { entries, generation, next, bytes: good };
    if (path === this.#path && readPrivate(this.#last) !== null) return null;
    if (bytes.length === 0) return null;
    throw new Problem('store_unavailable', {
      detail: 'the sealed login does not open',
      hint: 'is it the right storage key? Otherwise start over: countersign channels login whatsapp --force',
    });
  }
}

function framed(sealed: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sealed.length);
  return Buffer.concat([length, sealed]);
}

function* records(bytes: Buffer): Generator<{ readonly sealed: Buffer; readonly end: number }> {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 4 + length;
    if (length > MAX_RECORD || end > bytes.length) return;
    yield { sealed: bytes.subarray(at + 4, end), end };
    at = end;
  }
}

function sizeOf(entries: Entries): number {
  let size = 0;
  for (const [name, value] of entries) size += name.length + value.length + 8;
  return size;
}

/** One file, one writer, whoever asks. */
export class CredentialFiles {
  readonly #of: Omit<Place, 'folder' | 'bind'> & { readonly home: string };
  readonly #known = new Map<string, CredentialFile>();

  constructor(of: Omit<Place, 'folder' | 'bind'> & { readonly home: string }) {
    this.#of = of;
  }

  at(channel: string, account: string): CredentialFile {
    const bind = `channels/${channel}/${account}`;
    const known = this.#known.get(bind);
    if (known !== undefined) return known;
    const { home, ...more } = this.#of;
    const made = new CredentialFile({ ...more, folder: join(home, bind), bind });
    this.#known.set(bind, made);
    return made;
  }

  /** What was said a moment ago is kept before the process goes: the other side has moved on with it. */
  async settled(): Promise<void> {
    await Promise.all([...this.#known.values()].map((file) => file.settled()));
  }
}
