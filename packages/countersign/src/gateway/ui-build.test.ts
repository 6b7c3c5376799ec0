// The pages of a checkout, built while gateways are serving them: what was there is served whole until the new ones stand in its
// place, and nothing but a newer source asks for new ones.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ensureUi } from './ui-build.ts';

/** Stands in for the builder: notes what is served while it works, and how often it was started. */
const BUILDER = `
const fs = require('node:fs');
const out = process.argv[process.argv.indexOf('--outDir') + 1];
fs.appendFileSync('built', fs.existsSync('packages/ui/dist/index.html') ? 'beside the old\\n' : 'first\\n');
if (fs.existsSync('broken')) process.exit(1);
fs.writeFileSync(out + '/index.html', 'new');
`;

function checkout() {
  const root = mkdtempSync(join(tmpdir(), 'cs-checkout-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('node_modules/vite/bin/vite.js', BUILDER);
  put('package-lock.json', '{}');
  put('packages/protocol/src/index.ts', '');
  put('packages/ui/src/start.tsx', '');
  const folder = join(root, 'packages/ui/dist');
  return {
    put,
    folder,
    ensure: () => ensureUi({ folder, root }, () => undefined),
    built: () => readFileSync(join(root, 'built'), 'utf8').trim().split('\n'),
    left: () => readdirSync(join(root, 'packages/ui')).sort(),
    page: () => readFileSync(join(folder, 'index.html'), 'utf8'),
    /** As if it had been built long ago. */
    age: () => utimesSync(join(folder, 'index.html'), 1, 1),
  };
}

test('they are built once, and again beside those that are served when a source is newer', async () => {
  const there = checkout();
  expect(await there.ensure()).toBeNull();
  expect(await there.ensure()).toBeNull();
  expect(there.built()).toEqual(['first']);
  there.put('packages/ui/dist/index.html', 'old');
  there.age();
  expect(await there.ensure()).toBeNull();
  expect(there.built()).toEqual(['first', 'beside the old']);
  expect([there.page(), there.left()]).toEqual(['new', ['dist', 'src']]);
});

test('what a tool keeps for itself beside the sources makes nothing older', async () => {
  const there = checkout();
  await there.ensure();
  for (const path of ['.cache/pages/x/index.html', '.build-abc/index.html', 'node_modules/.vite/x.js']) {
    there.put(`packages/ui/${path}`, '');
    utimesSync(join(there.folder, '..', path), new Date(Date.now() + 60_000), new Date(Date.now() + 60_000));
  }
  expect(await there.ensure()).toBeNull();
  expect(there.built()).toEqual(['first']);
});

test('ten that build at once leave one build, whole; one that fails leaves the old one', async () => {
  const there = checkout();
  expect(new Set(await Promise.all(Array.from({ length: 10 }, there.ensure)))).toEqual(new Set([null]));
  expect([there.page(), there.left()]).toEqual(['new', ['dist', 'src']]);
  there.put('packages/ui/dist/index.html', 'old');
  there.age();
  there.put('broken', '');
  expect(await there.ensure()).toContain('the build failed');
  expect([there.page(), there.left()]).toEqual(['old', ['dist', 'src']]);
});
