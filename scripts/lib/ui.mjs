// The UI is built when its sources are newer than its build, and only then. Not a prestart or prepare script: those do
// not run under --ignore-scripts.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectNode, root, run, tool } from './node.mjs';

export const UI_DIST = join(root, 'packages/ui/dist');
const SOURCES = ['packages/ui', 'packages/protocol/src', 'package-lock.json'];

/** Builds the UI if it is stale. @throws Error with vite's own words when it cannot be built. */
export async function buildUiIfStale(say = () => {}) {
  if (!isStale()) return;
  say('building the Control UI and the web chat (only when their sources changed)');
  const { code, output } = await run(projectNode(), [tool('vite/bin/vite.js'), 'build', 'packages/ui']);
  if (code !== 0) throw new Error(`the UI could not be built:\n${output}`);
}

function isStale() {
  const page = join(UI_DIST, 'index.html');
  return (
    !existsSync(page) || Math.max(...SOURCES.map((path) => newest(join(root, path)))) > statSync(page).mtimeMs
  );
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // What tools keep for themselves begins with a dot.
  const names = readdirSync(path).filter((name) => !/^(?:\.|dist$|node_modules$)/.test(name));
  return Math.max(0, ...names.map((name) => newest(join(path, name))));
}
