// The scripts run on the project's own Node, whatever Node started them, and so does everything they start.
// Invariant: no script continues on a Node older than the sources need.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const [major, minor] = process.versions.node.split('.').map(Number);
const isRecent = major > 24 || (major === 24 && minor >= 18);

/** The Node to start things with: this one, or the project's when this one is too old. Undefined: there is none. */
export function projectNode() {
  if (isRecent) return process.execPath;
  const [platform, file] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node'];
  const node = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file);
  return existsSync(node) ? node : undefined;
}

/** Runs this very script again on the project's Node when the running one is too old. */
export function ensureNode() {
  if (isRecent) return;
  const node = projectNode();
  if (node === undefined) {
    process.stderr.write('error: Node 24.18 or newer is needed\nhint: run npm ci, or install Node 24\n');
    process.exit(1);
  }
  const again = spawnSync(node, process.argv.slice(1), { stdio: 'inherit', env: environment() });
  process.exit(again.status ?? 1);
}

/** The environment of every child: the project's tools first on PATH. */
export function environment(extra = {}) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

/** Path of a tool's entry inside node_modules, started with this Node: no shell, no .cmd shims. */
export function tool(path) {
  return join(root, 'node_modules', path);
}

/** Runs a program to its end and collects what it said. Never throws for an exit code. */
export function run(file, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: `${file}: ${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, output }));
  });
}
