// client.json: how a program beside the agent reaches the gateway, and by which key it knows it. The local agent's is
// written once, at the first start; when its token is ended nobody makes it another but an owner.
import { readFileSync } from 'node:fs';
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import type { Log } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { ServiceTokens } from '../core/token/tokens.ts';

/** The same for every client of this gateway. */
export interface ClientPlace {
  readonly socket: string;
  /** The machine at this end of the socket, as an action names it. */
  readonly host: string;
  /** The public key that grants are signed with (RFC 7517): an executor takes one by this key and no other. */
  readonly gatewayKey: Readonly<Record<string, string>>;
}

const LOCAL = 'local agent';
/** Tokens that are looked through for the one of the first start. */
const MOST = 10_000;

interface Ports {
  readonly store: Pick<Store, 'tokens'>;
  readonly tokens: Pick<ServiceTokens, 'create'>;
  readonly log: Log;
  readonly file: string;
  /** Replaces a private file in one step. */
  write(path: string, text: string): void;
  readonly place: ClientPlace;
  /** The id of the agent behind this gateway. */
  readonly agent: string;
}

/** Writes it at the first start, and brings it up to date when the socket or the key is another. */
export async function ensureClientFile({
  store,
  tokens,
  log,
  file,
  write,
  place,
  agent,
}: Ports): Promise<void> {
  try {
    const written = readClient(file);
    if (written !== null) {
      if (written.socket !== undefined && textOf(place, written.token) !== written.text)
        write(file, textOf(place, written.token));
      return;
    }
    const made = await store.tokens.list({ limit: MOST });
    if (made.some(({ maker, name }) => maker === 'system' && name === LOCAL)) return;
    const { token } = await tokens.create({ scope: 'request', agent, name: LOCAL }, { kind: 'system' });
    write(file, textOf(place, token));
  } catch (cause) {
    // The gateway works without it; only programs beside the agent do not find it.
    log.warn('client_file.failed', { reason: Problem.codeOf(cause) });
  }
}

export function textOf({ socket, host, gatewayKey }: ClientPlace, token: string): string {
  return `${JSON.stringify({ socket, token, host, gatewayKey }, null, 2)}\n`;
}

const clientSchema = z.object({ token: z.string(), socket: z.string().optional() });

/** Null where there is none, or none that can be read. */
function readClient(file: string) {
  try {
    const text = readFileSync(file, 'utf8');
    const parsed = clientSchema.safeParse(JSON.parse(text));
    return parsed.success ? { ...parsed.data, text } : null;
  } catch {
    return null;
  }
}
