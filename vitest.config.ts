// One suite, three lanes told apart by file name: x.test.ts, x.full.test.ts, x.real.test.ts (see scripts/test.mjs).
// Started by hand with a path, vitest takes any lane.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const FULL = '**/*.full.test.{ts,tsx}';
const REAL = '**/*.real.test.{ts,tsx}';
const ANY = '**/*.test.{ts,tsx}';
const LANES: Record<string, { include: string[]; leave: string[] }> = {
  fast: { include: [ANY], leave: [FULL, REAL] },
  full: { include: [ANY], leave: [REAL] },
  'only-full': { include: [FULL], leave: [] },
  real: { include: [REAL], leave: [] },
};
const lane = LANES[process.env['COUNTERSIGN_TEST_LANE'] ?? ''] ?? { include: [ANY], leave: [] };

export default defineConfig({
  test: {
    include: lane.include,
    exclude: ['**/node_modules/**', '**/dist/**', '**/.cache/**', ...lane.leave],
    // Processes, not threads: signals, umask and process.exit belong to a whole process, and a crash stays in its file.
    pool: 'forks',
    // vitest keeps one core for itself, which on two cores means one test file at a time. The full lane waits for browsers
    // and servers half of its time: one file more than there are cores.
    maxWorkers: Math.min(8, Math.max(2, availableParallelism()) + (lane === LANES['only-full'] ? 1 : 0)),
    // A test that hangs ends here; how fast something is, a test measures itself. A busy machine takes five times as long.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    teardownTimeout: 30_000,
    expect: { poll: { timeout: 30_000 } },
    // A test left `.only` in CI would hide all others.
    allowOnly: process.env['CI'] === undefined,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
