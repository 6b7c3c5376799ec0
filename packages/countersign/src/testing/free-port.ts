// A port for a program that has to be told where to listen, and that is started a while later. Taken from below those that the
// system hands out by itself: whoever asks for any port in between never gets this one. Each process counts in a range of
// its own, so that tests beside each other never meet.
import { createServer } from 'node:net';

/** Above what browsers refuse to talk to; on Linux the system's own begin at 32768. */
const FIRST = 12_000;
const RANGES = 200;
const IN_RANGE = 100;

let next = (process.pid % RANGES) * IN_RANGE;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < RANGES * IN_RANGE; tries += 1) {
    const port = FIRST + (next % (RANGES * IN_RANGE));
    next += 1;
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
  throw new Error('there is no free port');
}

/** An address that this machine does not have is nobody's. */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
