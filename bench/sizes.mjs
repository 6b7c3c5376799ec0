// What an install weighs and what a page loads.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { installed } from './packed.mjs';

const place = installed();
try {
  const modules = join(place.folder, 'node_modules');
  const megabytes = Number(execFileSync('du', ['-sk', modules], { encoding: 'utf8' }).split('\t')[0]) / 1024;
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const packages = Object.values(lock.packages);
  const scripts = packages.filter(({ hasInstallScript }) => hasInstallScript === true).length;
  const ui = join(modules, 'countersign/dist/ui');
  console.log(
    JSON.stringify([
      {
        what: 'production install',
        baseline: 'none',
        budget: '≤ 60 MB, ≤ 80 packages, no install scripts',
        measured: `${megabytes.toFixed(1)} MB, ${packages.length} packages, ${scripts} install scripts`,
        met: megabytes <= 60 && packages.length <= 80 && scripts === 0,
      },
      page('web chat, first load, gzip', 'chat.html', 90),
      page('claim page, first load, gzip', 'index.html', 250),
    ]),
  );

  /** The page, and what it names, and what that names. */
  function page(what, name, budget) {
    const seen = new Set([name]);
    let bytes = 0;
    for (const file of seen) {
      const content = readFileSync(join(ui, file));
      bytes += gzipSync(content).length;
      for (const other of readdirSync(join(ui, 'assets')))
        if (content.includes(other)) seen.add(join('assets', other));
    }
    return {
      what,
      baseline: 'none',
      budget: `≤ ${budget} KB`,
      measured: `${(bytes / 1024).toFixed(1)} KB`,
      met: bytes <= budget * 1024,
    };
  }
} finally {
  place.remove();
}
