// A secret prints as [secret] wherever it is printed. Only reveal() gives the text, so that every use can be found.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
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
const UNREADABLE = 'the file of this secret cannot be read';

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

/** Only a file is read, and no more of it than a secret has: a pipe that nobody writes would stop the gateway. */
function readSecretFile(path: string): Secret | string {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return UNREADABLE;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return UNREADABLE;
    // One byte more than may be there; of /proc no size is true.
    const bytes = Buffer.alloc(MAX_SECRET_FILE + 1);
    let length = 0;
    for (let some = -1; some !== 0 && length < bytes.length; length += some)
      some = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (length > MAX_SECRET_FILE) return 'the file of this secret is too large to be one';
    const text = bytes.toString('utf8', 0, length).replace(/\r?\n$/, '');
    return text === '' ? 'the file of this secret is empty' : new Secret(text);
  } catch {
    return UNREADABLE;
  } finally {
    closeSync(descriptor);
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
    .meta({ description: sentence, writeOnly: true, 'x-secret': true });
}
