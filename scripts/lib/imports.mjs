// Runs dependency-cruiser over a tree. Invariant: a green answer means that modules were looked at - with TypeScript 7
// the tool finds none and reports no violation, so "0 modules" is a mistake here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, run, tool } from './node.mjs';

const CONFIG = join(root, '.dependency-cruiser.cjs');

/**
 * Violations in the `packages` folder below `tree`, and the number of modules looked at.
 * @returns {Promise<{violations: {rule: string, from: string, to: string}[], modules: number}>}
 */
export async function cruise(tree = root) {
  const bin = tool('dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [bin, '--config', CONFIG, '--output-type', 'json', 'packages'];
  const { output } = await run(process.execPath, args, { cwd: tree });
  let result;
  try {
    result = JSON.parse(output.slice(output.indexOf('{')));
  } catch {
    throw new Error(`dependency-cruiser did not answer: ${output.slice(0, 2000)}`);
  }
  const violations = result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { violations, modules: result.summary.totalCruised };
}

/** @returns {Promise<{mistakes: string[], summary: string}>} */
export async function importMistakes(tree = root) {
  const { violations, modules } = await cruise(tree);
  const reasons = Object.fromEntries(rules().map(({ name, comment }) => [name, comment]));
  const mistakes = violations.map(({ rule, from, to }) => `${from} -> ${to}: ${rule}: ${reasons[rule]}`);
  if (modules === 0) mistakes.push('dependency-cruiser saw no module: is TypeScript still 6.0.3?');
  const { version } = JSON.parse(readFileSync(tool('typescript/package.json'), 'utf8'));
  if (!version.startsWith('6.'))
    mistakes.push(`typescript is ${version}: dependency-cruiser is blind with it`);
  return { mistakes, summary: `${modules} modules, ${Object.keys(reasons).length} rules` };
}

/** @returns {{name: string, comment: string}[]} */
export function rules() {
  return createRequire(import.meta.url)(CONFIG).forbidden;
}
