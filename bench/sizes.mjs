// What an install weighs, and what a page loads: the page, what it names, and what that brings along.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const HOUSE = ['index.html', 'src/start.tsx', 'src/app/App.tsx', 'src/pages/overview/Overview.tsx'];

export function sizeRows(folder) {
  const modules = join(folder, 'node_modules');
  const ui = join(modules, 'countersign/dist/ui');
  return [
    weight(modules),
    page(ui, ['chat.html', 'src/chat/start.tsx'], 'web chat page', 90),
    page(ui, HOUSE, 'Control UI with its overview', 250),
  ];
}

function weight(modules) {
  const megabytes = Number(execFileSync('du', ['-sk', modules], { encoding: 'utf8' }).split('\t')[0]) / 1024;
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const packages = Object.values(lock.packages);
  const scripts = packages.filter(({ hasInstallScript }) => hasInstallScript === true).length;
  return {
    what: 'production install (npm, packed tarballs, no optional SDK)',
    baseline: 'none',
    budget: '≤ 60 MB, ≤ 80 packages, no install scripts',
    measured: `${megabytes.toFixed(1)} MB, ${packages.length} packages, ${scripts} install scripts`,
    met: megabytes <= 60 && packages.length <= 80 && scripts === 0,
  };
}

/** A page, what it names, and what it loads by itself before there is anything to see. */
function page(ui, entries, what, limit) {
  const [html] = entries;
  const manifest = JSON.parse(readFileSync(join(ui, 'manifest.json'), 'utf8'));
  const named = readFileSync(join(ui, html), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g);
  const files = new Set([html, ...[...named].map(([, file]) => file)]);
  // A set is walked to its end, with what was added on the way.
  const chunks = new Set(entries);
  for (const name of chunks) {
    const chunk = manifest[name];
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    for (const next of chunk.imports ?? []) chunks.add(next);
  }
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(ui, file))).length, 0);
  return {
    what: `${what}, first load, gzip`,
    baseline: 'none',
    budget: `≤ ${limit} KB`,
    measured: `${(bytes / 1024).toFixed(1)} KB`,
    met: bytes <= limit * 1024,
  };
}
