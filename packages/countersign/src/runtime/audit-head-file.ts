// keys/audit-head.json: the heads of the audit as this gateway saw them last, outside the store that they are about.
import { join } from 'node:path';
import { readPrivate, writeWhole } from './files.ts';

export interface KeptText {
  read(): string | null;
  write(text: string): void;
}

/** @param folder of the keys. */
export function auditHeadFile(folder: string): KeptText {
  const path = join(folder, 'audit-head.json');
  return {
    read: () => readPrivate(path)?.toString('utf8') ?? null,
    write: (text) => writeWhole(path, text),
  };
}
