// JSON with one meaning (I-JSON, RFC 7493): a name given twice, a lone surrogate or `__proto__` means one thing to one
// reader and another to the next, so none of them has a digest (R35). Linear, never recursive past 64 levels.
import type { Json } from './canonical.ts';

/** Deepest nesting that is read. */
export const MAX_DEPTH = 64;

/** What keeps `value` from meaning one thing; null when nothing does. Iterative: depth is the caller's choice, not ours. */
export function jsonFault(value: unknown): string | null {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: at, depth } = next;
    if (typeof at === 'string') {
      if (!at.isWellFormed()) return 'a lone surrogate';
    } else if (typeof at === 'number') {
      if (!Number.isFinite(at)) return 'a number that is none';
    } else if (typeof at === 'object' && at !== null) {
      if (depth === MAX_DEPTH) return 'nested too deeply';
      if (Object.keys(at).some((name) => name === '__proto__')) return 'a member named __proto__';
      if (!Object.keys(at).every((name) => name.isWellFormed())) return 'a lone surrogate';
      for (const inner of Object.values(at)) open.push({ value: inner, depth: depth + 1 });
    } else if (typeof at !== 'boolean' && at !== null) return `a ${typeof at}`;
  }
  return null;
}

/** Reads JSON text. @throws SyntaxError for what is not JSON, TypeError for what has two meanings. */
export function parseStrict(text: string): Json {
  const value: Json = JSON.parse(text);
  const fault = jsonFault(value) ?? (hasNameTwice(text) ? 'a name given twice' : null);
  if (fault !== null) throw new TypeError(fault);
  return value;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** For text that is JSON. Names are compared as they are read: `"a"` and `"\u0061"` are one. */
function hasNameTwice(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const names = open.at(-1) ?? null;
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && isName && names !== null) {
      const name: string = JSON.parse(token);
      if (names.has(name)) return true;
      names.add(name);
    }
    isName = token === '{' || (token === ',' && open.at(-1) != null);
  }
  return false;
}
