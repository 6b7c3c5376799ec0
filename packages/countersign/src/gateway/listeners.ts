// The doors. Each listener knows which door it is and says so with every request; nothing later can change it (R68).
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Problem } from '@countersign/protocol/problem';
import { getRequestListener } from '@hono/node-server';
import { foldAddress } from '../core/address.ts';
import type { App } from './app.ts';
import type { Bindings, Door } from './door.ts';
import { checkHost, checkOrigin, isChatHost, type Names } from './origin.ts';
import { V1 } from './proxy/v1.ts';
import { isPlainWay, remoteOf, trustedBy } from './remote.ts';
import type { Socket } from './socket.ts';

/** H63: headers come quickly, bodies within half a minute, and nobody holds a thousand connections open. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const LOOK_EVERY_MS = 2_000;
const MAX_CONNECTIONS = 4_096;
/** Of one address, loopback and named proxies exempt. */
const MAX_PER_ADDRESS = 256;
const MAX_HEADER_BYTES = 16 * 1024;

interface Ports {
  readonly app: App;
  readonly socket: Socket;
  /** What lies below an agent: it takes its requests as they came, before the app. */
  readonly v1?: Pick<V1, 'handle'>;
  names(): Names;
  /** Proxies the owner named, as configured now. */
  trustedProxies(): readonly string[];
  /** Milliseconds until a connection that says nothing whole is ended. */
  readonly patience?: {
    readonly headersMs: number;
    readonly requestMs: number;
    readonly lookEveryMs: number;
  };
}

/** Where the local doors are, and how the agent's one gets its group and mode once it listens. */
export interface LocalDoors {
  readonly hostSocket: string;
  readonly agentSocket: string;
  protectAgentSocket(): void;
}

export interface Listeners {
  /** The TCP port people use. */
  readonly port: number;
  /** Loopback families this machine does not have. */
  readonly missing: readonly string[];
  /** No new connections; resolves when the open ones have been answered, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * Opens every door, TCP first: whoever holds `localhost` on the other family would get what is meant for us, so a port
 * that is taken on either ends the start before anything is printed.
 * @throws Problem `gateway_port_taken`, `gateway_busy`, `config_invalid`.
 */
export async function listen(
  ports: Ports,
  where: { readonly hosts: readonly string[]; readonly port: number; readonly local: LocalDoors },
): Promise<Listeners> {
  const { local, hosts } = where;
  const open: Server[] = [];
  const missing: string[] = [];
  let { port } = where;
  try {
    for (const host of hosts) {
      const server = serverOf('tcp', ports);
      server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, ports));
      const bound = await listenTcp(server, host, port, hosts.length > 1);
      if (bound === null) missing.push(host);
      else {
        port = bound;
        open.push(server);
      }
    }
    for (const [door, path] of [
      ['host', local.hostSocket],
      ['agent', local.agentSocket],
    ] as const) {
      const server = serverOf(door, ports);
      await listenLocal(server, path);
      open.push(server);
      // A pipe of Windows has its owner's rights from the start.
      if (isPipe(path)) continue;
      if (door === 'host') chmodSync(path, 0o600);
      else local.protectAgentSocket();
    }
  } catch (cause) {
    for (const server of open) server.close();
    throw cause;
  }
  return {
    port,
    missing,
    async close(graceMs) {
      const closed = Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
      for (const server of open) server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const server of open) server.closeAllConnections();
      }, graceMs);
      await closed;
      clearTimeout(timer);
      for (const path of [local.hostSocket, local.agentSocket].filter((one) => !isPipe(one))) {
        rmSync(path, { force: true });
      }
    },
  };
}

const PATIENCE = { headersMs: HEADERS_MS, requestMs: REQUEST_MS, lookEveryMs: LOOK_EVERY_MS };

function serverOf(door: Door, ports: Ports): Server {
  const bindingsOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>): Bindings =>
    door === 'tcp' ? { door, ...wayOf(request, ports) } : { door, remote: null };
  const answer = getRequestListener(
    (request, { incoming }) => ports.app.fetch(request, bindingsOf(incoming)),
    { overrideGlobalObjects: false },
  );
  const { headersMs, requestMs, lookEveryMs } = ports.patience ?? PATIENCE;
  const options = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookEveryMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const server = createServer(options, (request, response) => {
    if (door === 'tcp' && !isOneHost(request)) response.writeHead(400, { connection: 'close' }).end();
    else if (asForwardAuth(request)) void answer(request, response);
    else if (ports.v1 !== undefined && V1.takes(request.url))
      void ports.v1.handle(request, response, bindingsOf(request));
    else void answer(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  if (door === 'tcp') limitPerAddress(server, ports);
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    // Browsers hold connections in reserve. An answer to what none of them asked would be taken for that of their next
    // request; a closed one is replaced in silence.
    const isInReserve = isLate && 'bytesRead' in socket && socket.bytesRead === 0;
    if (!socket.writable || isInReserve) socket.destroy();
    else
      socket.end(
        `HTTP/1.1 ${isLate ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\n\r\n`,
      );
  });
  return server;
}

/** Servers before tools that put the path they were asked for behind ours, with its method (Envoy): what is asked of us is
 * the same question, and the audience stands in the part that they set. */
function asForwardAuth(request: IncomingMessage): boolean {
  const [, audience] =
    /^\/api\/v1\/forward-auth\/for\/([^/?#]{1,768})(?:[/?#]|$)/.exec(request.url ?? '') ?? [];
  if (audience === undefined) return false;
  request.url = `/api/v1/forward-auth?audience=${audience.replaceAll('&', '%26').replaceAll('+', '%2B')}`;
  request.method = 'GET';
  return true;
}

/** How a request came to us, as far as its connection and proxies that the owner named tell. */
function wayOf(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  { trustedProxies }: Ports,
): { readonly remote: string; readonly isPlain: boolean } {
  const connection = socket.remoteAddress ?? '';
  const isTrusted = trustedBy(trustedProxies());
  const header = (name: string) => headers[name]?.toString();
  return {
    remote: remoteOf(connection, header, isTrusted),
    isPlain: isPlainWay(connection, isTrusted),
  };
}

/** RFC 9112 3.2: a request names one host. Whoever names two means another one for the next server to read. */
function isOneHost({ url = '', rawHeaders, headers }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) return false;
  return url.startsWith('/') || (URL.canParse(url) && new URL(url).host === headers.host?.toLowerCase());
}

/** H63: one address cannot hold every connection there is. */
function limitPerAddress(server: Server, { trustedProxies }: Ports): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const folded = foldAddress(address);
    if (folded === null || folded.loopback || trustedBy(trustedProxies())(address)) return;
    const count = (open.get(folded.text) ?? 0) + 1;
    open.set(folded.text, count);
    socket.once('close', () => {
      const left = (open.get(folded.text) ?? 1) - 1;
      if (left > 0) open.set(folded.text, left);
      else open.delete(folded.text);
    });
    if (count > MAX_PER_ADDRESS) socket.destroy();
  });
}

/** The same checks as for a request, before a byte of the socket is spoken (H24). */
function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, ports: Ports): void {
  const { socket: ws, names } = ports;
  socket.on('error', () => socket.destroy());
  const header = (name: string) => request.headers[name]?.toString();
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const { remote, isPlain } = wayOf(request, ports);
  try {
    if (!isOneHost(request)) throw new Problem('request_malformed');
    checkHost(header, names(), isPlain);
    if (path !== '/ws') throw new Problem('not_found');
    checkOrigin({ method: 'GET', path }, header, names());
  } catch (cause) {
    const { status } = cause instanceof Problem ? cause : new Problem('internal');
    socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    return;
  }
  ws.upgrade(request, socket, head, { remote, isChatOnly: isChatHost(header('host') ?? '', names()) });
}

/** The port it listens on; null where the machine has no such address family and another one is there. */
function listenTcp(server: Server, host: string, port: number, mayLack: boolean): Promise<number | null> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') {
        const detail =
          code === 'EACCES' ? `this user may not listen on port ${port}` : `${host} port ${port} is taken`;
        reject(new Problem('gateway_port_taken', { detail, cause: error }));
      } else if (mayLack && host.includes(':') && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'))
        resolve(null);
      else
        reject(
          new Problem('config_invalid', {
            detail: `cannot listen on ${host} port ${port} (${code})`,
            cause: error,
          }),
        );
    });
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** A socket file that nobody answers on was left by a process that died; one that answers is somebody's. */
async function listenLocal(server: Server, path: string): Promise<void> {
  if (!isPipe(path) && existsSync(path)) {
    if (await answers(path)) throw new Problem('gateway_busy', { detail: `something answers on ${path}` });
    rmSync(path, { force: true });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new Problem('config_invalid', { detail: `cannot listen on ${path} (${errorCode(cause)})`, cause }),
      );
    });
    server.listen(path, resolve);
  });
}

function isPipe(path: string): boolean {
  return path.startsWith('\\\\.\\pipe\\');
}

function errorCode(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
