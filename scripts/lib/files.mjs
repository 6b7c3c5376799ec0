// Which files are ours, and what each is for. Everything that judges sources asks here, so that no check quietly looks
// at fewer files than another.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.cache', '.git', 'fixtures']);

/**
 * Paths of all files of ours under `root`, with forward slashes, sorted.
 * @returns {string[]}
 */
function allFiles(root, folder = '') {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(
    ({ name }) => !LEFT_OUT.has(name),
  );
  return entries
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? allFiles(root, path) : entry.isFile() ? [path] : [];
    })
    .sort();
}

export const typescriptFiles = (root) => allFiles(root).filter((path) => /\.tsx?$/.test(path));

const isTest = (path) => /\.test\.tsx?$/.test(path) || /^(test|bench)\//.test(path);

/** Sources that are shipped: no tests, no tools. */
export const isSource = (path) => path.startsWith('packages/') && path.includes('/src/') && !isTest(path);

export const read = (root, path) => readFileSync(join(root, path), 'utf8');
