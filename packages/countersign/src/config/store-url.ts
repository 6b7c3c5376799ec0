// Where the state lives. The address of a PostgreSQL server holds a password, so the resolved form is a Secret.
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { Secret, SecretSource } from './secret.ts';

export interface StoreLocation {
  readonly kind: 'sqlite' | 'postgres';
  /** `sqlite:/absolute/path`, `sqlite::memory:` or `postgres://…`. */
  readonly url: Secret;
}

const FORM = 'a store is "sqlite:PATH" or "postgres://…"';

export const storeSchema = z
  .union(
    [
      z.string().regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, { error: FORM }),
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
      z.strictObject({ file: z.string().min(1) }),
    ],
    { error: FORM },
  )
  .transform((written) => {
    if (typeof written === 'string') return new SecretSource('literal', written);
    return 'env' in written ? new SecretSource('env', written.env) : new SecretSource('file', written.file);
  })
  .prefault('sqlite:countersign.db')
  .describe('Where the state lives: "sqlite:PATH" (relative to the home) or "postgres://…".');

/** Makes a SQLite path absolute within the home; null when the text is no store. */
export function locateStore(text: string, home: string): StoreLocation | null {
  if (/^postgres(ql)?:\/\/./.test(text)) {
    return URL.canParse(text) ? { kind: 'postgres', url: new Secret(text) } : null;
  }
  const path = /^sqlite:(.+)$/.exec(text)?.[1];
  if (path === undefined || path.includes('\0')) return null;
  const place = path === ':memory:' || isAbsolute(path) ? path : join(home, path);
  return { kind: 'sqlite', url: new Secret(`sqlite:${place}`) };
}
