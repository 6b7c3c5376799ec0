// The packed packages installed as people install them: without what only developers need.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pack = fileURLToPath(new URL('../scripts/pack.mjs', import.meta.url));

export function installed() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-packed-'));
  const tarballs = join(folder, 'tarballs');
  execFileSync(process.execPath, [pack, '--out', tarballs], { stdio: 'ignore' });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const files = readdirSync(tarballs).filter((name) => name.endsWith('.tgz') && !name.includes('openclaw'));
  const args = [
    'install',
    '--omit=dev',
    '--omit=peer',
    '--no-audit',
    '--no-fund',
    ...files.map((name) => join(tarballs, name)),
  ];
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore' });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
