// npm test: [--full | --only-full | --real] [paths and vitest options]. The fast lane needs npm and nothing else;
// `--full` adds *.full.test.ts (fuzz, crash, Chromium, servers); `--real` runs *.real.test.ts only (foreign binaries).
// Invariant: the last line is `N passed, N failed`, plain, and the exit code says the same; nothing ran is a failure.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNode, environment, root, tool } from './lib/node.mjs';

ensureNode();

const LANES = { '--full': 'full', '--only-full': 'only-full', '--real': 'real' };
const given = process.argv.slice(2);
// `npm run test:full -- --only-full` passes both: the last one named counts.
const lane = LANES[given.findLast((word) => word in LANES)] ?? 'fast';
const rest = given.filter((word) => !(word in LANES));

const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
const file = join(folder, 'counts.json');
const code = await runVitest();
const counts = readCounts();
rmSync(folder, { recursive: true, force: true });

if (lane === 'real' && counts.passed + counts.failed + counts.skipped === 0) {
  console.log('There is no *.real.test.ts that fits: nothing was tested against a foreign program.');
}
if (counts.notes.length > 0) console.log(`\nSkipped:\n  ${counts.notes.join('\n  ')}`);
// A vitest that died, or failed without a failed test to show for it, is a failure of its own.
if (code !== 0 && counts.failed === 0 && counts.passed + counts.skipped > 0) counts.failed = 1;
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

function runVitest() {
  const vitest = tool('vitest/vitest.mjs');
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const env = environment({ COUNTERSIGN_TEST_LANE: lane, COUNTERSIGN_TEST_COUNTS: file, ...plain });
  const args = [
    vitest,
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts/lib/count-reporter.mjs')}`,
  ];
  const child = spawn(process.execPath, [...args, ...rest], { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (status) => resolve(status ?? 1));
  });
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.log('vitest ended without a count.');
    return { passed: 0, failed: 1, skipped: 0, notes: [] };
  }
}
