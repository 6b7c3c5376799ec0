// The one reader and editor of JSONC, around jsonc-morph, whose own types are `any`. Reading refuses what would change
// meaning silently: a prototype key, a key written twice, a number that does not fit.
// T9: `{"__proto__": {...}}` would set the prototype, where a strict schema does not see it; of two equal keys the last
// would win.
import { parse } from 'jsonc-morph';
import { formatPath, type Mistake, type PathPart } from './mistakes.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A place in the text. The members this project uses of jsonc-morph's nodes. */
export interface JsoncNode {
  asObject(): JsoncObject | undefined;
  asArray(): JsoncArray | undefined;
  asString(): string | undefined;
  numberValue(): string | undefined;
  asBoolean(): boolean | undefined;
  isNull(): boolean;
  isComment(): boolean;
  isNewline(): boolean;
  isWhitespace(): boolean;
  previousSiblings(): JsoncNode[];
  remove(): void;
}

export interface JsoncProp {
  decodedName(): string | undefined;
  value(): JsoncNode | undefined;
  setValue(value: JsonValue): void;
  remove(): void;
}

export interface JsoncObject {
  get(key: string): JsoncProp | undefined;
  properties(): JsoncProp[];
  append(key: string, value: JsonValue): void;
}

export interface JsoncArray {
  ensureMultiline(): void;
  children(): JsoncNode[];
  elements(): JsoncNode[];
  insert(index: number, value: JsonValue): void;
}

export interface JsoncRoot {
  value(): JsoncNode | undefined;
  asObjectOrCreate(): JsoncObject;
  setValue(value: JsonValue): void;
  toString(): string;
}

export type Reading =
  | { readonly ok: true; readonly value: JsonValue; readonly root: JsoncRoot }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

const STRICT = { allowMissingCommas: false, allowHexadecimalNumbers: false, allowUnaryPlusNumbers: false };
const BOM = '\uFEFF';
const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_DEPTH = 32;

/** Reads a configuration text. A byte order mark is let pass, an empty text is `{}`. Never throws. */
export function readJsonc(text: string): Reading {
  const body = withoutMark(text);
  let root: JsoncRoot;
  try {
    root = parse(body, STRICT);
  } catch (error) {
    return { ok: false, mistakes: [syntaxMistake(body, error)] };
  }
  const mistakes: Mistake[] = [];
  const node = root.value();
  const value = node === undefined ? {} : readNode(node, [], mistakes);
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, value, root };
}

export function withoutMark(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text;
}

/** The text of an edited tree, with the byte order mark that `before` had. */
export function printJsonc(root: JsoncRoot, before: string): string {
  return before.startsWith(BOM) ? BOM + root.toString() : root.toString();
}

function readNode(node: JsoncNode, path: readonly PathPart[], mistakes: Mistake[]): JsonValue {
  if (path.length > MAX_DEPTH) {
    mistakes.push({
      path: formatPath(path),
      message: 'this is nested too deeply',
      hint: 'no key lies so deep',
    });
    return null;
  }
  const object = node.asObject();
  if (object !== undefined) return readObject(object, path, mistakes);
  const array = node.asArray();
  if (array !== undefined) {
    return array.elements().map((element, index) => readNode(element, [...path, index], mistakes));
  }
  const digits = node.numberValue();
  if (digits !== undefined) return readNumber(digits, path, mistakes);
  return node.asString() ?? node.asBoolean() ?? null;
}

function readObject(object: JsoncObject, path: readonly PathPart[], mistakes: Mistake[]): JsonValue {
  const value: { [key: string]: JsonValue } = {};
  for (const prop of object.properties()) {
    const [key, inner] = [prop.decodedName(), prop.value()];
    if (key === undefined || inner === undefined) continue;
    const here = [...path, key];
    const say = (message: string, hint: string) => mistakes.push({ path: formatPath(here), message, hint });
    if (POISON.has(key)) say('this key is refused', 'remove it: it would change the object, not describe it');
    else if (Object.hasOwn(value, key)) say('this key is written twice', 'keep one of the two');
    else value[key] = readNode(inner, here, mistakes);
  }
  return value;
}

function readNumber(digits: string, path: readonly PathPart[], mistakes: Mistake[]): JsonValue {
  const number = Number(digits);
  if (Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number;
  const hint = 'write long ids as text, in quotes';
  mistakes.push({ path: formatPath(path), message: 'this number cannot be kept exactly', hint });
  return null;
}

/** jsonc-morph names no line. The parser reads left to right, so the first line whose prefix fails alike is the one. */
function syntaxMistake(text: string, error: unknown): Mistake {
  const failure = messageOf(error);
  const lines = text.split('\n');
  let [low, high] = [1, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (failureOf(lines.slice(0, middle).join('\n')) === failure) high = middle;
    else low = middle + 1;
  }
  const what = failure.slice(0, 120).toLowerCase();
  return {
    path: '',
    message: `the file is not JSON, line ${low}: ${what}`,
    hint: 'look at that line and the one above',
  };
}

function failureOf(text: string): string | null {
  try {
    parse(text, STRICT);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  // The parser quotes what it stumbled over; that could be a piece of a secret.
  const text = error instanceof Error ? error.message : 'it cannot be read';
  return text
    .replace(/^Parse error: /, '')
    .replace(/'.*'/gs, '…')
    .trim();
}
