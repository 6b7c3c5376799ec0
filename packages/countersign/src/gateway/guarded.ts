// Guarded keys: where messages, credentials and questions go. Changed by hand they are in force at once while no owner
// has a factor; afterwards the value accepted last stays, also over a restart, until somebody accepts the new one. Pure.
import { canonicalJson } from '@countersign/protocol/canonical';
import { asRaw, type Raw, rawAccounts } from '../config/accounts.ts';
import { ENDPOINTS, endpointOf, GUARDED } from '../config/guarded-keys.ts';
import type { JsonValue } from '../config/jsonc.ts';
import { formatPath, type PathPart, parsePath } from '../config/mistakes.ts';
import { filledValue } from '../config/read-value.ts';

export { GUARDED };

/** Path → canonical JSON of the value, every default filled in: how values are compared, kept and put back. */
export type Guarded = ReadonlyMap<string, string>;

export function guardedValues(tree: Raw): Guarded {
  const values = GUARDED.map((path) => [path, canonicalJson(filledValue(tree, partsOf(path)))] as const);
  return new Map([...values, ...endpoints(tree)]);
}

/** Where each account that is written connects, its own or what it inherits. */
function endpoints(tree: Raw): (readonly [string, string])[] {
  const at = (path: readonly PathPart[], keys: Raw, key: string) =>
    [formatPath([...path, key]), canonicalJson(keys[key] ?? null)] as const;
  const channels = asRaw(tree['channels']) ?? {};
  const shared = Object.entries(ENDPOINTS).flatMap(([channel, key]) => {
    const keys = asRaw(channels[channel]);
    return keys === null ? [] : [at(['channels', channel], keys, key)];
  });
  const own = rawAccounts(tree).flatMap(({ channel, path, keys }) => {
    const key = endpointOf(channel);
    return key === null ? [] : [at(path, keys, key)];
  });
  return [...shared, ...own];
}

/**
 * What counts as accepted where nothing was yet: a further account inherits the channel's token, so it connects where the
 * channel does until somebody says otherwise. Undefined: the channel is new as a whole.
 */
function inheritedEndpoint(path: string, accepted: Guarded): string | undefined {
  const [root, channel, accounts, , key] = partsOf(path);
  if (root !== 'channels' || channel === undefined || accounts !== 'accounts' || key === undefined)
    return undefined;
  return accepted.get(formatPath([root, channel, key]));
}

export interface Change {
  readonly path: string;
  readonly inForce: string;
  readonly asked: string;
}

export interface Weighed {
  /** Never seen before: accepted as it is. */
  readonly first: readonly { readonly path: string; readonly asked: string }[];
  /** Not what was accepted last. */
  readonly changed: readonly Change[];
  /** What the program works with: the file's tree, with what waits put back. */
  readonly tree: Raw;
}

/** Weighs what the file asks for against what was accepted; `hold`: changes wait. */
export function weigh(tree: Raw, accepted: Guarded, hold: boolean): Weighed {
  const asked = [...guardedValues(tree)].map(([path, value]) => ({ path, asked: value }));
  const before = (path: string) => accepted.get(path) ?? inheritedEndpoint(path, accepted);
  const first = asked.filter(
    ({ path, asked: value }) => !accepted.has(path) && (before(path) ?? value) === value,
  );
  const changed = asked.flatMap(({ path, asked: value }) => {
    const inForce = before(path);
    return inForce === undefined || inForce === value ? [] : [{ path, inForce, asked: value }];
  });
  const inForce = hold
    ? changed.reduce(
        (whole, { path, inForce: text }) => setPlain(whole, partsOf(path), JSON.parse(text)),
        tree,
      )
    : tree;
  return { first, changed, tree: inForce };
}

/** A value set, or one taken away. */
export interface Edited {
  readonly path: string;
  readonly value: JsonValue | undefined;
}

/**
 * What an edit through the house's own door makes of the guarded keys: that edit and nothing else is accepted by it, so a
 * hand-made change of a neighbouring key waits on.
 */
export function acceptedByEdit(inForce: Raw, edits: readonly Edited[]): Guarded {
  const before = guardedValues(inForce);
  const edited = edits.reduce((tree, { path, value }) => setPlain(tree, partsOf(path), value), inForce);
  return new Map([...guardedValues(edited)].filter(([path, text]) => before.get(path) !== text));
}

/** True when one path lies in the other. */
export function overlaps(a: string, b: string): boolean {
  const [one, other] = [parsePath(a) ?? [], parsePath(b) ?? []];
  const shorter = Math.min(one.length, other.length);
  return shorter > 0 && one.slice(0, shorter).every((part, index) => String(part) === String(other[index]));
}

function partsOf(path: string): readonly PathPart[] {
  return parsePath(path) ?? [];
}

/** The tree with another value at a path. A way that leads through a list or a plain value leaves it as it is. */
export function setPlain(tree: Raw, [part, ...rest]: readonly PathPart[], value: JsonValue | undefined): Raw {
  if (part === undefined) return tree;
  const key = String(part);
  const { [key]: old, ...others } = tree;
  if (rest.length > 0) {
    if (Array.isArray(old)) return { ...others, [key]: setElement(old, rest, value) };
    return { ...others, [key]: { ...setPlain(asRaw(old) ?? {}, rest, value) } };
  }
  return value === undefined ? others : { ...others, [key]: value };
}

function setElement(
  list: readonly JsonValue[],
  [part, ...rest]: readonly PathPart[],
  value: JsonValue | undefined,
): JsonValue[] {
  const index = Number(part);
  const next = [...list];
  if (rest.length > 0) next[index] = { ...setPlain(asRaw(list[index]) ?? {}, rest, value) };
  else if (value === undefined) next.splice(index, 1);
  else next[index] = value;
  return next;
}
