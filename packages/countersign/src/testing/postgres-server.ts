// A real PostgreSQL server for a test: Debian's binaries, a data folder and a port of its own on loopback, ended by its
// own process. Null, with the reason printed, where there is none.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

const WHERE = '/usr/lib/postgresql';

/** @returns the server, or the reason why there is none. */
export async function startPostgres(): Promise<PostgresServer | string> {
  const bin = newestBin();
  if (bin === null) return `no PostgreSQL under ${WHERE}`;
  // initdb refuses to run as root: Debian's own user runs it then.
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? userIds('postgres') : null;
  if (asRoot && user === null) return 'PostgreSQL does not run as root, and there is no user postgres';
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pg-'));
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const as = user ?? {};
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`, '-k', folder];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], {
    ...as,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error(`PostgreSQL ended at once: ${said}`)));
  });
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    async stop() {
      // SIGINT: end now, roll back what is open.
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newestBin(): string | null {
  if (!existsSync(WHERE)) return null;
  const versions = readdirSync(WHERE).sort((a, b) => Number(b) - Number(a));
  const bins = versions.map((version) => join(WHERE, version, 'bin'));
  return bins.find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'))) ?? null;
}

function userIds(name: string): { uid: number; gid: number } | null {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}
