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

/** Listened to for a moment: after that the system does with it what it does by default. */
const noSignal = (): void => undefined;

const named = process.env['COUNTERSIGN_HOME'] ?? '';
process.exitCode = await run(process.argv.slice(2), {
  home: named === '' ? join(homedir(), '.countersign') : resolve(named),
  env: process.env,
  streams: process,
  clock: { now: () => Date.now() },
  dieBy: (signal) => {
    // Of this one Node hears nothing by itself: it would not end us.
    if (signal === 'SIGPIPE') process.on(signal, noSignal).off(signal, noSignal);
    process.kill(process.pid, signal);
  },
});
