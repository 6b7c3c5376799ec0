// npm run check: types, lint and format, import rules, time and chance, file budget, unused code, generated files.
// One line for each check with its time, every mistake at the end. Invariant: a check that cannot run is a failed check.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileBudget } from './lib/budget.mjs';
import { errorsDocMistakes } from './lib/errors-doc.mjs';
import { importMistakes } from './lib/imports.mjs';
import { ensureNode, root, run, tool } from './lib/node.mjs';
import { worldMistakes } from './lib/world.mjs';

ensureNode();

const CHECKS = {
  types: () => types(),
  'lint and format': () =>
    program('lint', tool('@biomejs/biome/bin/biome'), [
      'ci',
      '--colors=off',
      '--error-on-warnings',
      '--max-diagnostics=200',
      '.',
    ]),
  imports: () => importMistakes(),
  'time, chance, environment': () => ({ mistakes: worldMistakes(root) }),
  'file budget': () => fileBudget(root),
  'unused code': () => program('knip', tool('knip/bin/knip.js'), ['--no-progress']),
  'docs/errors.md': () => errorsDocMistakes(),
};

const only = process.argv.slice(2);
const chosen = Object.entries(CHECKS).filter(([name]) => only.length === 0 || only.includes(name));
const failed = [];
for (const [name, check] of chosen) {
  const start = performance.now();
  const { mistakes, summary } = await Promise.resolve()
    .then(check)
    .catch((error) => ({ mistakes: [`the check itself failed: ${error.stack}`] }));
  const time = `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7);
  const verdict = mistakes.length === 0 ? 'ok  ' : 'FAIL';
  console.log(`${verdict} ${time}  ${name}${summary ? ` (${summary})` : ''}`);
  if (mistakes.length > 0) failed.push({ name, mistakes });
}
for (const { name, mistakes } of failed)
  console.log(`\n${name}:\n${mistakes.join('\n').replaceAll(/^/gm, '  ')}`);
console.log(`${chosen.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 || chosen.length === 0 ? 1 : 0;

/** Each package is checked as what it is: Node or browser. Two compilers at a time, one a core. */
async function types() {
  const projects = ['tsconfig.json'];
  for (const name of readdirSync(join(root, 'packages'))) {
    for (const file of ['tsconfig.json', 'tsconfig.test.json']) {
      if (existsSync(join(root, 'packages', name, file))) projects.push(`packages/${name}/${file}`);
    }
  }
  const waiting = projects.toSorted(
    (a, b) => Number(b.includes('countersign/')) - Number(a.includes('countersign/')),
  );
  const mistakes = [];
  const compile = async () => {
    for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
      const state = join(root, 'node_modules/.cache/tsc', `${project.replaceAll('/', '_')}.tsbuildinfo`);
      const args = ['-p', project, '--incremental', '--tsBuildInfoFile', state, '--pretty', 'false'];
      const { code, output } = await run(process.execPath, [tool('typescript/bin/tsc'), ...args]);
      if (code !== 0) mistakes.push(...(output.trim() || `tsc ${project} ended with ${code}`).split('\n'));
    }
  };
  await Promise.all([compile(), compile()]);
  // A file that two projects include is reported once.
  return { mistakes: [...new Set(mistakes)], summary: `${projects.length} projects` };
}

async function program(name, file, args) {
  const { code, output } = await run(process.execPath, [file, ...args]);
  return { mistakes: code === 0 ? [] : [output.trim() || `${name} ended with ${code}`] };
}
