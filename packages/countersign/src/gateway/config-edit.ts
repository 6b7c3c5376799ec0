// Several changes to the configuration file as one: what is wrong with them, all of it at once, and what the file would
// read like. Pure. A path that leads into a secret or a list is refused, and so is a mask that comes back from a form. People are let in
// and put out where that is decided, told and undone (pairing, people), so lists of who may write do not change here.
import type { ConfigChange, ConfigLine } from '@countersign/protocol/config';
import { Problem } from '@countersign/protocol/problem';
import { asRaw, type Raw } from '../config/accounts.ts';
import { commonRun } from '../config/common-run.ts';
import { applyEdits, type Edit } from '../config/edit.ts';
import { endpointOf } from '../config/guarded-keys.ts';
import { type JsonValue, readJsonc } from '../config/jsonc.ts';
import { holdsMask } from '../config/masked-text.ts';
import { formatPath, type Mistake, type PathPart, parsePath } from '../config/mistakes.ts';
import { unknownPath, valueAt } from '../config/read-value.ts';
import { schemaAt } from '../config/schema.ts';
import { type Edited, GUARDED, overlaps } from './guarded.ts';

export interface Planned {
  readonly edits: readonly Edit[];
  /** The same by printed path, as it is told. */
  readonly edited: readonly Edited[];
  readonly mistakes: readonly Mistake[];
}

/** What is wrong with the changes themselves, whatever file they are for. */
export function planChanges(changes: readonly ConfigChange[]): Planned {
  const edits: Edit[] = [];
  const edited: Edited[] = [];
  const mistakes: Mistake[] = [];
  for (const change of changes) {
    const parts = parsePath(change.path);
    const path = parts === null ? change.path : formatPath(parts);
    const value = 'value' in change ? change.value : undefined;
    const mistake =
      mistakeOf(path, parts, value) ??
      (edited.some((other) => overlaps(other.path, path)) ? changedTwice(path) : null);
    if (mistake !== null) mistakes.push(mistake);
    if (parts === null) continue;
    edited.push({ path, value });
    edits.push(value === undefined ? { do: 'unset', path: parts } : { do: 'set', path: parts, value });
  }
  return { edits, edited, mistakes };
}

function mistakeOf(
  path: string,
  parts: readonly PathPart[] | null,
  value: JsonValue | undefined,
): Mistake | null {
  if (parts === null) return asMistake(unknownPath(path, []), path);
  const secret = parts.findIndex((_, index) => isSecret(parts.slice(0, index + 1)));
  if (secret >= 0 && secret < parts.length - 1) {
    return { path, message: 'a secret is changed as a whole', hint: formatPath(parts.slice(0, secret + 1)) };
  }
  const list = parts.findIndex((_, index) => schemaAt(parts.slice(0, index))?.['type'] === 'array');
  if (list > 0 || parts.some((part) => typeof part === 'number')) {
    const whole = list > 0 ? parts.slice(0, list) : parts.slice(0, -1);
    return { path, message: 'a list is changed as a whole', hint: `send all of ${formatPath(whole)}` };
  }
  if (schemaAt(parts) === null) return asMistake(unknownPath(path, parts), path);
  if (value !== undefined && holdsMask(value)) {
    return {
      path,
      message: 'this is what is shown in place of a secret, and no secret',
      hint: 'leave out what is not to change',
    };
  }
  return null;
}

function isSecret(parts: readonly PathPart[]): boolean {
  return schemaAt(parts)?.['writeOnly'] === true || (parts.length === 1 && parts[0] === 'store');
}

function changedTwice(path: string): Mistake {
  return { path, message: 'this is changed twice', hint: 'send one of the two' };
}

/** The text with all the edits in it; the mistakes when it cannot be had. */
export function editedText(
  before: string,
  { edits }: Planned,
): { readonly text: string; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const plan = (tree: Raw) => {
    for (const { do: what, path } of edits)
      if (what === 'unset' && valueAt({ ...tree }, path) === undefined)
        mistakes.push({
          path: formatPath(path),
          message: 'nothing is written here',
          hint: 'the default holds already',
        });
    return mistakes.length > 0 ? [] : edits;
  };
  try {
    const text = applyEdits(before, plan);
    if (mistakes.length > 0) return { text: before, mistakes };
    return { text, mistakes: movedPeople(before, text) };
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    return { text: before, mistakes: mistakesOf(cause) };
  }
}

/**
 * Who may write is not changed here: neither by its own path nor inside of a bigger one, and not by what an account
 * inherits: a list of its own, or none any more, puts people out or lets the channel's in as well.
 */
function movedPeople(before: string, after: string): Mistake[] {
  const [old, next] = [peopleIn(before), peopleIn(after)];
  // What is not there any more is a whole account taken away, and with it who wrote to it.
  return [...next].flatMap(([account, { path, own, inherits, people }]) => {
    const was = old.get(account);
    // An account that is new may come with the people of its channel, and with no list of its own.
    if (was === undefined && own === '[]') return [];
    // What the channel's own list changes for its heirs is told there.
    if (was?.own === own && (was.inherits === inherits || was.people === people)) return [];
    return [
      {
        path,
        message: 'who may write is not changed here',
        hint: 'let people in under Pairings (countersign pairing approve), put them out with countersign pairing revoke',
      },
    ];
  });
}

interface WhoMayWrite {
  readonly path: string;
  /** As it is written there. */
  readonly own: string;
  /** There is none of its own. */
  readonly inherits: boolean;
  /** As it is in force there. */
  readonly people: string;
}

/** Every allowFrom where one may be written. */
function peopleIn(text: string): ReadonlyMap<string, WhoMayWrite> {
  const reading = readJsonc(text);
  const lists = new Map<string, WhoMayWrite>();
  const channels = reading.ok ? asRaw(asRaw(reading.value)?.['channels']) : null;
  const put = (path: readonly PathPart[], keys: Raw | null, shared: Raw) => {
    if (keys === null) return;
    const at = formatPath([...path, 'allowFrom']);
    const own = keys['allowFrom'];
    const inherits = own === undefined;
    const people = namedIn(inherits ? shared['allowFrom'] : own);
    lists.set(at, { path: at, own: namedIn(own), inherits, people });
  };
  for (const [channel, written] of Object.entries(channels ?? {})) {
    const keys = asRaw(written);
    put(['channels', channel], keys, {});
    for (const [name, account] of Object.entries(asRaw(keys?.['accounts']) ?? {}))
      put(['channels', channel, 'accounts', name], asRaw(account), keys ?? {});
  }
  return lists;
}

/** `*` is a policy and nobody. */
function namedIn(list: JsonValue | undefined): string {
  return JSON.stringify(Array.isArray(list) ? list.filter((entry) => entry !== '*') : []);
}

function mistakesOf(problem: Problem): readonly Mistake[] {
  const listed = problem.members['mistakes'];
  // Put there by configInvalid and by nobody else.
  return Array.isArray(listed) ? listed : [asMistake(problem, '')];
}

function asMistake(problem: Problem, path: string): Mistake {
  return { path, message: problem.message, hint: problem.hint ?? '' };
}

/** Guarded keys that lie on, in or above what is changed. Never by comparing values: that would answer guesses. */
export function guardedBy(edited: readonly Edited[]): string[] {
  const fixed = GUARDED.filter((path) => edited.some((one) => overlaps(one.path, path)));
  return [...new Set([...fixed, ...edited.flatMap(({ path }) => endpointAt(path))])];
}

/** Where the account connects that is changed. */
function endpointAt(path: string): string[] {
  const parts = parsePath(path) ?? [];
  const [root, channel = ''] = parts;
  const key = root === 'channels' ? endpointOf(String(channel)) : null;
  if (key === null) return [];
  const account = parts.slice(0, parts[2] === 'accounts' && parts.length > 3 ? 4 : 2);
  const endpoint = formatPath([...account, key]);
  return overlaps(path, endpoint) ? [endpoint] : [];
}

const AROUND = 3;

/** The lines that differ and some around them, in order; what goes stands before what comes. */
export function lineDiff(before: string, after: string): ConfigLine[] {
  if (before === after) return [];
  const [old, next] = [linesOf(before), linesOf(after)];
  const kept = commonRun(old, next);
  const all: ConfigLine[] = [];
  for (let i = 0, j = 0; i < old.length || j < next.length; ) {
    const [gone, come] = [old[i], next[j]];
    if (gone !== undefined && !kept.old.has(i)) {
      all.push({ line: i + 1, kind: 'gone', text: gone });
      i += 1;
    } else if (come !== undefined) {
      const kind = kept.new.has(j) ? 'same' : 'new';
      all.push({ line: j + 1, kind, text: come });
      j += 1;
      if (kind === 'same') i += 1;
    } else break;
  }
  const near = new Set<number>();
  for (const [index, { kind }] of all.entries())
    for (let at = index - AROUND; kind !== 'same' && at <= index + AROUND; at++) near.add(at);
  return all.filter((_, index) => near.has(index));
}

function linesOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
