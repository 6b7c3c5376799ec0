// `/ws`: the sockets of pages and devices. Origin and Host were checked before the upgrade; the address is the connection's
// own. What one socket may say is in socket-connection.ts.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { foldAddress } from '../core/address.ts';
import { AddressLimits } from './address-limits.ts';
import { Connection, type ConnectionPorts } from './socket-connection.ts';
import { errorFrame } from './socket-frames.ts';

const MAX_FRAME_BYTES = 256 * 1024;
const HEARTBEAT_MS = 30_000;
const MAX_SOCKETS = 2_000;
const MAX_PER_ADDRESS = 20;
/** Connects that came to nothing: a client that asks again every few seconds has room, a flood has not. */
const FUTILE = { burst: 60, refillMs: 1_000 };

interface Ports extends Omit<ConnectionPorts, 'futile'> {
  /** How often a socket is looked after; thirty seconds unless a test says otherwise. */
  readonly heartbeatMs?: number;
}

/** How a socket came to us. */
export interface From {
  readonly remote: string;
  /** It came by the name of web chat alone: no device joins there. */
  readonly isChatOnly: boolean;
}

export interface Socket {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, from: From): void;
  /** Tells every page and closes. */
  close(): Promise<void>;
  readonly size: number;
}

export function createSocket(ports: Ports): Socket {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: true });
  const perAddress = new Map<string, number>();
  const futile = new AddressLimits(FUTILE);
  const connections = new Map<WebSocket, Connection>();
  const heartbeat = setInterval(() => beat(connections), ports.heartbeatMs ?? HEARTBEAT_MS);
  heartbeat.unref();

  return {
    upgrade(request, socket, head, { remote, isChatOnly }) {
      const folded = foldAddress(remote);
      const key = folded === null || folded.loopback ? null : folded.text;
      const open = key === null ? 0 : (perAddress.get(key) ?? 0);
      if (server.clients.size >= MAX_SOCKETS || open >= MAX_PER_ADDRESS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 30\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (ws) => {
        if (key !== null) perAddress.set(key, open + 1);
        ws.once('close', () => {
          connections.delete(ws);
          if (key === null) return;
          const left = (perAddress.get(key) ?? 1) - 1;
          if (left > 0) perAddress.set(key, left);
          else perAddress.delete(key);
        });
        const { devices, ...others } = ports;
        const joining = isChatOnly || devices === undefined ? {} : { devices };
        const connection = new Connection(ws, remote, { ...others, ...joining, futile });
        connections.set(ws, connection);
        connection.open();
      });
    },
    async close() {
      clearInterval(heartbeat);
      const clients = [...server.clients];
      await Promise.all(clients.map((ws) => farewell(ws)));
      server.close();
    },
    get size() {
      return server.clients.size;
    },
  };
}

function beat(connections: ReadonlyMap<WebSocket, Connection>): void {
  for (const connection of connections.values()) connection.beat();
}

function farewell(ws: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => ws.terminate(), 1_000);
    ws.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    ws.send(JSON.stringify(errorFrame('gateway_stopping')));
    ws.close(1001, 'the gateway is stopping');
  });
}
