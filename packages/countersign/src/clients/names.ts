// Names that are never used again: of a try that is repeated, of a proof that counts once.
import { randomUUID } from 'node:crypto';

export function newName(): string {
  return randomUUID();
}
