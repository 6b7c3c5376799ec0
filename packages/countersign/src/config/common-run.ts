// What two lists have in common, in order: what an edit of a list leaves where it is.

interface Kept {
  readonly old: ReadonlySet<number>;
  readonly new: ReadonlySet<number>;
}

const MAX_COMPARED = 2_000;

/** The longest common subsequence, by position. Equal beginnings and ends are cut off first: most edits are small. */
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
  if (rows === 0 || columns === 0 || rows > MAX_COMPARED || columns > MAX_COMPARED) return kept;
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
