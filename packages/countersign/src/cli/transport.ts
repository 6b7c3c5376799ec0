// The CLI's road to the API: the socket of the running gateway, else the same app composed in this very process on the
// same store. A verb is written once, and help for a dead gateway is the ordinary road.
import { join } from 'node:path';
import type { Fetch } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { NotListening, socketFetch } from './socket-fetch.ts';

export interface Place {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Transport {
  readonly fetch: Fetch;
  /** True once a running gateway answered, false once it is known that none does. */
  running(): boolean | undefined;
  close(): Promise<void>;
}

/** Where unix sockets end on every system we run on: sun_path is 104 bytes on macOS and the BSDs, 108 on Linux. */
const LONGEST_SOCKET = 100;
const PATIENCE_MS = 30_000;

/** @throws Problem `config_invalid` when the home lies too deep for a socket. */
export function hostSocket(home: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return `\\\\.\\pipe\\${home.replace(/[\\/:]+/g, '-')}-host`;
  const path = join(home, 'run', 'host.sock');
  if (Buffer.byteLength(path) <= LONGEST_SOCKET) return path;
  throw new Problem('config_invalid', {
    detail: `the path of the gateway's socket is longer than ${LONGEST_SOCKET} bytes: ${path}`,
    hint: 'set COUNTERSIGN_HOME to a shorter path',
  });
}

/** Nothing is opened before the first call. `onlyRunning`: `gateway_down` instead of the in-process road. */
export function openTransport(
  place: Place,
  options: { onlyRunning?: boolean; timeoutMs?: number } = {},
): Transport {
  const overSocket = socketFetch(hostSocket(place.home), options.timeoutMs ?? PATIENCE_MS);
  let inProcess: Promise<{ fetch: Fetch; close(): Promise<void> }> | undefined;
  let running: boolean | undefined;

  async function fetch(path: string, init: Parameters<Fetch>[1]): ReturnType<Fetch> {
    if (inProcess !== undefined) return (await inProcess).fetch(path, init);
    try {
      const answer = await overSocket(path, init);
      running = true;
      return answer;
    } catch (error) {
      if (!(error instanceof NotListening)) throw error;
      running = false;
      if (options.onlyRunning === true) throw new Problem('gateway_down', { cause: error });
      inProcess = import('../gateway/in-process.ts').then(({ openInProcess }) => openInProcess(place));
      return (await inProcess).fetch(path, init);
    }
  }
  return {
    fetch,
    running: () => running,
    // An in-process gateway that could not be opened has told so already, and has nothing to close.
    close: () =>
      inProcess === undefined
        ? Promise.resolve()
        : inProcess.then(
            (opened) => opened.close(),
            () => {},
          ),
  };
}
