// The configuration in force: read once, edited through the CLI's verbs, followed while the gateway runs. A valid change
// is taken up and told in the audit; an invalid one is refused, told, and the last good one stays.
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { setConfigValue, unsetConfigValue } from '../config/edit.ts';
import { type ConfigPlace, configPath, loadConfig } from '../config/load.ts';
import { configInvalid, type Mistake } from '../config/mistakes.ts';
import { getConfigValue } from '../config/read-value.ts';
import { configJsonSchema } from '../config/schema.ts';
import { type ConfigWatcher, watchConfig } from '../config/watch.ts';
import type { Actor, EventDraft } from '../core/audit/event.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { changedPaths } from './config-changes.ts';
import type { ConfigView } from './services.ts';

interface Ports {
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** @throws Problem `config_invalid` with every mistake. */
export function readConfig(place: ConfigPlace): {
  readonly config: Config;
  readonly text: string;
  readonly warnings: readonly Mistake[];
} {
  const loaded = loadConfig(place);
  if (!loaded.ok) throw configInvalid(loaded.mistakes);
  return loaded;
}

export class ConfigHouse implements ConfigView {
  readonly #place: ConfigPlace;
  readonly #ports: Ports;
  #config: Config;
  #text: string;
  #watcher: ConfigWatcher | null = null;
  #by: Actor = { kind: 'file' };
  #mistakes = 0;

  constructor(place: ConfigPlace, read: { readonly config: Config; readonly text: string }, ports: Ports) {
    this.#place = place;
    this.#config = read.config;
    this.#text = read.text;
    this.#ports = ports;
  }

  get current(): Config {
    return this.#config;
  }

  /** Mistakes of the file as it is now; 0 while it is the configuration in force. */
  get mistakes(): number {
    return this.#mistakes;
  }

  /** Follows the file from now on. */
  follow(onChange: (config: Config) => void): void {
    const { log } = this.#ports;
    this.#watcher = watchConfig(this.#place, {
      text: this.#text,
      onChange: (config) => {
        this.#config = config;
        this.#mistakes = 0;
        log.info('config.changed', { from: this.#by.kind });
        this.#tell({ type: 'config.changed', subject: { paths: this.#newPaths() }, outcome: 'ok' });
        onChange(config);
      },
      onMistakes: (mistakes) => {
        this.#mistakes = mistakes.length;
        for (const { path } of mistakes.slice(0, 20)) log.warn('config.refused', { path });
        this.#tell({ type: 'config.refused', subject: { mistakes: mistakes.length }, outcome: 'denied' });
      },
    });
  }

  close(): void {
    this.#watcher?.close();
  }

  get(path: string | undefined): unknown {
    return getConfigValue(this.#place, path ?? '').value;
  }

  async set(path: string, value: unknown): Promise<unknown> {
    const edited = await setConfigValue(this.#place, path, JSON.parse(JSON.stringify(value)));
    await this.#edited(path, edited.changed);
    return this.get(path);
  }

  async unset(path: string): Promise<void> {
    const edited = await unsetConfigValue(this.#place, path);
    await this.#edited(path, edited.changed);
  }

  validate(): { readonly path: string } {
    readConfig(this.#place);
    return { path: configPath(this.#place) };
  }

  schema(): unknown {
    return configJsonSchema();
  }

  path(): { readonly path: string; readonly exists: boolean } {
    const path = configPath(this.#place);
    return { path, exists: existsSync(path) };
  }

  /** The path is told, never the value: it may be a secret or a phone number. */
  async #edited(path: string, changed: boolean): Promise<void> {
    if (!changed) return;
    const host: Actor = { kind: 'host' };
    await this.#ports.store.audit.append([
      this.#event({ type: 'config.changed', subject: { path }, outcome: 'ok' }, host),
    ]);
    this.#by = host;
    this.#watcher?.check();
    this.#by = { kind: 'file' };
  }

  /** Which keys differ from the text taken up before. */
  #newPaths(): string[] {
    const { text } = loadConfig(this.#place);
    const paths = changedPaths(this.#text, text);
    this.#text = text;
    return paths;
  }

  #event(told: Pick<EventDraft, 'type' | 'subject' | 'outcome'>, actor: Actor): EventDraft {
    return { ...told, at: this.#ports.clock.now(), actor };
  }

  #tell(told: Pick<EventDraft, 'type' | 'subject' | 'outcome'>): void {
    // What the CLI changed was told with its path already.
    if (this.#by.kind === 'host' && told.type === 'config.changed') return;
    this.#ports.store.audit
      .append([this.#event(told, this.#by)])
      .catch(() => this.#ports.log.error('audit.failed', { event: told.type }));
  }
}
