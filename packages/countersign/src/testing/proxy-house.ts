// A gateway with a proxy, on a real port: people who are let in by number, each with a session, a runtime's token, and an
// upstream that remembers what it was asked.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionId } from '@countersign/protocol/ids';
import { parseNative } from '../core/identity/peer.ts';
import type { Inbound } from '../core/message.ts';
import { type Listeners, listen } from '../gateway/listeners.ts';
import { FakeOpenAi } from './fake-openai.ts';
import { jsonOf, openHouse, type TestHouse } from './house.ts';
import { inboundFrom } from './inbound.ts';

export const AUDIENCE = 'tools.example';
const PEOPLE = { ana: '555001', bob: '555002' } as const;
type Person = keyof typeof PEOPLE;

export interface ProxyHouse extends AsyncDisposable {
  readonly house: TestHouse;
  readonly upstream: FakeOpenAi;
  /** `http://127.0.0.1:PORT`. */
  readonly base: string;
  readonly port: number;
  readonly token: string;
  /** Sockets of the house. */
  readonly doors: Listeners;
  readonly hostSocket: string;
  makes(token: object): Promise<{ id: string; token: string }>;
  /** A message by that person; resolves with the session it is on. */
  says(name: Person, group?: string): Promise<SessionId>;
  /** The handle of that person's session for the agent `main`. */
  handle(name: Person, group?: string): Promise<string>;
  /** Headers of a call for that person. */
  as(name: Person): Promise<Record<string, string>>;
}

interface Options {
  readonly proxy?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Instead of the fake: a base. */
  readonly behind?: string;
  readonly isListed?: boolean;
  /** How long its doors wait for a request; by default as long as they do. */
  readonly patience?: {
    readonly headersMs: number;
    readonly requestMs: number;
    readonly lookEveryMs: number;
  };
}

export async function openProxyHouse(options: Options = {}): Promise<ProxyHouse> {
  const upstream = await FakeOpenAi.start();
  const base = options.behind ?? upstream.url;
  const house = await openHouse({
    running: true,
    config: {
      proxy: { upstream: base, audience: AUDIENCE, apiKey: 'sk-upstream', ...options.proxy },
      bearer: {
        audiences: { [AUDIENCE]: { origins: options.isListed === false ? [] : [new URL(base).origin] } },
      },
      channels: {
        telegram: {
          botToken: '1:x',
          dmPolicy: 'allowlist',
          allowFrom: Object.values(PEOPLE),
          groupPolicy: 'allowlist',
          groupAllowFrom: Object.values(PEOPLE),
          requireMention: false,
        },
      },
      ...options.config,
    },
  });
  const { composed } = house;
  const folder = mkdtempSync(join(tmpdir(), 'cs-proxy-'));
  const hostSocket = join(folder, 'host.sock');
  const names = () => composed.config.current.gateway;
  const doors = await listen(
    {
      app: composed.app,
      socket: { upgrade: (_request, socket) => void socket.destroy(), close: async () => undefined, size: 0 },
      v1: composed.proxy.v1,
      names,
      trustedProxies: () => composed.config.current.gateway.trustedProxies,
      ...(options.patience === undefined ? {} : { patience: options.patience }),
    },
    {
      hosts: ['127.0.0.1'],
      port: 0,
      local: {
        hostSocket,
        agentSocket: join(folder, 'agent.sock'),
        protectAgentSocket: () => undefined,
      },
    },
  );
  let said = 0;
  const makes = (token: object) =>
    jsonOf<{ id: string; token: string }>(house.call('host', 'POST', '/api/v1/tokens', token));
  const says = async (name: Person, group?: string) => {
    said += 1;
    await composed.core.inbox.receive(message(name, `m${said}`, group));
    await composed.core.inbox.idle();
    const { native } = peerOf(name);
    const rows = await composed.store.sessions.list({ live: true, limit: 100 });
    const wanted = group === undefined ? `:direct:${native}` : `:group:${group}`;
    const found = rows.filter(({ key }) => key.endsWith(wanted));
    const [row] = found;
    if (row === undefined) throw new Error(`${name} has no session`);
    return row.id;
  };
  const { token } = await makes({ scope: 'runtime', for: 'main', audiences: [AUDIENCE] });
  const handle = async (name: Person, group?: string) => {
    const made = await composed.core.identities.handleOf(await says(name, group), 'main');
    if (made === null) throw new Error(`${name} has no handle`);
    return made;
  };
  return {
    house,
    upstream,
    doors,
    hostSocket,
    base: `http://127.0.0.1:${doors.port}`,
    port: doors.port,
    token,
    makes,
    says,
    handle,
    as: async (name) => ({
      authorization: `Bearer ${token}`,
      'x-countersign-session': await handle(name),
    }),
    async [Symbol.asyncDispose]() {
      await doors.close(0);
      await house[Symbol.asyncDispose]();
      await upstream.goesAway();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function peerOf(name: Person) {
  const native = parseNative(PEOPLE[name], /^\d+$/);
  if (native === null) throw new Error(`${name} is nobody`);
  return { channel: 'telegram', account: 'default', native } as const;
}

function message(name: Person, messageId: string, group: string | undefined): Inbound {
  const peer = peerOf(name);
  return inboundFrom(peer, {
    conversation: group === undefined ? { kind: 'direct', id: peer.native } : { kind: 'group', id: group },
    messageId,
  });
}
