// npm run bench [-- name…]: measures the claims of docs/… in one run each, as ratios against a named baseline, and writes
// bench/RESULTS.md when all of them ran. Invariant: nothing here is a test; a missed budget is written down as missed.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const BENCHES = {
  inbound: 'inbound.ts',
  postgres: 'postgres.ts',
  process: 'process.mjs',
  sizes: 'sizes.mjs',
};

const names = process.argv.slice(2);
if (names.includes('--help')) {
  console.log(
    `npm run bench [-- ${Object.keys(BENCHES).join(' | ')}]\n\nWithout a name: all of them, and bench/RESULTS.md.`,
  );
  process.exit(0);
}
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`error: there is no benchmark ${unknown.join(', ')}\nhint: npm run bench -- --help`);
  process.exit(2);
}

const rows = [];
for (const [name, file] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`${name} …`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', here(file)], {
    maxBuffer: 1e7,
  });
  for (const row of JSON.parse(stdout)) {
    rows.push(row);
    console.log(
      `${row.met === false ? 'MISSED' : row.met === null ? 'skipped' : 'met   '}  ${row.what}: ${row.measured} (budget ${row.budget})`,
    );
  }
}
if (names.length === 0) writeFileSync(here('RESULTS.md'), report(rows));

function report(all) {
  const [{ model }] = cpus();
  const machine = `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  return `# Results

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. ${machine}. A shared machine: read the ratios,
never the absolute figures. Each ratio is against a baseline measured in the same run, interleaved, median of at least
five.

| what | baseline | budget | measured | |
| --- | --- | --- | --- | --- |
${all.map(({ what, baseline, budget, measured, met }) => `| ${what} | ${baseline} | ${budget} | ${measured} | ${met === null ? 'skipped' : met ? 'met' : '**missed**'} |`).join('\n')}
`;
}
