// The pages are built when their sources are newer than their build, in a repository checkout only: a packed gateway
// brings them along. Building is a convenience and never a reason not to start.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  // Beside the old one: other gateways of this checkout are serving that.
  const fresh = mkdtempSync(join(dirname(folder), '.build-'));
  try {
    const wrong = await build(vite, root, fresh);
    if (wrong === null) swap(fresh, folder);
    return wrong;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Whoever builds the same at the same moment puts the same in its place. */
function swap(fresh: string, folder: string): void {
  const old = `${fresh}-old`;
  try {
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } catch {
    // Theirs stands there by now.
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

function build(vite: string, root: string, outDir: string): Promise<string | null> {
  const args = [vite, 'build', 'packages/ui', '--logLevel', 'error', '--outDir', outDir, '--emptyOutDir'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
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
  // What tools keep for themselves begins with a dot.
  const names = readdirSync(path).filter((name) => !/^(?:\.|dist$|node_modules$)/.test(name));
  return Math.max(0, ...names.map((name) => newest(join(path, name))));
}
