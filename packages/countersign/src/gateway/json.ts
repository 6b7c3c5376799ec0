// A request body as JSON, read once and strictly. Two readers who disagree about a document are how one of them is
// fooled: a key written twice, a prototype key, a byte order mark or broken UTF-8 makes the whole request malformed.
import { Problem } from '@countersign/protocol/problem';

const MAX_DEPTH = 32;

/** The object in `bytes`; an empty body is `{}`. @throws Problem `request_malformed`. */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length === 0) return {};
  const text = decode(bytes);
  const value = parse(text);
  const flaw = flawOf(text);
  if (flaw !== null) throw malformed(flaw);
  if (!isObject(value)) throw malformed('the body must be a JSON object');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('the body is not UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the text, which may hold a secret.
    throw malformed('the body is not JSON');
  }
}

/** What JSON.parse lets pass in a text it accepted: `text` is known to be well-formed JSON. */
function flawOf(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (expectsKey && keys) {
        const key: unknown = JSON.parse(text.slice(at, end + 1));
        if (key === '__proto__') return 'the body holds a key that is refused: __proto__';
        if (keys.has(String(key))) return 'the body holds a key twice';
        keys.add(String(key));
      }
      at = end;
    } else if (char === '{' || char === '[') {
      if (open.length === MAX_DEPTH) return 'the body is nested too deeply';
      open.push(char === '{' ? new Set() : null);
    } else if (char === '}' || char === ']') {
      open.pop();
    }
    if (char === '{' || char === ',') expectsKey = open.at(-1) instanceof Set;
    else if (char === ':' || char === '[') expectsKey = false;
  }
  return null;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(detail: string): Problem {
  return new Problem('request_malformed', { detail });
}
