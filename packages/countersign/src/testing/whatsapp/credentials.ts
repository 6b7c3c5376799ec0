// Credentials that end with the test.
import type { Credentials } from '../../core/credentials-port.ts';

export class MemoryCredentials implements Credentials {
  entries: Map<string, string>;
  /** How often something was kept. */
  writes = 0;

  constructor(entries: ReadonlyMap<string, string> = new Map()) {
    this.entries = new Map(entries);
  }

  async load(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.entries);
  }

  async change(entries: ReadonlyMap<string, string | null>): Promise<void> {
    this.writes += 1;
    for (const [name, value] of entries) {
      if (value === null) this.entries.delete(name);
      else this.entries.set(name, value);
    }
  }

  async clear(): Promise<void> {
    this.entries.clear();
  }
}
