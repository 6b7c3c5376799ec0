// The lines of a change as they are shown: with a mark where lines are left out. Pure.
import type { ConfigLine } from '@countersign/protocol/config';

export type Row = ConfigLine | { readonly kind: 'gap' };

export function rowsOf(lines: readonly ConfigLine[]): readonly Row[] {
  const rows: Row[] = [];
  let last = 0;
  for (const line of lines) {
    if (line.kind !== 'gone') {
      if (line.line > last + 1) rows.push({ kind: 'gap' });
      last = line.line;
    }
    rows.push(line);
  }
  return rows;
}

export function countOf(lines: readonly ConfigLine[]): { readonly added: number; readonly removed: number } {
  return {
    added: lines.filter(({ kind }) => kind === 'new').length,
    removed: lines.filter(({ kind }) => kind === 'gone').length,
  };
}
