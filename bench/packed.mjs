// What people install, measured as they run it: the tarballs of `npm run pack`, installed by npm into a folder of their
// own, without a compiler and without this repository.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processRows, unusedRows } from './process.mjs';
import { sizeRows } from './sizes.mjs';

const PACK = fileURLToPath(new URL('../scripts/pack.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'countersign-packed-'));
try {
  console.error('  packing and installing …');
  install();
  const sizes = sizeRows(folder);
  console.error('  starting processes …');
  console.log(JSON.stringify([...(await processRows(folder)), ...(await unusedRows(folder)), ...sizes]));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function install() {
  const tarballs = join(folder, 'tarballs');
  execFileSync(process.execPath, [PACK, '--out', tarballs], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  // The OpenClaw plugin is installed into OpenClaw, not beside the gateway.
  const names = readdirSync(tarballs).filter((name) => name.endsWith('.tgz') && !name.includes('openclaw'));
  const files = names.map((name) => join(tarballs, name));
  const npm = process.env.npm_execpath;
  const [file, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const args = [...first, 'install', '--omit=dev', '--no-audit', '--no-fund', ...files];
  execFileSync(file, args, { cwd: folder, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Without what an npm around this run has set: the install is not part of this workspace. */
function environment() {
  const inherited = (name) => name.startsWith('npm_') || name === 'INIT_CWD';
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited(name)));
}
