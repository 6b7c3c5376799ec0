// Changes to the configuration file: on its text, comments kept, checked as a whole before a byte is written, written in
// one step. Two who edit at once lose nothing: edits take turns, and a file that an editor changed meanwhile is read
// again.
import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { Problem } from '@countersign/protocol/problem';
import { type Exclusive, tryExclusive } from '../runtime/exclusive.ts';
import { errorCode, replaceWhole } from '../runtime/files.ts';
import { asRaw, type Raw } from './accounts.ts';
import { type ReadFile, readConfigFile } from './config-file.ts';
import { type JsonValue, printJsonc, readJsonc } from './jsonc.ts';
import { type ConfigPlace, checkText, configPath } from './load.ts';
import { setAt, unsetAt } from './merge.ts';
import { configInvalid, formatPath, type PathPart, parsePath } from './mistakes.ts';
import { unknownPath, valueAt } from './read-value.ts';

export type Edit =
  | { readonly do: 'set'; readonly path: readonly PathPart[]; readonly value: JsonValue }
  | { readonly do: 'unset'; readonly path: readonly PathPart[] };

export interface EditResult {
  readonly path: string;
  readonly text: string;
  /** False when everything stood like that already: nothing was written. */
  readonly changed: boolean;
}

export interface EditOptions {
  /** How to wait for another editor's turn to end. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

const HEADER =
  '// The configuration of Countersign. Every key: countersign config schema. Comments are kept.\n{}\n';
const TURN_MS = 20;
const MAX_TURNS = 500;
const MAX_ATTEMPTS = 20;
const SAVING_TURNS = 50;

/** `config set`. @throws Problem `config_invalid` with every mistake the change would make. */
export function setConfigValue(place: ConfigPlace, path: string, value: JsonValue, options?: EditOptions) {
  const parts = partsOf(path);
  return editConfig(place, () => [{ do: 'set', path: parts, value }], options);
}

/** `config unset`. @throws Problem `not_found` when nothing is written there. */
export function unsetConfigValue(place: ConfigPlace, path: string, options?: EditOptions) {
  const parts = partsOf(path);
  return editConfig(place, () => [{ do: 'unset', path: parts }], options);
}

/** What `config set` would say; nothing is written. @throws Problem `config_invalid` as it does. */
export async function checkConfigValue(place: ConfigPlace, path: string, value: JsonValue): Promise<void> {
  const parts = partsOf(path);
  const { text } = await onceSaved(realPath(configPath(place)), pauseFor);
  textAfter(text, place, () => [{ do: 'set', path: parts, value }]);
}

function partsOf(path: string): PathPart[] {
  const parts = parsePath(path);
  if (parts === null) throw unknownPath(path, []);
  return parts;
}

/** What to do to a tree, and to the text it was read from. */
export type Plan = (tree: Raw, text: string) => readonly Edit[];

/** Any number of edits as one. `plan` sees the tree as it is when its turn comes; it may run again. */
export async function editConfig(
  place: ConfigPlace,
  plan: Plan,
  { pause = pauseFor }: EditOptions = {},
): Promise<EditResult> {
  const path = realPath(configPath(place));
  makeFolderOf(path);
  const turn = await takeTurn(join(dirname(path), `.${basename(path)}.lock`), pause);
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const result = editOnce(path, place, plan, await onceSaved(path, pause));
      if (result !== null) return result;
    }
    const hint = 'close the editor that keeps saving it, and try again';
    throw new Problem('state_conflict', {
      detail: 'the configuration changes faster than it can be edited',
      hint,
    });
  } finally {
    turn.release();
  }
}

/**
 * An editor that saves in place empties the file first, and what is read then looks like no configuration, or like half
 * of one. Written over, the whole of it would be lost: so it is given a moment to become whole. What was found whole is what is
 * edited: read once more, it could be empty by then.
 */
async function onceSaved(path: string, pause: (ms: number) => Promise<unknown>): Promise<ReadFile> {
  for (let turn = 0; turn < SAVING_TURNS; turn++) {
    const file = readOrThrow(path);
    if (file.mode === null || (file.text.trim() !== '' && readJsonc(file.text).ok)) return file;
    await pause(TURN_MS);
  }
  return readOrThrow(path);
}

/** Null when somebody without the lock changed the file meanwhile. */
function editOnce(
  path: string,
  place: ConfigPlace,
  plan: Plan,
  { text: before, mode }: ReadFile,
): EditResult | null {
  const text = textAfter(before, place, plan);
  if (text === before) return { path, text, changed: false };
  if (mode !== null && !mayWrite(path, mode)) {
    const detail = 'the configuration is read-only';
    throw new Problem('store_unavailable', { detail, hint: `chmod 600 ${path}` });
  }
  try {
    if (!replaceWhole(path, text, () => stillReads(path, before))) return null;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const full = errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT';
    const detail = 'the configuration could not be written; the old one stands';
    throw new Problem(full ? 'store_full' : 'store_unavailable', { detail, cause: error });
  }
  return { path, text, changed: true };
}

/** @throws Problem `config_invalid` with every mistake that the file would have then. */
function textAfter(before: string, place: ConfigPlace, plan: Plan): string {
  const text = applyEdits(before, plan);
  if (text === before) return text;
  const checked = checkText(text, place, { readSecrets: false });
  if (!checked.ok) throw configInvalid(checked.mistakes);
  return text;
}

/** Renaming would get past a file that somebody made read-only on purpose, and root past its bits. */
function mayWrite(path: string, mode: number): boolean {
  if ((mode & 0o222) === 0) return false;
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** An editor of another make takes no lock: what it saved while we thought is found at the very last moment. */
function stillReads(path: string, text: string): boolean {
  const before = whichFile(path);
  return readOrThrow(path).text === text && whichFile(path) === before;
}

function whichFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

/** The text after the edits. Pure. @throws Problem `config_invalid`, `not_found`. */
export function applyEdits(before: string, plan: Plan): string {
  const reading = readJsonc(before.trim() === '' ? HEADER : before);
  if (!reading.ok) throw configInvalid(reading.mistakes);
  const tree = asRaw(reading.value);
  if (tree === null)
    throw configInvalid([{ path: '', message: 'the file must hold an object', hint: 'begin it with {' }]);
  const edits = plan(tree, before).filter(
    (edit) => edit.do === 'unset' || !isSame(valueAt({ ...tree }, edit.path), edit.value),
  );
  for (const edit of edits) {
    const at = formatPath(edit.path);
    if (edit.path.some((part) => part === '__proto__' || part === 'constructor' || part === 'prototype')) {
      throw unknownPath(at, edit.path);
    }
    const done =
      edit.do === 'set' ? setAt(reading.root, edit.path, edit.value) : unsetAt(reading.root, edit.path);
    if (!done) throw unknownPath(at, edit.path);
  }
  return edits.length === 0 ? before : printJsonc(reading.root, before);
}

function isSame(a: JsonValue | undefined, b: JsonValue): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function readOrThrow(path: string): ReadFile {
  const file = readConfigFile(path);
  if ('mistake' in file) throw configInvalid([file.mistake]);
  return file;
}

async function takeTurn(lock: string, pause: (ms: number) => Promise<unknown>): Promise<Exclusive> {
  for (let attempt = 0; attempt < MAX_TURNS; attempt++) {
    const turn = tryExclusive(lock);
    if (turn !== null) return turn;
    await pause(TURN_MS);
  }
  throw new Problem('state_conflict', {
    detail: 'another edit of the configuration does not end',
    hint: 'try again',
  });
}

/** The home is made on first use. What COUNTERSIGN_CONFIG names must be there: a typo would make folders anywhere. */
function makeFolderOf(path: string): void {
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    const mistake = {
      path: '',
      message: `there is no folder ${folder}`,
      hint: 'make it, or set COUNTERSIGN_HOME',
    };
    throw new Problem('config_invalid', {
      detail: mistake.message,
      hint: mistake.hint,
      cause,
      members: { mistakes: [mistake] },
    });
  }
}

/** A link is followed, so that the file it points to is replaced and the link stays. */
function realPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
}
