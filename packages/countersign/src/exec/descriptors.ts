// Descriptors that whoever started us left open: a command would inherit them, and read what nobody was asked about. Node
// closes most of them off by itself; what it misses is closed before anything is started.
import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSED_ON_EXEC = 0o2_000_000;

/** Linux only: elsewhere nobody says which there are. */
export function closeStray(): void {
  if (process.platform === 'linux') for (const name of inherited()) closeSync(Number(name));
}

function inherited(): readonly string[] {
  return readdirSync('/proc/self/fd').filter((name) => Number(name) > 2 && isInherited(name));
}

function isInherited(name: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_ON_EXEC) === 0;
  } catch {
    // The one that was used for looking.
    return false;
  }
}
