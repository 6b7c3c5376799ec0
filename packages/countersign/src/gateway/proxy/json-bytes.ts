// JSON as the bytes it came in: is it JSON, and where do its members stand. Nothing is built from it, so that a large or
// hostile body costs no memory, and what is not cut out goes on byte for byte. Invariant: isJson says yes exactly where
// JSON.parse does (up to a depth); every other function here is only asked about bytes that isJson said yes to.
import { isUtf8 } from 'node:buffer';
import { Problem } from '@countersign/protocol/problem';

/** Tools nest their schemas, never this deep. */
export const MAX_DEPTH = 256;
/** A list of what stands in a body costs more than the body: so many, and no request anybody means has them. */
const MAX_MEMBERS = 10_000;
const MAX_ELEMENTS = 100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const BAD = -1;

export interface Span {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

export interface Member extends Span {
  /** Decoded: `\u0075ser` is `user`. */
  readonly name: string;
  readonly value: Span;
}

/** True for one JSON value in well-formed UTF-8, without a byte order mark. */
export function isJson(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  const end = checkValue(bytes, blank(bytes, 0), 0);
  return end !== BAD && blank(bytes, end) === bytes.length;
}

/** True when `value` is an object, told by its first byte. */
export function isObject(bytes: Uint8Array, { start }: Span): boolean {
  return bytes[start] === OPEN_OBJECT;
}

export function isArray(bytes: Uint8Array, { start }: Span): boolean {
  return bytes[start] === OPEN_ARRAY;
}

export function isText(bytes: Uint8Array, { start }: Span): boolean {
  return bytes[start] === QUOTE;
}

/** The one value of the document. */
export function root(bytes: Uint8Array): Span {
  const start = blank(bytes, 0);
  return { start, end: skip(bytes, start) };
}

/** The members of an object in order, those of one name each. @throws Problem `request_malformed` for too many. */
export function members(bytes: Uint8Array, object: Span): Member[] {
  const found: Member[] = [];
  let at = blank(bytes, object.start + 1);
  while (bytes[at] !== CLOSE_OBJECT) {
    const start = at;
    const nameEnd = skipText(bytes, at);
    const valueStart = blank(bytes, blank(bytes, nameEnd) + 1);
    const end = skip(bytes, valueStart);
    const name = text(bytes, { start, end: nameEnd });
    found.push({ name, start, end, value: { start: valueStart, end } });
    if (found.length > MAX_MEMBERS) throw tooMany();
    at = afterComma(bytes, end);
  }
  return found;
}

/** The values of an array in order. @throws Problem `request_malformed` for too many. */
export function elements(bytes: Uint8Array, array: Span): Span[] {
  const found: Span[] = [];
  let at = blank(bytes, array.start + 1);
  while (bytes[at] !== CLOSE_ARRAY) {
    const end = skip(bytes, at);
    found.push({ start: at, end });
    if (found.length > MAX_ELEMENTS) throw tooMany();
    at = afterComma(bytes, end);
  }
  return found;
}

function tooMany(): Problem {
  return new Problem('request_malformed', { detail: 'the body holds too many members' });
}

/** A string's own text. */
export function text(bytes: Uint8Array, { start, end }: Span): string {
  const inner = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const raw = inner.toString('utf8');
  return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
}

function afterComma(bytes: Uint8Array, end: number): number {
  const at = blank(bytes, end);
  return bytes[at] === COMMA ? blank(bytes, at + 1) : at;
}

function blank(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

/** Behind the value at `from`, known to be JSON. */
function skip(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return skipText(bytes, from);
  let at = from;
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) {
    while (at < bytes.length && !endsPlain(bytes[at])) at += 1;
    return at;
  }
  let open = 0;
  do {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipText(bytes, at);
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) open -= 1;
    at += 1;
  } while (open > 0);
  return at;
}

function endsPlain(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || (byte ?? 0) <= 0x20;
}

function skipText(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  for (;;) {
    // An image is one string of megabytes: found in one go.
    at = bytes.indexOf(QUOTE, at);
    let slashes = at - 1;
    while (bytes[slashes] === BACKSLASH) slashes -= 1;
    at += 1;
    if ((at - slashes) % 2 === 0) return at;
  }
}

/** Behind the value at `from`; BAD when none is there. */
function checkValue(bytes: Uint8Array, from: number, depth: number): number {
  switch (bytes[from]) {
    case QUOTE:
      return checkText(bytes, from);
    case OPEN_OBJECT:
      return checkMany(bytes, from, depth, CLOSE_OBJECT);
    case OPEN_ARRAY:
      return checkMany(bytes, from, depth, CLOSE_ARRAY);
    case 0x74:
      return checkWord(bytes, from, 'true');
    case 0x66:
      return checkWord(bytes, from, 'false');
    case 0x6e:
      return checkWord(bytes, from, 'null');
    default:
      return checkNumber(bytes, from);
  }
}

function checkMany(bytes: Uint8Array, from: number, depth: number, close: number): number {
  if (depth === MAX_DEPTH) return BAD;
  let at = blank(bytes, from + 1);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (close === CLOSE_OBJECT) {
      at = bytes[at] === QUOTE ? checkText(bytes, at) : BAD;
      if (at === BAD) return BAD;
      at = blank(bytes, at);
      if (bytes[at] !== COLON) return BAD;
      at = blank(bytes, at + 1);
    }
    at = checkValue(bytes, at, depth + 1);
    if (at === BAD) return BAD;
    at = blank(bytes, at);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== COMMA) return BAD;
    at = blank(bytes, at + 1);
  }
}

function checkText(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x20) return BAD;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      at = checkEscape(bytes, at + 1);
      if (at === BAD) return BAD;
    } else at += 1;
  }
}

function checkEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === 0x75) {
    for (let digit = at + 1; digit < at + 5; digit++) if (!isHex(bytes[digit])) return BAD;
    return at + 5;
  }
  return byte !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? at + 1 : BAD;
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function checkWord(bytes: Uint8Array, from: number, word: string): number {
  for (let at = 0; at < word.length; at++) if (bytes[from + at] !== word.charCodeAt(at)) return BAD;
  return from + word.length;
}

function checkNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  if (bytes[at] === 0x30) at += 1;
  else {
    const digits = at;
    while (isDigit(bytes[at])) at += 1;
    if (at === digits) return BAD;
  }
  if (bytes[at] === 0x2e) {
    at += 1;
    const digits = at;
    while (isDigit(bytes[at])) at += 1;
    if (at === digits) return BAD;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at += 1;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
    const digits = at;
    while (isDigit(bytes[at])) at += 1;
    if (at === digits) return BAD;
  }
  return at;
}
