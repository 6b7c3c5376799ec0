// Changes a JSONC tree in place with as little as possible touched, so that comments stay with what they speak of.
// T8: in an allow-list with names in comments, a comment that ends up beside another id is a lie about who is allowed.
// So a list entry takes its comments with it: the one behind it on its line and those on the lines directly above.

import { commonRun } from './common-run.ts';
import type { JsoncArray, JsoncNode, JsoncObject, JsoncProp, JsoncRoot, JsonValue } from './jsonc.ts';
import type { PathPart } from './mistakes.ts';

/** Sets the value at a path, making what is missing on the way. False when a list or a value stands in the way. */
export function setAt(root: JsoncRoot, path: readonly PathPart[], value: JsonValue): boolean {
  const [last, ...above] = [...path].reverse();
  if (last === undefined) return false;
  let node: JsoncNode | null = null;
  let object: JsoncObject | undefined = root.asObjectOrCreate();
  const way = above.reverse();
  for (const [index, part] of way.entries()) {
    const next = child(node, object, part);
    if (next === null) {
      if (object === undefined || typeof part === 'number') return false;
      return appendNested(object, part, [...way.slice(index + 1), last], value);
    }
    node = next;
    object = node.asObject();
  }
  const array = node?.asArray();
  if (array !== undefined) return setElement(array, last, value);
  if (object === undefined || typeof last === 'number') return false;
  const prop = object.get(last);
  if (prop === undefined) object.append(last, value);
  else mergeProp(prop, value);
  return true;
}

/** Removes what lies at a path. False when nothing does. */
export function unsetAt(root: JsoncRoot, path: readonly PathPart[]): boolean {
  const [last, ...above] = [...path].reverse();
  let node = root.value() ?? null;
  for (const part of above.reverse()) node = node === null ? null : child(node, node.asObject(), part);
  if (node === null || last === undefined) return false;
  const array = node.asArray();
  if (array !== undefined) {
    const element = array.elements()[indexOf(last)];
    if (element !== undefined) removeElement(element);
    return element !== undefined;
  }
  const prop = node.asObject()?.get(String(last));
  prop?.remove();
  return prop !== undefined;
}

function child(node: JsoncNode | null, object: JsoncObject | undefined, part: PathPart): JsoncNode | null {
  const array = node?.asArray();
  if (array !== undefined) return array.elements()[indexOf(part)] ?? null;
  return object?.get(String(part))?.value() ?? null;
}

/** `allowFrom.0` names the same entry as `allowFrom[0]`. */
function indexOf(part: PathPart): number {
  return typeof part === 'number' || /^\d{1,6}$/.test(part) ? Number(part) : -1;
}

function appendNested(
  object: JsoncObject,
  key: string,
  rest: readonly PathPart[],
  value: JsonValue,
): boolean {
  let nested = value;
  for (const part of [...rest].reverse()) {
    if (typeof part === 'number') {
      if (part !== 0) return false;
      nested = [nested];
    } else nested = { [part]: nested };
  }
  object.append(key, nested);
  return true;
}

function setElement(array: JsoncArray, part: PathPart, value: JsonValue): boolean {
  const elements = array.elements();
  const index = indexOf(part);
  if (index < 0 || index > elements.length) return false;
  const element = elements[index];
  if (element !== undefined && same(readPlain(element), value)) return true;
  // Not replaced in place: the comment beside the old entry would then speak of the new one.
  if (element !== undefined) removeElement(element);
  makeRoom(array);
  array.insert(index, value);
  return true;
}

function mergeProp(prop: JsoncProp, value: JsonValue): void {
  const old = prop.value();
  const [array, object] = [old?.asArray(), old?.asObject()];
  if (array !== undefined && Array.isArray(value)) {
    if (!mergeArray(array, value)) prop.setValue(value);
  } else if (object !== undefined && isObject(value)) mergeObject(object, value);
  else if (old === undefined || !same(readPlain(old), value)) prop.setValue(value);
}

function mergeObject(object: JsoncObject, value: { [key: string]: JsonValue }): void {
  for (const prop of object.properties()) {
    const name = prop.decodedName();
    if (name !== undefined && !Object.hasOwn(value, name)) prop.remove();
  }
  for (const [key, inner] of Object.entries(value)) {
    const prop = object.get(key);
    if (prop === undefined) object.append(key, inner);
    else mergeProp(prop, inner);
  }
}

/** Entries changed, times entries there: each change walks the list, and nobody may hold the house up by one call. */
const MAX_STEPS = 250_000;

/**
 * Keeps every entry that stays, removes what goes, inserts what comes. False, and nothing done, where so
 * much would change that the list is better written anew, without its comments.
 */
function mergeArray(array: JsoncArray, value: readonly JsonValue[]): boolean {
  const elements = array.elements();
  const wanted = value.map((entry) => JSON.stringify(entry));
  const kept = commonRun(
    elements.map((element) => JSON.stringify(readPlain(element))),
    wanted,
  );
  const changes = elements.length - kept.old.size + value.length - kept.new.size;
  if (changes * Math.max(elements.length, value.length) > MAX_STEPS) return false;
  for (const [index, element] of elements.entries()) if (!kept.old.has(index)) removeElement(element);
  if (kept.new.size < value.length) makeRoom(array);
  for (const [index, entry] of value.entries()) if (!kept.new.has(index)) array.insert(index, entry);
  return true;
}

// A comment behind the last entry of a line would move on to the next one: `["222" /* Bob */]` with one more would
// read `["222", "333" /* Bob */]`. Entries with comments get lines of their own.
function makeRoom(array: JsoncArray): void {
  const children = array.children();
  if (!children.some((child) => child.isComment())) return;
  if (!children.some((child) => child.isNewline())) {
    array.ensureMultiline();
    return;
  }
  // Better no comment than one that moves on to the next entry.
  const behind = children.reverse().slice(1);
  const end = behind.findIndex((child) => !child.isComment() && !child.isWhitespace());
  if (behind[end]?.isNewline() !== true)
    for (const child of behind.slice(0, end)) if (child.isComment()) child.remove();
}

/** Removes a list entry with the comments that are its own. jsonc-morph leaves those on the lines above behind. */
function removeElement(element: JsoncNode): void {
  for (const comment of commentsAbove(element)) comment.remove();
  element.remove();
}

function commentsAbove(element: JsoncNode): JsoncNode[] {
  const own: JsoncNode[] = [];
  let line: JsoncNode[] = [];
  let breaks = 0;
  for (const before of element.previousSiblings()) {
    if (before.isWhitespace()) continue;
    if (before.isNewline()) {
      breaks += 1;
      own.push(...line);
      line = [];
      // A blank line ends what belongs to the entry.
      if (breaks > 1) return own;
    } else if (before.isComment()) {
      line.push(before);
      breaks = 0;
    } else return own;
  }
  return own;
}

/** The plain value of a node that readJsonc has let pass. */
function readPlain(node: JsoncNode): JsonValue {
  const object = node.asObject();
  if (object !== undefined) {
    const entries = object.properties().map((prop) => {
      const value = prop.value();
      return [prop.decodedName() ?? '', value === undefined ? null : readPlain(value)] as const;
    });
    return Object.fromEntries(entries);
  }
  const array = node.asArray();
  if (array !== undefined) return array.elements().map(readPlain);
  const digits = node.numberValue();
  return digits === undefined ? (node.asString() ?? node.asBoolean() ?? null) : Number(digits);
}

function same(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
