// How results are told: a line on the terminal, a table in bench/RESULTS.md. No host names and no paths.
import { cpus, loadavg, release, totalmem, type } from 'node:os';

const LOAD_BEFORE = loadavg()[0];

const fate = ({ met }) => (met === null ? 'skipped' : met ? 'met' : 'MISSED');

export function line(row) {
  return `${fate(row).padEnd(8)} ${row.what}: ${row.measured} (budget ${row.budget})`;
}

const KEPT = '## Other runs';

/** What was written by hand below "Other runs" stays: one run of a noisy machine is one opinion. */
export function report(rows, before = '') {
  const at = before.indexOf(KEPT);
  const kept = at < 0 ? '' : `\n${before.slice(at)}`;
  const missed = rows.filter(({ met }) => met === false).length;
  const skipped = rows.filter(({ met }) => met === null).length;
  const table = rows.map(
    (row) => `| ${row.what} | ${row.baseline} | ${row.budget} | ${row.measured} | ${bold(fate(row))} |`,
  );
  return `# What it costs

Written by \`npm run bench\`, ${new Date().toISOString().slice(0, 10)}. ${rows.length} budgets: ${rows.length - missed - skipped} met, ${missed} missed, ${skipped} skipped.

- Machine: ${machine()}.
- Load average of one minute before the run: ${LOAD_BEFORE.toFixed(1)}. The cores and the disk are shared with other work,
  so every figure is noisy: read the ratios, never the absolute figures, and never one that is near its budget as
  settled.
- Each ratio is against the baseline named beside it, measured in the same run, interleaved with it, and is the median
  of at least five rounds after a warm-up, with the least and the greatest round in brackets. CPU is user and system
  time of the process under test; wall time stands beside it. The p99 is over all messages of all rounds.
- One channel (web chat) is configured in the gateway at rest; the budget is meant for three.
- How much group commit gains depends on how long the disk takes to make one transaction durable: the slower it is, the
  greater the gain. The share of its time that the baseline waited for the disk is given for that reason.
- The database files lie in the temporary folder of the system, on its disk; both sides of a ratio lie on the same one.

| what | baseline | budget | measured | |
| --- | --- | --- | --- | --- |
${table.join('\n')}
${kept}`;
}

function bold(word) {
  return word === 'MISSED' ? '**missed**' : word;
}

function machine() {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${all.length} cores, ${all[0]?.model.trim() ?? 'unknown'}, ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}
