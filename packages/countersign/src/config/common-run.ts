// What two lists have in common, in order: what an edit of a list leaves where it is.

interface Kept {
  readonly old: ReadonlySet<number>;
  readonly new: ReadonlySet<number>;
}

const MAX_COMPARED = 2_000;

/**
 * The longest common subsequence, by position. Equal beginnings and ends are cut off first: most edits are small. Of what
 * is long and differs in between only entries that each side has once are followed: a list of people has no other, and
 * comparing all with all would stop the house for half a minute.
 */
export function commonRun(old: readonly string[], next: readonly string[]): Kept {
  const kept = { old: new Set<number>(), new: new Set<number>() };
  const keep = (i: number, j: number) => {
    kept.old.add(i);
    kept.new.add(j);
  };
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) {
    keep(start, start);
    start += 1;
  }
  let [oldEnd, newEnd] = [old.length, next.length];
  while (oldEnd > start && newEnd > start && old[oldEnd - 1] === next[newEnd - 1]) {
    oldEnd -= 1;
    newEnd -= 1;
    keep(oldEnd, newEnd);
  }
  const [rows, columns] = [oldEnd - start, newEnd - start];
  if (rows === 0 || columns === 0) return kept;
  if (rows > MAX_COMPARED || columns > MAX_COMPARED) {
    for (const [i, j] of longestRise(sharedOnce(old.slice(start, oldEnd), next.slice(start, newEnd))))
      keep(start + i, start + j);
    return kept;
  }
  const table = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  const cell = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    const row = table[i];
    for (let j = columns - 1; row !== undefined && j >= 0; j--) {
      const equal = old[start + i] === next[start + j];
      row[j] = equal ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < rows && j < columns) {
    if (old[start + i] === next[start + j]) keep(start + i++, start + j++);
    else if (cell(i + 1, j) >= cell(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}

type Pair = readonly [old: number, next: number];

/** Where entries stand that either side has exactly once, in the order of the old side. */
function sharedOnce(old: readonly string[], next: readonly string[]): Pair[] {
  const places = (list: readonly string[]) => {
    const found = new Map<string, number | null>();
    for (const [n, entry] of list.entries()) found.set(entry, found.has(entry) ? null : n);
    return found;
  };
  const there = places(next);
  const shared: Pair[] = [];
  for (const [entry, i] of places(old)) {
    const j = there.get(entry) ?? null;
    if (i !== null && j !== null) shared.push([i, j]);
  }
  return shared.sort(([a], [b]) => a - b);
}

/** The longest run of pairs that rises on both sides, n log n: patience sorting. */
function longestRise(pairs: readonly Pair[]): Pair[] {
  interface Link {
    readonly pair: Pair;
    readonly before: Link | undefined;
  }
  const piles: Link[] = [];
  for (const pair of pairs) {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((piles[middle]?.pair[1] ?? 0) < pair[1]) low = middle + 1;
      else high = middle;
    }
    piles[low] = { pair, before: piles[low - 1] };
  }
  const run: Pair[] = [];
  for (let link = piles.at(-1); link !== undefined; link = link.before) run.push(link.pair);
  return run.reverse();
}
