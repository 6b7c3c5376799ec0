// run/gateway.json: what a running gateway tells the other programs of this home. A hint, never a proof: the lock says
// whether a gateway runs.
import { readFileSync, rmSync } from 'node:fs';
import { writeWhole } from './files.ts';

export interface GatewayFile {
  readonly pid: number;
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly version: string;
}

export function writeGatewayFile(path: string, file: GatewayFile): void {
  const { pid, url, startedAt, version } = file;
  writeWhole(path, `${JSON.stringify({ pid, url, startedAt, version })}\n`);
}

/** Null when there is none, or it cannot be understood. */
export function readGatewayFile(path: string): GatewayFile | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isGatewayFile(value) ? value : null;
  } catch {
    return null;
  }
}

/** Removes the file if it is still ours: a successor may have written its own. */
export function removeGatewayFile(path: string, pid: number): void {
  if (readGatewayFile(path)?.pid === pid) rmSync(path, { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isGatewayFile(value: unknown): value is GatewayFile {
  if (typeof value !== 'object' || value === null) return false;
  const {
    pid,
    url,
    startedAt,
    version,
  }: { pid?: unknown; url?: unknown; startedAt?: unknown; version?: unknown } = value;
  const whole = Number.isSafeInteger(pid) && Number(pid) > 0;
  return whole && typeof url === 'string' && typeof startedAt === 'string' && typeof version === 'string';
}
