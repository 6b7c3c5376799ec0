// What was noted elsewhere must still be in the chain. The chain alone cannot tell that its end was cut off, or that all
// of it was written anew (R66): a hash or an export kept off this machine can.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { Problem } from '@countersign/protocol/problem';
import type { Cli } from '../cli.ts';
import { exportBytes } from './audit-export.ts';

export interface Witness {
  readonly head?: string;
  readonly against?: string;
}

/** What the witness says is wrong; null when all it saw is there. */
export async function contradicts(cli: Cli, { head, against }: Witness): Promise<string | null> {
  const seen = new Map<string, string>();
  if (against !== undefined)
    for await (const [place, hash] of events(createReadStream(against))) seen.set(place, hash);
  if (against !== undefined && seen.size === 0) {
    throw new Problem('usage', {
      detail: `${against} holds no exported events`,
      hint: 'countersign audit export audit.ndjson',
    });
  }
  let headFound = head === undefined;
  for await (const [place, hash] of events(Readable.from(exportBytes(cli)))) {
    if (hash === head) headFound = true;
    const before = seen.get(place);
    if (before !== undefined && before !== hash) return `event ${place} is not the one that was exported`;
    seen.delete(place);
  }
  if (!headFound) return 'no event has that hash: the chain was cut or written anew';
  const [missing] = seen.keys();
  return missing === undefined ? null : `event ${missing} was exported and is gone`;
}

/** `writer seq` and hash of each event of an export. */
async function* events(input: Readable): AsyncGenerator<[string, string]> {
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const event = read(line);
      if (event !== undefined) yield event;
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('usage', {
      detail: 'the export cannot be read',
      hint: 'name a file of countersign audit export',
      cause,
    });
  }
}

function read(line: string): [string, string] | undefined {
  const { body, hash }: { body?: { writer?: unknown; seq?: unknown }; hash?: unknown } =
    line === '' ? {} : JSON.parse(line);
  return typeof hash === 'string' ? [`${String(body?.writer)} ${String(body?.seq)}`, hash] : undefined;
}
