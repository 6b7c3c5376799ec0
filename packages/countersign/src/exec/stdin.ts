// What a command will read is read whole before anybody is asked: what comes later was not approved. Nothing of it is kept
// longer than the command.
import { createHash } from 'node:crypto';
import { fstatSync } from 'node:fs';
import type { Stdin } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';

const MOST = 16 * 1_048_576;

export interface Given {
  readonly stdin: Stdin;
  /** Null: nothing was given. */
  readonly bytes: Buffer | null;
}

/** Where bytes may come from; the process's own standard input in life. */
export interface Source extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean | undefined;
}

/** Says what standard input is. A file, a pipe or a socket holds bytes; everything else but a terminal holds none. */
export function kindOf(fd: number, isTTY: boolean): 'none' | 'terminal' | 'bytes' {
  if (isTTY) return 'terminal';
  try {
    const stat = fstatSync(fd);
    return stat.isFile() || stat.isFIFO() || stat.isSocket() ? 'bytes' : 'none';
  } catch {
    return 'none';
  }
}

/** @throws Problem `usage`: more than fits. */
export async function readAll(source: Source): Promise<Given> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of source) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MOST)
      throw new Problem('usage', {
        detail: `more than ${MOST / 1_048_576} MiB of standard input`,
        hint: 'put it into a file, and name the file',
      });
    parts.push(bytes);
  }
  // An end straight away is what a command without input reads, too.
  if (size === 0) return { stdin: { kind: 'none' }, bytes: null };
  const bytes = Buffer.concat(parts);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { stdin: { kind: 'bytes', sha256, size }, bytes };
}
