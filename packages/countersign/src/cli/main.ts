// The program as the process runs it: the only file of the command line that reads environment and clock. Importing it
// runs it.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from './run.ts';
import { sized } from './terminal.ts';

// A reader that has seen enough (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  sized(stream);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

const named = process.env['COUNTERSIGN_HOME'] ?? '';
process.exitCode = await run(process.argv.slice(2), {
  home: named === '' ? join(homedir(), '.countersign') : resolve(named),
  env: process.env,
  streams: process,
  clock: { now: () => Date.now() },
  dieBy: (signal) => process.kill(process.pid, signal),
});
