// The service worker in the build: `sw.js` at the root, named after the very files it is built with, so that another build
// is another worker and drops what the one before has kept.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

export const WORKER = 'sw';
const PLACEHOLDER = '__BUILD__';

/** Every other entry is kept for ever under a name with its hash. */
export function entryName({ name }: { readonly name: string }): string {
  return name === WORKER ? 'sw.js' : 'assets/[name]-[hash].js';
}

export function workerOfBuild(): Plugin {
  return {
    name: 'countersign-worker',
    generateBundle(_, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') return;
      if (worker.imports.length > 0 || worker.dynamicImports.length > 0 || worker.exports.length > 0)
        throw new Error('sw.js is a classic script: it may neither import nor export');
      const files = Object.keys(bundle)
        .filter((file) => file.startsWith('assets/'))
        .sort();
      const build = createHash('sha256')
        .update(files.join('\n'))
        .update(worker.code)
        .digest('hex')
        .slice(0, 16);
      worker.code = worker.code.replace(PLACEHOLDER, build);
    },
  };
}
