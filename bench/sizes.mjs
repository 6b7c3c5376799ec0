// What an install weighs, and what a page loads: the page, every asset it names, and every asset those name.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export function sizeRows(folder) {
  const modules = join(folder, 'node_modules');
  const ui = join(modules, 'countersign/dist/ui');
  return [
    weight(modules),
    page(ui, 'chat.html', 'web chat page', 90),
    page(ui, 'index.html', 'claim page', 250),
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

function page(ui, name, what, limit) {
  const assets = readdirSync(join(ui, 'assets'));
  // A set is walked to its end, with what was added on the way.
  const files = new Set([name]);
  let bytes = 0;
  for (const file of files) {
    const content = readFileSync(join(ui, file));
    bytes += gzipSync(content).length;
    for (const asset of assets) if (content.includes(asset)) files.add(join('assets', asset));
  }
  return {
    what: `${what}, first load, gzip`,
    baseline: 'none',
    budget: `≤ ${limit} KB`,
    measured: `${(bytes / 1024).toFixed(1)} KB`,
    met: bytes <= limit * 1024,
  };
}
