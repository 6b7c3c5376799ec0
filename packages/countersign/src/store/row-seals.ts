// Rows that open something without a word of anybody, or prove somebody: what each says, as a keyed hash beside it. One that was written, or bent,
// by somebody with the database and without the keys fits none, and is not there.
import { timingSafeEqual } from 'node:crypto';
import type { Hasher, HashPurpose } from '../core/ports.ts';

type Sealed = Extract<HashPurpose, 'elevation-seal' | 'window-seal' | 'recovery-seal'>;
type Said = readonly (string | number | null)[];

export function rowSeal(hasher: Hasher, purpose: Sealed, said: Said): string {
  return hasher.keyed(purpose, JSON.stringify(said));
}

export function fitsSeal(hasher: Hasher, purpose: Sealed, said: Said, seal: string | null): boolean {
  const [stored, right] = [Buffer.from(seal ?? ''), Buffer.from(rowSeal(hasher, purpose, said))];
  return stored.length === right.length && timingSafeEqual(stored, right);
}
