// The configuration in force: read once, edited through the CLI's verbs, followed while the gateway runs. A valid change
// is taken up and told in the audit; an invalid one is refused, told, and the last good one stays. A guarded key that
// waits keeps its last accepted value in all the program does; `get` shows the file, `pending` the difference.
// One take-up or edit at a time: what an edit accepts is known before anybody compares the file with it.
import { existsSync } from 'node:fs';
import type { PendingChange } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import type { Raw } from '../config/accounts.ts';
import type { Config } from '../config/config.ts';
import { checkConfigValue, editConfig, setConfigValue, unsetConfigValue } from '../config/edit.ts';
import type { JsonValue } from '../config/jsonc.ts';
import { type ConfigPlace, checkTree, configPath, loadConfig } from '../config/load.ts';
import { configInvalid, formatPath, type Mistake, parsePath } from '../config/mistakes.ts';
import { getConfigValue } from '../config/read-value.ts';
import { configJsonSchema } from '../config/schema.ts';
import { type ConfigWatcher, watchConfig } from '../config/watch.ts';
import type { Actor, EventDraft } from '../core/audit/event.ts';
import type { Bus } from '../core/bus.ts';
import { ownerNotices } from '../core/owner-notices.ts';
import type { AllowLists } from '../core/pairing/allow-lists.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { changedPaths } from './config-changes.ts';
import { printGuarded, printHeld, wishOf } from './config-pending.ts';
import {
  acceptedByEdit,
  type Change,
  type Edited,
  type Guarded,
  overlaps,
  type Weighed,
  weigh,
} from './guarded.ts';
import type { ConfigView } from './services.ts';

const HOST: Actor = { kind: 'host' };
const FILE: Actor = { kind: 'file' };

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  readonly lists: Pick<AllowLists, 'sync' | 'held' | 'accept' | 'tidy'>;
  /** True from the moment any owner has enrolled a factor: from then on guarded keys wait. */
  ownerHasFactor(): Promise<boolean>;
  /** True where the program runs on this configuration; false for a call in a process of its own. */
  readonly running: boolean;
}

export interface ReadConfig {
  readonly config: Config;
  readonly text: string;
  readonly tree: Raw;
  readonly warnings: readonly Mistake[];
}

/** @throws Problem `config_invalid` with every mistake. */
export function readConfig(place: ConfigPlace): ReadConfig {
  const loaded = loadConfig(place);
  if (!loaded.ok) throw configInvalid(loaded.mistakes);
  return loaded;
}

const plainOf = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value));

type Told = Pick<EventDraft, 'type' | 'subject' | 'outcome'>;

export class ConfigHouse implements ConfigView {
  readonly #place: ConfigPlace;
  #ports: Ports | null = null;
  #config: Config;
  #text: string;
  #tree: Raw;
  #accepted: Guarded = new Map();
  #waiting: readonly Change[] = [];
  #mistakes: readonly Mistake[] = [];
  #watcher: ConfigWatcher | null = null;
  #onChange: (config: Config) => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: ConfigPlace, read: ReadConfig) {
    this.#place = place;
    this.#config = read.config;
    this.#text = read.text;
    this.#tree = read.tree;
  }

  get current(): Config {
    return this.#config;
  }

  /** Mistakes of the file as it is now; none while it is the configuration in force. */
  get mistakes(): readonly Mistake[] {
    return this.#mistakes;
  }

  /**
   * Weighs the file against what was accepted and seen before, then takes it up. Before that nobody may be heard.
   * @throws Problem `config_invalid` when the file makes no whole with a value that has to stay in force.
   */
  async begin(ports: Ports): Promise<void> {
    this.#ports = ports;
    this.#accepted = await ports.store.acceptedConfig.read();
    const hold = await ports.ownerHasFactor();
    const weighed = weigh(this.#tree, this.#accepted, hold);
    const checked = this.#checked(weighed);
    if (checked !== null) this.#config = checked;
    // A call that opens the house to accept a value must not be kept out by that very value.
    else if (ports.running) throw this.#noWhole(weighed);
    await this.#settleGuarded(weighed, hold);
    await ports.lists.sync();
  }

  /** We wrote the file: the one who follows it is to know that text, before anybody overwrites it. */
  written(): void {
    this.#watcher?.check();
  }

  /** Follows the file from now on. */
  follow(onChange: (config: Config) => void): void {
    this.#onChange = onChange;
    this.#watcher = watchConfig(this.#place, {
      text: this.#text,
      onChange: () => {
        void this.#inTurn(() => this.#takeUp(null)).catch((cause: unknown) => this.#failed(cause));
      },
      onMistakes: (mistakes) => this.#refuse(mistakes),
    });
  }

  close(): void {
    this.#watcher?.close();
  }

  /** What time brings, and what failed before. */
  async tidy(): Promise<void> {
    await this.#inTurn(() => this.#takeUp(null));
    await this.#room.lists.tidy();
  }

  get(path: string | undefined): unknown {
    return getConfigValue(this.#place, path ?? '').value;
  }

  /** Before a proof is asked for or spent: a typing error costs no code. @throws Problem as `set`. */
  async check(path: string, value: unknown): Promise<void> {
    await checkConfigValue(this.#place, path, plainOf(value));
  }

  async set(path: string, value: unknown, by: Actor = HOST): Promise<unknown> {
    const plain = plainOf(value);
    await this.#inTurn(async () => {
      const { changed } = await setConfigValue(this.#place, path, plain);
      // A value that waits in the file is accepted by setting it.
      if (changed || this.#waiting.some((one) => overlaps(one.path, path)))
        await this.#edited([{ path, value: plain }], by);
    });
    return this.get(path);
  }

  /** Any number of edits as one, all of them under `path`, which holds no guarded key. */
  async edit(path: string, plan: Parameters<typeof editConfig>[1], by: Actor = HOST): Promise<void> {
    await this.#inTurn(async () => {
      const { changed } = await editConfig(this.#place, plan);
      if (changed) await this.#edited([{ path, value: undefined }], by);
    });
  }

  /** Several changes as one, all or none. `plan` may refuse on the text as it is when its turn comes. */
  async change(edits: readonly Edited[], plan: Parameters<typeof editConfig>[1], by: Actor): Promise<void> {
    await this.#inTurn(async () => {
      const { changed } = await editConfig(this.#place, plan);
      const meets = (waiting: Change) => edits.some(({ path }) => overlaps(waiting.path, path));
      if (changed || this.#waiting.some(meets)) await this.#edited(edits, by);
    });
  }

  async unset(path: string, by: Actor = HOST): Promise<void> {
    await this.#inTurn(async () => {
      const { changed } = await unsetConfigValue(this.#place, path);
      if (changed) await this.#edited([{ path, value: undefined }], by);
    });
  }

  async pending(): Promise<readonly PendingChange[]> {
    const held = await this.#room.lists.held();
    return [...this.#waiting.map(printGuarded), ...held.map(printHeld)];
  }

  /** @throws Problem `not_found` when nothing waits there. */
  async accept(asked: string, by: Actor): Promise<void> {
    const path = formatPath(parsePath(asked) ?? []);
    await this.#inTurn(async () => {
      const guarded = this.#waiting.filter((one) => one.path === path);
      const { lists, store, clock } = this.#room;
      for (const { path: at, asked: text } of guarded) await this.#keep(at, text);
      if (guarded.length > 0) await this.#takeUp(by, true);
      const ended = await lists.accept(path, by);
      if (guarded.length === 0 && ended === null) {
        throw new Problem('not_found', {
          detail: `nothing waits at ${path === '' ? asked : path}`,
          hint: 'countersign config pending lists what does',
        });
      }
      const subject = { path, ...(ended === null ? {} : { ended }) };
      await store.audit.append([
        { type: 'config.accepted', at: clock.now(), actor: by, subject, outcome: 'ok' },
      ]);
    });
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

  get #room(): Ports {
    if (this.#ports === null) throw new Problem('internal', { detail: 'the configuration was not begun' });
    return this.#ports;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** What our own edits say is accepted with them. Paths are told, never values: one may be a secret or a number. */
  async #edited(edits: readonly Edited[], by: Actor): Promise<void> {
    const { store, ownerHasFactor } = this.#room;
    const paths = edits.map(({ path }) => path);
    const [path] = paths;
    const subject = paths.length === 1 && path !== undefined ? { path } : { paths };
    await store.audit.append([this.#event({ type: 'config.changed', subject, outcome: 'ok' }, by)]);
    const { tree } = weigh(this.#tree, this.#accepted, await ownerHasFactor());
    for (const [at, text] of acceptedByEdit(tree, edits)) await this.#keep(at, text);
    await this.#takeUp(by, true, paths);
  }

  /** Takes up the file as it is now, if it is valid and another than before. `by` null: somebody's hand. */
  async #takeUp(by: Actor | null, anyway = false, edited: readonly string[] = []): Promise<void> {
    const loaded = loadConfig(this.#place);
    const gone = loaded.text.trim() === '' && this.#text.trim() !== '';
    if (!loaded.ok || gone) return;
    const { log, lists, ownerHasFactor } = this.#room;
    // The text taken up before may be back over one that we wrote into the file since.
    if (!anyway && loaded.text === this.#text) return lists.sync();
    const hold = await ownerHasFactor();
    const weighed = weigh(loaded.tree, this.#accepted, hold);
    const config = this.#checked(weighed);
    if (config === null) {
      this.#refuse(this.#mistakesOf(weighed));
      return;
    }
    const paths = changedPaths(this.#text, loaded.text);
    // What cannot be remembered is not taken up: the next round tries again.
    await this.#settleGuarded(weighed, hold);
    [this.#text, this.#tree, this.#config, this.#mistakes] = [loaded.text, loaded.tree, config, []];
    log.info('config.changed', { from: (by ?? FILE).kind });
    // What was changed through the house was told with its path already.
    const others = paths.filter((path) => !edited.some((own) => overlaps(path, own)));
    if (others.length > 0)
      await this.#tell({ type: 'config.changed', subject: { paths: others }, outcome: 'ok' }, FILE);
    await lists.sync();
    this.#onChange(config);
    if (by !== null) this.written();
  }

  /** A value that is new is accepted; one that differs is in force and told, or waits and is told. */
  async #settleGuarded({ first, changed }: Weighed, hold: boolean): Promise<void> {
    for (const { path, asked } of first) await this.#keep(path, asked);
    if (!hold) {
      this.#waiting = [];
      for (const change of changed) {
        await this.#announce(change, 'config.guarded_changed');
        await this.#keep(change.path, change.asked);
      }
      return;
    }
    const known = new Set(this.#waiting.map(wishOf));
    this.#waiting = changed;
    for (const change of changed) if (!known.has(wishOf(change))) await this.#announce(change, 'config.held');
  }

  async #announce(change: Change, type: 'config.guarded_changed' | 'config.held'): Promise<void> {
    const { store, clock, bus } = this.#room;
    const now = clock.now();
    const { path } = change;
    const isHeld = type === 'config.held';
    const text = isHeld
      ? `${path} was changed in the configuration by hand. It waits, and the value before stays in force. If it was meant: countersign config accept ${path} --totp CODE`
      : `${path} was changed in the configuration by hand and is in force now. Look: countersign config get ${path}`;
    // A wish that waits is announced once; a change in force each time it comes about.
    const once = isHeld ? `config.held:${wishOf(change)}` : `config.guarded:${path}:${now}`;
    await store.atomically(async (tx) => {
      const outcome = isHeld ? 'denied' : 'ok';
      await tx.audit.append([this.#event({ type, subject: { path }, outcome }, FILE)]);
      await tx.outbox.put(await ownerNotices(tx, { text, once, now }), now);
    });
    bus.publish('outboxPut', { count: 1 });
  }

  async #keep(path: string, text: string): Promise<void> {
    const { store, clock } = this.#room;
    await store.acceptedConfig.accept(path, text, clock.now());
    this.#accepted = new Map([...this.#accepted, [path, text]]);
  }

  #checked({ tree }: Weighed): Config | null {
    const checked = checkTree(tree, this.#place, { readSecrets: true });
    return checked.ok ? checked.config : null;
  }

  /** The file is right and what has to stay in force is right, and both together are not. */
  #mistakesOf({ tree, changed }: Weighed): readonly Mistake[] {
    const checked = checkTree(tree, this.#place, { readSecrets: true });
    const waits = changed.map(({ path }) => path).join(', ');
    return (checked.ok ? [] : checked.mistakes).map((mistake) => ({
      ...mistake,
      message: `${mistake.message} (while ${waits} waits to be accepted)`,
      hint: 'countersign config accept <path>, or take the change back',
    }));
  }

  #noWhole(weighed: Weighed): Problem {
    return configInvalid(this.#mistakesOf(weighed));
  }

  #refuse(mistakes: readonly Mistake[]): void {
    const { log } = this.#room;
    this.#mistakes = mistakes;
    for (const { path } of mistakes.slice(0, 20)) log.warn('config.refused', { path });
    void this.#tell(
      { type: 'config.refused', subject: { mistakes: mistakes.length }, outcome: 'denied' },
      FILE,
    );
  }

  #event(told: Told, actor: Actor): EventDraft {
    return { ...told, at: this.#room.clock.now(), actor };
  }

  async #tell(told: Told, actor: Actor): Promise<void> {
    await this.#room.store.audit
      .append([this.#event(told, actor)])
      .catch(() => this.#room.log.error('audit.failed', { event: told.type }));
  }

  #failed(cause: unknown): void {
    this.#room.log.error('config.not_taken_up', { reason: Problem.codeOf(cause) });
  }
}
