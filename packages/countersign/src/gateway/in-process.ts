// The same app without a gateway: help for a dead one is the ordinary road. The caller is the host's owner, as on the
// host's socket: whoever runs this can read the home anyway.
import type { Fetch } from '@countersign/protocol/client';
import { compose } from './compose.ts';

/** @throws Problem `config_invalid`, `store_*`. */
export async function openInProcess(place: {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}): Promise<{ fetch: Fetch; close(): Promise<void> }> {
  const composed = await compose({ ...place, running: null });
  return {
    fetch: (path, { method, body, signal, headers = {} }) => {
      const request = new Request(`http://localhost${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
      return composed.app.fetch(request, { door: 'host', remote: null });
    },
    close: () => composed.close(),
  };
}
