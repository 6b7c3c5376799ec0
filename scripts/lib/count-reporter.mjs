// Counts what vitest ran and writes it to a file; scripts/test.mjs prints it once vitest is gone, so that it is the
// last line whatever else was printed. Invariant: nothing that went wrong is left out of `failed` - a suite that does
// not import, a hook that throws and an unhandled rejection count one each, though no test of theirs ran.
import { writeFileSync } from 'node:fs';

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, notes: [] };
    for (const module of modules) {
      counts.failed += module.errors().length > 0 ? 1 : 0;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length > 0 ? 1 : 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'failed') counts.failed += 1;
        else {
          counts.skipped += 1;
          counts.notes.push(
            `${module.relativeModuleId} > ${test.fullName}: ${result.note ?? 'no reason given'}`,
          );
        }
      }
    }
    const file = process.env.COUNTERSIGN_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}
