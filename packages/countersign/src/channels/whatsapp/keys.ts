// The keys of our linked device, as the library asks for them. They live in memory and go to the credentials together;
// while a message is open that is not yet durable nothing is written, so that after a crash the sender's device and ours
// stand where they stood before it, and WhatsApp's copy of the message opens once more.
import type { AuthenticationCreds, SignalDataSet, SignalDataTypeMap, SignalKeyStore } from 'baileys';
import type { Credentials } from '../../core/credentials-port.ts';
import type { Baileys } from './library.ts';

const CREDS = 'creds';

export class DeviceKeys {
  readonly creds: AuthenticationCreds;
  readonly store: SignalKeyStore;
  readonly #baileys: Baileys;
  readonly #credentials: Credentials;
  readonly #entries: Map<string, string>;
  #dirty = new Map<string, string | null>();
  #holds = 0;
  #isClosed = false;

  private constructor(baileys: Baileys, credentials: Credentials, entries: ReadonlyMap<string, string>) {
    this.#baileys = baileys;
    this.#credentials = credentials;
    this.#entries = new Map(entries);
    const kept = this.#entries.get(CREDS);
    this.creds = kept === undefined ? baileys.initAuthCreds() : this.#parse(kept);
    this.store = {
      get: async (type, ids) => this.#get(type, ids),
      set: (data) => this.#set(data),
      clear: async () => {
        for (const name of this.#entries.keys()) if (name !== CREDS) this.#put(name, null);
        await this.save();
      },
    };
  }

  static async open(baileys: Baileys, credentials: Credentials): Promise<DeviceKeys> {
    return new DeviceKeys(baileys, credentials, await credentials.load());
  }

  /** True once a phone has linked us: until then there is nobody to be. */
  get linked(): boolean {
    return this.creds.account !== undefined && this.creds.me?.id !== undefined;
  }

  /** Resolves when it is durable, or at once while a message is held. */
  saveCreds(): Promise<void> {
    this.#put(CREDS, this.#text(this.creds));
    return this.save();
  }

  async save(): Promise<void> {
    if (this.#isClosed || this.#holds > 0 || this.#dirty.size === 0) return;
    const changes = this.#dirty;
    this.#dirty = new Map();
    await this.#credentials.change(changes);
  }

  /** Nothing is written any more: another connection may have begun on what was written so far. */
  close(): void {
    this.#isClosed = true;
  }

  /** Nothing is written until the answer is called. `true`: what was held is kept now. */
  hold(): (keep: boolean) => Promise<void> {
    this.#holds += 1;
    let isOver = false;
    return async (keep) => {
      if (isOver || !keep) return;
      isOver = true;
      this.#holds -= 1;
      await this.save();
    };
  }

  #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Record<string, SignalDataTypeMap[T]> {
    const found: Record<string, SignalDataTypeMap[T]> = {};
    for (const id of ids) {
      const text = this.#entries.get(`${type}:${id}`);
      if (text !== undefined) found[id] = this.#revive(type, text);
    }
    return found;
  }

  #set(data: SignalDataSet): Promise<void> {
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) {
        this.#put(`${type}:${id}`, value === null || value === undefined ? null : this.#text(value));
      }
    }
    return this.save();
  }

  #put(name: string, value: string | null): void {
    if (value === null) this.#entries.delete(name);
    else this.#entries.set(name, value);
    this.#dirty.set(name, value);
  }

  #revive<T extends keyof SignalDataTypeMap>(type: T, text: string): SignalDataTypeMap[T] {
    const value: SignalDataTypeMap[T] = this.#parse(text);
    if (type !== 'app-state-sync-key' || typeof value !== 'object') return value;
    // The library wants its own class back.
    const made: unknown = this.#baileys.proto.Message.AppStateSyncKeyData.fromObject(value);
    return made as SignalDataTypeMap[T];
  }

  #text(value: unknown): string {
    return JSON.stringify(value, this.#baileys.BufferJSON.replacer);
  }

  #parse<T>(text: string): T {
    return JSON.parse(text, this.#baileys.BufferJSON.reviver);
  }
}
