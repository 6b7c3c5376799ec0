// npm run pack [-- --out folder]: one tarball for each published package. In the repository `exports` name src/*.ts,
// which Node refuses below node_modules; in the tarball they name dist/*.js, made by plain tsc, with zod as one file beside them.
// Invariant: the tree is only read. Everything is made in a staging folder and thrown away.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNode, environment, root, run, tool } from './lib/node.mjs';
import { bundleZod, importBundle, ZOD_EXPORT } from './lib/one-zod.mjs';
import { buildUiIfStale, UI_DIST } from './lib/ui.mjs';

ensureNode();

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist/packages') } } });
const out = resolve(values.out);
const stage = mkdtempSync(join(tmpdir(), 'countersign-pack-'));
try {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await buildUiIfStale((text) => console.log(text));
  for (const name of ['protocol', 'countersign', 'openclaw']) console.log(await pack(name));
} finally {
  rmSync(stage, { recursive: true, force: true });
}

async function pack(name) {
  const source = join(root, 'packages', name);
  const target = join(stage, name);
  mkdirSync(target);
  const project = join(source, 'tsconfig.build.json');
  await must([
    tool('typescript/bin/tsc'),
    '-p',
    project,
    '--outDir',
    join(target, 'dist'),
    '--pretty',
    'false',
  ]);
  importBundle(join(target, 'dist'));
  if (name === 'protocol') await bundleZod(join(target, 'dist'));
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  for (const file of [...manifest.files.filter((path) => path !== 'dist'), 'README.md', 'LICENSE']) {
    const from = [join(source, file), join(root, file)].find((path) => existsSync(path));
    if (from) cpSync(from, join(target, file), { recursive: true });
  }
  if (name === 'countersign') cpSync(UI_DIST, join(target, 'dist/ui'), { recursive: true });
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
  return npmPack(target);
}

/** The manifest of the tarball: what npm needs, with every path into src/ turned into its built counterpart. */
function published(manifest) {
  const { devDependencies: _, scripts: __, ...kept } = manifest;
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([name, path]) => [name, built(path)]),
  );
  if (manifest.openclaw) {
    const extensions = manifest.openclaw.extensions.map((path) => built(path).default);
    return { ...kept, exports, openclaw: { ...manifest.openclaw, extensions } };
  }
  const isProtocol = manifest.name === '@countersign/protocol';
  return { ...kept, exports: isProtocol ? { ...exports, ...ZOD_EXPORT } : exports };
}

function built(path) {
  const base = path.replace(/^\.\/src\/(.*)\.ts$/, './dist/$1');
  if (base === path) throw new Error(`${path} is no source that tsc builds`);
  return { types: `${base}.d.ts`, default: `${base}.js` };
}

async function npmPack(folder) {
  const npm = process.env.npm_execpath;
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', out];
  const [file, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const { code, output } = await run(file, [...first, ...args], {
    cwd: folder,
    env: environment({ INIT_CWD: folder }),
  });
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  return join(out, output.trim().split('\n').at(-1));
}

async function must(args) {
  const { code, output } = await run(process.execPath, args);
  if (code !== 0) throw new Error(`${args.join(' ')} failed:\n${output}`);
}
