// Ends our login at WhatsApp: connects once more, says so, and goes. Our own keys are the caller's to remove.
import type { DeviceKeys } from './keys.ts';
import type { Mended } from './library.ts';
import { Session } from './session.ts';
import type { ChainCheck } from './trust.ts';

interface What {
  readonly lib: Mended;
  readonly keys: DeviceKeys;
  readonly url: string | null;
  readonly check: ChainCheck | undefined;
}

/** @returns whether WhatsApp was told. */
export async function unlinkPhone({ lib, keys, url, check }: What, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let isTold = false;
  const session: Session = new Session(lib, {
    keys,
    url,
    ...(check === undefined ? {} : { check }),
    refused: () => undefined,
    connected: () => {
      isTold = true;
      void session.socket.logout().catch(() => session.end());
    },
    closed: () => resolve(isTold),
  });
  const end = () => session.end();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
