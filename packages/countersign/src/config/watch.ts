// Follows the configuration file. A valid change is handed over, an invalid one is told and the last good one stays.
// The file itself is watched, not its folder: the store lies in the same folder and writes all day. Only while there is
// no file does the folder say when one comes.
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Config } from './config.ts';
import { type ConfigPlace, configPath, type Loaded, loadConfig } from './load.ts';
import type { Mistake } from './mistakes.ts';

export interface ConfigWatcher {
  /** Looks at the file now, as SIGHUP would. */
  check(): void;
  close(): void;
}

export interface WatchOptions {
  /** The text that is in force; the next different one is a change. */
  readonly text: string;
  readonly onChange: (config: Config, warnings: readonly Mistake[]) => void;
  readonly onMistakes: (mistakes: readonly Mistake[]) => void;
  /** Runs `work` a little later and gives the way to call it off. Editors write in several steps. */
  readonly later?: (work: () => void) => () => void;
}

const SETTLE_MS = 100;

/** How often further events put a look off: with many who keep saving, there would never be one. */
const PUT_OFF = 5;

export function watchConfig(
  place: ConfigPlace,
  { text, onChange, onMistakes, later = settle }: WatchOptions,
): ConfigWatcher {
  const path = configPath(place);
  let seen = text;
  let watcher: FSWatcher | null = null;
  let pending: (() => void) | null = null;
  let putOff = 0;
  let closed = false;

  const check = () => {
    pending = null;
    putOff = 0;
    if (closed) return;
    // First watch, then read: what changes in between is an event.
    arm();
    const loaded = whileThere(loadConfig(place), seen);
    const state = loaded.ok ? loaded.text : `${loaded.text}\n${JSON.stringify(loaded.mistakes)}`;
    if (state === seen) return;
    seen = state;
    if (loaded.ok) onChange(loaded.config, loaded.warnings);
    else onMistakes(loaded.mistakes);
  };
  const soon = () => {
    if (pending !== null && putOff === PUT_OFF) return;
    if (pending !== null) putOff += 1;
    pending?.();
    pending = later(check);
  };
  const arm = () => {
    watcher?.close();
    watcher =
      tryWatch(path, soon) ??
      tryWatch(dirname(path), (name) => (name === null || name === basename(path) ? soon() : undefined));
  };
  arm();
  // The file may have changed between the load that gave `text` and this watch.
  soon();
  return {
    check,
    close: () => {
      closed = true;
      pending?.();
      watcher?.close();
    },
  };
}

/** A file that went away, or is being saved just now, is no wish for the defaults: the last good one stays. */
function whileThere(loaded: Loaded, seen: string): Loaded {
  if (!loaded.ok || loaded.text.trim() !== '' || seen.trim() === '') return loaded;
  const gone = {
    path: '',
    message: existsSync(loaded.path) ? 'the configuration is empty' : 'the configuration is gone',
    hint: existsSync(loaded.path)
      ? 'write {} if every default is meant; the last one stays in force'
      : 'put it back; the last one stays in force',
  };
  return { ok: false, mistakes: [gone], path: loaded.path, text: '' };
}

function tryWatch(path: string, onEvent: (name: string | null) => void): FSWatcher | null {
  try {
    const watcher = watch(path, { persistent: false }, (_, name) => onEvent(name));
    watcher.on('error', () => onEvent(null));
    return watcher;
  } catch {
    return null;
  }
}

function settle(work: () => void): () => void {
  const timer = setTimeout(work, SETTLE_MS).unref();
  return () => clearTimeout(timer);
}
