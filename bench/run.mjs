// npm run bench [-- name…]: what Countersign costs, as ratios against a named baseline of the same run. All of them
// together write bench/RESULTS.md. Invariant: this is no test. A missed budget is written down as missed, and ends well.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureNode, environment } from '../scripts/lib/node.mjs';
import { line, report } from './report.mjs';

ensureNode();

const BENCHES = {
  inbound: [
    'inbound.ts',
    'deciding a message with 1,000,000 known people against 1,000 (a minute of seeding)',
  ],
  commit: ['commit.ts', 'messages durable a second, acknowledgements and lone messages, on SQLite'],
  postgres: ['postgres.ts', 'the same on a PostgreSQL server of its own; skipped where there is none'],
  risk: ['risk.ts', 'saying how risky a command line is, against parsing it; hostile lines'],
  approve: ['approve.ts', 'from a request to a spent grant, against four transactions of one row'],
  bearer: ['bearer.ts', 'a bearer for a session that lives, against one signature'],
  proxy: ['proxy.ts', 'a call through the proxy below an agent, against a plain one'],
  ui: ['ui.ts', 'a press or a key in the Control UI, in a real Chromium'],
  packed: ['packed.mjs', 'the packed build: command line, gateway start, memory, install, pages'],
};
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const names = process.argv.slice(2);
if (names.includes('--help')) {
  const known = Object.entries(BENCHES).map(([name, [, what]]) => `  ${name.padEnd(10)}${what}`);
  console.log(
    `npm run bench [-- name…]\n\n${known.join('\n')}\n\nWithout a name: all, and bench/RESULTS.md.`,
  );
  process.exit(0);
}
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`error: there is no benchmark ${unknown.join(', ')}\nhint: npm run bench -- --help`);
  process.exit(2);
}

const rows = [];
const broken = [];
for (const [name, [file]] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`${name} …`);
  const measured = await measure(here(file));
  if (measured === null) broken.push(name);
  for (const row of measured ?? []) {
    rows.push(row);
    console.log(line(row));
  }
}
if (broken.length > 0) {
  console.error(`error: no figures from ${broken.join(', ')}: they ended with an error, shown above`);
  process.exitCode = 1;
} else if (names.length === 0) {
  const file = here('RESULTS.md');
  writeFileSync(file, report(rows, existsSync(file) ? readFileSync(file, 'utf8') : ''));
  console.error('bench/RESULTS.md is written');
}

/** A process each: one benchmark's heap is not another's. Null when it failed. */
function measure(file) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'pipe', 'inherit'];
    const child = spawn(process.execPath, ['--no-warnings', file], { stdio, env: environment() });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('close', (code) => resolve(code === 0 ? JSON.parse(output) : null));
  });
}
