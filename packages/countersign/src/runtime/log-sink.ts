// Where log lines end: written at once, so that the last line before a crash is there; never thrown, so that a full
// disk or a closed terminal stops nothing.
import { closeSync, fchmodSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface LogSink {
  write(line: string): void;
  close(): void;
}

/** A file grows to this and is then kept once, as `<file>.1`. */
const MAX_BYTES = 32 * 1024 * 1024;

/** `told(n)` is the line that says n lines were dropped. */
export function createLogFile(path: string, told: (count: number) => string): LogSink {
  let descriptor: number | null = null;
  let size = 0;
  const open = (): number => {
    if (descriptor !== null) return descriptor;
    const fresh = openSync(path, 'a', 0o600);
    const stat = fstatSync(fresh);
    if (stat.isFile()) fchmodSync(fresh, 0o600);
    size = stat.size;
    descriptor = fresh;
    return fresh;
  };
  const close = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const put = (bytes: Buffer) => {
    if (size + bytes.length > MAX_BYTES && size > 0) {
      close();
      renameSync(path, `${path}.1`);
    }
    const target = open();
    size += writeAll(target, bytes);
  };
  return { write: dropping(put, told), close };
}

export function terminalSink(descriptor: number, told: (count: number) => string): LogSink {
  return { write: dropping((bytes) => writeAll(descriptor, bytes), told), close: () => undefined };
}

/** Writes lines with `put`; lines that fail are counted, and the count goes ahead of the next that does not. */
function dropping(put: (bytes: Buffer) => void, told: (count: number) => string): (line: string) => void {
  let dropped = 0;
  return (line) => {
    try {
      // The first line break ends what a failed write may have left half-written.
      if (dropped > 0) put(Buffer.from(`\n${told(dropped)}`));
      dropped = 0;
      put(Buffer.from(line));
    } catch {
      dropped += 1;
    }
  };
}

function writeAll(descriptor: number, bytes: Buffer): number {
  let done = 0;
  while (done < bytes.length) done += writeSync(descriptor, bytes, done);
  return done;
}
