// zod as one file, in what people install. As npm gives it, it is some hundred modules, sixty of them messages in languages that
// nobody asked for, and every command that is typed loads all of them: bundled it takes a quarter of the time.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

/** Where what was built asks for it: an export of the protocol package that only its tarball has. */
const NAME = '@countersign/protocol/zod';
export const ZOD_EXPORT = { './zod': { types: './dist/zod.d.ts', default: './dist/zod.js' } };

const IMPORT = /(\bfrom\s*)(['"])zod\2/g;

/** Writes `zod.js` into the folder of what was built. */
export async function bundleZod(dist) {
  const folder = dirname(createRequire(import.meta.url).resolve('zod/package.json'));
  const bundle = await rolldown({
    input: join(folder, 'index.js'),
    platform: 'node',
    plugins: [onlyEnglish()],
  });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  await bundle.close();
  const licence = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
  writeFileSync(join(dist, 'zod.js'), `/*! zod\n${licence}\n*/\n${output[0].code}`);
  writeFileSync(join(dist, 'zod.d.ts'), "export { z } from 'zod';\n");
}

/** Turns every import of zod below the folder into one of the bundle. Types keep naming the package. */
export function importBundle(dist) {
  for (const entry of readdirSync(dist, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    const turned = text.replace(IMPORT, `$1$2${NAME}$2`);
    if (turned !== text) writeFileSync(file, turned);
  }
}

/** Its own English stays: that one is asked for by name. */
function onlyEnglish() {
  return {
    name: 'only-english',
    load: (id) =>
      /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/.test(id)
        ? "export { default as en } from './en.js';"
        : null,
  };
}
