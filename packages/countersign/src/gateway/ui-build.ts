// The pages are built when their sources are newer than their build, in a repository checkout only: a packed gateway
// brings them along. Building is a convenience and never a reason not to start.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Place {
  /** Where the built pages are served from. */
  readonly folder: string;
  /** The checkout; null when packed. */
  readonly root: string | null;
}

/** dist/ui beside the packed program, or packages/ui/dist in a checkout. */
export function uiPlace(here: string = fileURLToPath(import.meta.url)): Place {
  const packed = join(here, '../../ui');
  if (here.endsWith('.js')) return { folder: packed, root: null };
  const root = join(here, '../../../../..');
  return { folder: join(root, 'packages/ui/dist'), root };
}

/** @returns what went wrong, in one line; null when the pages are there and new. */
export async function ensureUi({ folder, root }: Place, say: (line: string) => void): Promise<string | null> {
  if (root === null || !isStale(folder, root)) return null;
  say('building the pages (only when their sources changed) …');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) return 'vite is not installed: npm ci';
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vite, 'build', 'packages/ui', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(-2_000);
    });
    child.on('error', () => resolve('the build did not start'));
    child.on('close', (code) => resolve(code === 0 ? null : `the build failed: ${lastLine(words)}`));
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? 'npm run ui:build says more';
}

const SOURCES = ['packages/ui', 'packages/protocol/src', 'package-lock.json'];

function isStale(folder: string, root: string): boolean {
  const built = statSync(join(folder, 'index.html'), { throwIfNoEntry: false });
  return built === undefined || Math.max(...SOURCES.map((path) => newest(join(root, path)))) > built.mtimeMs;
}

function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules');
  return Math.max(0, ...names.map((name) => newest(join(path, name))));
}
