// JSON with one meaning (I-JSON, RFC 7493): a name given twice, a lone surrogate or `__proto__` means one thing to one
// reader and another to the next, and so does a number that no double holds; none of them has a digest (R35). Linear, never recursive past 64 levels.
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
  const fault = jsonFault(value) ?? textFault(text);
  if (fault !== null) throw new TypeError(fault);
  return value;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|-?\d[\d.eE+-]*/g;

/** For text that is JSON: what is gone once it is read. Names are compared as they are read: `"a"` and `"\u0061"` are one. */
function textFault(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const names = open.at(-1) ?? null;
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && isName && names !== null) {
      const name: string = JSON.parse(token);
      if (names.has(name)) return 'a name given twice';
      names.add(name);
    } else if (/^[-\d]/.test(token) && isBent(token)) return 'a number that no double holds';
    isName = token === '{' || (token === ',' && open.at(-1) != null);
  }
  return null;
}

/** The largest double has 309 digits; whoever writes more wants us to count them. */
const LONGEST_NUMBER = 400;

/** Past 2^53 a double is the next one that there is: another id, another amount. Written as JavaScript writes it, or exactly, it is
 * the same for everybody; a fraction is rounded by every reader alike. */
function isBent(token: string): boolean {
  const value = Number(token);
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return false;
  if (token.length > LONGEST_NUMBER) return true;
  const written = digitsOf(token);
  return written !== digitsOf(String(value)) && written !== digitsOf(String(BigInt(value)));
}

/** Sign, digits and place: one text for every way to write a number. */
function digitsOf(number: string): string {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${part}`.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return `${sign}${short}e${Number(power) - part.length + digits.length - short.length}`;
}
