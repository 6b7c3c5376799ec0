// `audit export`: the stream of the gateway as it comes, so that a long history needs no memory. A file appears under its
// name only when it is whole, and only its owner may read it.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { Problem } from '@countersign/protocol/problem';
import type { Cli } from '../cli.ts';
import type { StreamedAnswer } from '../socket-fetch.ts';

/** A slow disk may pause a long walk. */
const PATIENCE_MS = 120_000;

/** The bytes of the export. @throws the gateway's Problem before the first. */
export async function* exportBytes(cli: Cli): AsyncGenerator<Uint8Array> {
  const fetch = await cli.fetch({ timeoutMs: PATIENCE_MS });
  const answer: StreamedAnswer = await fetch('/api/v1/audit/export', { method: 'GET' });
  if (answer.status >= 400) throw Problem.fromDocument(JSON.parse(await answer.text()));
  if (answer.body === undefined || answer.body === null) yield Buffer.from(await answer.text());
  else yield* answer.body;
}

export async function exportAudit(cli: Cli, file: string | undefined): Promise<void> {
  if (file === undefined) {
    const decoder = new TextDecoder();
    for await (const bytes of exportBytes(cli)) await writeOut(decoder.decode(bytes, { stream: true }), cli);
    return;
  }
  const events = await writeFileWhole(file, exportBytes(cli));
  cli.terminal.result({ file, events }, () => [`${events} ${events === 1 ? 'event' : 'events'} in ${file}`]);
}

/** What was written before may be all that is left of what it proves. */
export function refuseExisting(file: string): void {
  if (!existsSync(file)) return;
  throw new Problem('usage', {
    detail: `${file} is there already`,
    hint: 'name another file, or add --force to write over it',
  });
}

/** Of one approval, as the gateway wrote it. */
export async function exportReceipt(cli: Cli, approval: string, file: string | undefined): Promise<void> {
  const receipt = await (await cli.client()).audit.receipt(approval);
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  if (file === undefined) return writeOut(text, cli);
  await writeFileWhole(file, oneOf(Buffer.from(text)));
  const { id, state } = receipt.request;
  cli.terminal.result({ file, id, state }, () => [`receipt of ${id} (${state}) in ${file}`]);
}

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Waits while the reader is slower than we are. */
async function writeOut(text: string, { streams: { stdout } }: Cli): Promise<void> {
  if (stdout.write(text) === false && stdout === process.stdout) await once(process.stdout, 'drain');
}

/** Returns how many events were written: lines, without the first, which holds the heads. */
async function writeFileWhole(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const unfinished = `${file}.${process.pid}.tmp`;
  const handle = await openNew(unfinished, file);
  let lines = 0;
  try {
    for await (const piece of pieces) {
      await handle.writeFile(piece);
      for (const byte of piece) if (byte === LINE_FEED) lines += 1;
    }
    await handle.sync();
    await handle.close();
    await rename(unfinished, file);
    return lines - 1;
  } catch (failure) {
    await handle.close().catch(() => {});
    await rm(unfinished, { force: true });
    throw failure;
  }
}

const LINE_FEED = 10;

async function openNew(path: string, shown: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    throw new Problem('usage', {
      detail: `${shown} cannot be written`,
      hint: 'name a file in a folder of yours',
      cause,
    });
  }
}
