// Reading rows: the one place where what a database returned gets its types. A value of the wrong type is a damaged
// store, said so.
import { Problem } from '@countersign/protocol/problem';
import type { Row } from './dialects/database.ts';

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : damaged(column);
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function int(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : damaged(column);
}

export function intOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : int(row, column);
}

export function flag(row: Row, column: string): boolean {
  return int(row, column) === 1;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : damaged(column);
}

export function bytesOrNull(row: Row, column: string): Uint8Array | null {
  return row[column] === null ? null : bytes(row, column);
}

/** A text we wrote ourselves, of one of the kinds the type names (an id, a state): trusted as the row is trusted. */
export function word<T extends string>(row: Row, column: string): T {
  return text(row, column) as T;
}

export function wordOrNull<T extends string>(row: Row, column: string): T | null {
  return row[column] === null ? null : word<T>(row, column);
}

function damaged(column: string): never {
  throw new Problem('store_unavailable', { detail: `a stored ${column} is damaged` });
}
