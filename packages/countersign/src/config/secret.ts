// A secret prints as [secret] wherever it is printed. Only reveal() gives the text, so that every use can be found.
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

const MAX_SECRET_FILE = 64 * 1024;

/** Where a secret is written: in the configuration, in the environment, or in a file of its own. */
export class SecretSource {
  readonly kind: 'literal' | 'env' | 'file';
  readonly #text: string;

  constructor(kind: 'literal' | 'env' | 'file', text: string) {
    this.kind = kind;
    this.#text = text;
  }

  /**
   * Reads the secret. Relative files are beside the configuration, never in the working directory (H72).
   * @returns what is wrong, as a text, when there is nothing to read.
   */
  read(env: Readonly<Record<string, string | undefined>>, folder: string): Secret | string {
    if (this.kind === 'literal') return new Secret(this.#text);
    if (this.kind === 'env') {
      const text = env[this.#text];
      return text === undefined || text === '' ? `the environment has no ${this.#text}` : new Secret(text);
    }
    return readSecretFile(isAbsolute(this.#text) ? this.#text : join(folder, this.#text));
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

function readSecretFile(path: string): Secret | string {
  try {
    const { size } = statSync(path);
    if (size > MAX_SECRET_FILE) return 'the file of this secret is too large to be one';
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? 'the file of this secret is empty' : new Secret(text);
  } catch {
    return 'the file of this secret cannot be read';
  }
}

const shape = z.union(
  [
    z.string().min(1).max(8192),
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({ file: z.string().min(1) }),
  ],
  { error: 'a secret is a text, { "env": "NAME" } or { "file": "PATH" }' },
);

/** A key that holds a secret or nothing. */
export function secret(sentence: string) {
  return shape
    .transform((written) => {
      if (typeof written === 'string') return new SecretSource('literal', written);
      return 'env' in written ? new SecretSource('env', written.env) : new SecretSource('file', written.file);
    })
    .nullable()
    .prefault(null)
    .meta({ description: sentence, writeOnly: true });
}
