// Names against the patterns of a shell.

/** One name against one pattern of a shell; a star does not match a leading dot. */
export function matchesGlob(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.'))
    return pattern.startsWith('[') || pattern.startsWith('@') ? slow(pattern, name) : false;
  return slow(pattern, name);
}

/** Greedy, with one point to come back to: linear in the product of both lengths, whatever the pattern. */
function slow(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let mark = 0;
  while (n < name.length) {
    const char = pattern[p];
    if (char === '*') {
      star = p;
      mark = n;
      p += 1;
      continue;
    }
    const step = char === undefined ? 0 : one(pattern, p, name[n] ?? '');
    if (step > 0) {
      p += step;
      n += 1;
    } else if (star >= 0) {
      mark += 1;
      n = mark;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Length of what matches one character at `at`; 0 when it does not. */
function one(pattern: string, at: number, char: string): number {
  if (pattern[at] === '?') return 1;
  if (pattern[at] !== '[') return pattern[at] === char ? 1 : 0;
  const end = pattern.indexOf(']', at + 2);
  if (end === -1) return pattern[at] === char ? 1 : 0;
  const set = pattern.slice(at + 1, end);
  const negated = /^[!^]/.test(set);
  const body = negated ? set.slice(1) : set;
  // Classes and equivalents by name: taken to match.
  if (body.includes(':') || body.includes('.') || body.includes('=')) return end - at + 1;
  let hit = false;
  for (let index = 0; index < body.length; index += 1) {
    if (body[index + 1] === '-' && index + 2 < body.length) {
      hit ||= char >= (body[index] ?? '') && char <= (body[index + 2] ?? '');
      index += 2;
    } else hit ||= body[index] === char;
  }
  return hit !== negated ? end - at + 1 : 0;
}
