// What the environment says over the file: COUNTERSIGN_LISTEN, COUNTERSIGN_PORT, COUNTERSIGN_STORE.
import { isIP } from 'node:net';
import type { Config } from './config.ts';
import type { Mistake } from './mistakes.ts';
import { hostsOf } from './resolve.ts';
import { locateStore } from './store-url.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** COUNTERSIGN_LISTEN, _PORT and _STORE that say nothing we can use. */
export function overrideMistakes(env: Environment, home: string): Mistake[] {
  const mistakes: Mistake[] = [];
  const say = (path: string, message: string, hint: string) => mistakes.push({ path, message, hint });
  const listen = override(env, 'COUNTERSIGN_LISTEN');
  if (listen !== null && listen !== 'localhost' && isIP(listen) === 0) {
    say('COUNTERSIGN_LISTEN', 'this is not an IP address', 'write "127.0.0.1"');
  }
  const port = override(env, 'COUNTERSIGN_PORT');
  if (port !== null && portOf(port) === null) say('COUNTERSIGN_PORT', 'this is not a port', '0 to 65535');
  const store = override(env, 'COUNTERSIGN_STORE');
  if (store !== null && locateStore(store, home) === null) {
    say('COUNTERSIGN_STORE', 'this is not a store', 'write "sqlite:PATH" or "postgres://…"');
  }
  return mistakes;
}

/** The configuration with what the environment says over it. */
export function withOverrides(config: Config, env: Environment, home: string): Config {
  const listen = override(env, 'COUNTERSIGN_LISTEN') ?? config.gateway.listen;
  const port = portOf(override(env, 'COUNTERSIGN_PORT') ?? '') ?? config.gateway.port;
  const store = locateStore(override(env, 'COUNTERSIGN_STORE') ?? '', home) ?? config.store;
  return { ...config, store, gateway: { ...config.gateway, listen, port, hosts: hostsOf(listen) } };
}

function override(env: Environment, name: string): string | null {
  const text = env[name];
  return text === undefined || text === '' ? null : text;
}

function portOf(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65_535 ? port : null;
}
