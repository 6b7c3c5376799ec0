// The road of programs beside the agent: the address, the token and the pinned key of a client.json, and nothing of the
// home. It opens what a `request` token opens: asking as that agent. Without it, or without a gateway, nothing is asked.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Fetch, FetchInit } from '@countersign/protocol/client';
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import { NotListening, socketFetch } from './socket-fetch.ts';

export interface AgentDoor {
  readonly fetch: Fetch;
  /** The machine that commands run on, as an action names it. */
  readonly host: string;
  /** By which a grant is known, and by no other; null in a file that holds none: then nothing runs. */
  readonly gatewayKey: Readonly<Record<string, unknown>> | null;
}

const clientSchema = z
  .object({
    socket: z.string().min(1).optional(),
    url: z.url({ protocol: /^https?$/ }).optional(),
    token: z.string().regex(/^[\x21-\x7e]+$/),
    host: z.string().min(1).max(200).optional(),
    gatewayKey: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ socket, url }) => (socket === undefined) !== (url === undefined));

/** Longest that one call waits: the gateway's own longest is a minute. */
const PATIENCE_MS = 90_000;

/** @throws Problem `config_invalid`: there is no file, or it is none of ours. */
export function openAgentDoor(home: string, path: string | undefined): AgentDoor {
  const file = path === undefined ? join(home, 'client.json') : resolve(path);
  const { socket, url, token, host, gatewayKey = null } = readClient(file);
  const road = socket === undefined ? urlFetch(url ?? '') : localFetch(socket);
  return {
    host: host ?? hostname(),
    gatewayKey,
    fetch: (path, init) =>
      road(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
  };
}

function readClient(file: string) {
  const hint =
    'countersign gateway start writes it for the local agent; countersign tokens create --client for others';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Problem('config_invalid', { detail: `${visible(file)} cannot be read`, hint, cause });
  }
  try {
    return clientSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Problem('config_invalid', { detail: `${visible(file)} is no client.json`, hint, cause });
  }
}

function localFetch(socket: string): Fetch {
  const fetch = socketFetch(socket, PATIENCE_MS);
  return async (path, init) => {
    try {
      return await fetch(path, init);
    } catch (cause) {
      throw cause instanceof NotListening
        ? new Problem('gateway_down', { detail: 'no gateway listens there, so nothing can be asked', cause })
        : cause;
    }
  };
}

/** Never follows a redirect: the token goes to that address and to no other (H66). */
function urlFetch(base: string): Fetch {
  return async (path, { method, body, headers = {}, signal }: FetchInit) => {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    try {
      return await fetch(new URL(path, base), {
        method,
        redirect: 'error',
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
    } catch (cause) {
      throw new Problem('gateway_down', {
        detail: `the gateway at ${new URL(base).origin} does not answer`,
        hint: 'is it running, and reachable from here?',
        cause,
      });
    }
  };
}
