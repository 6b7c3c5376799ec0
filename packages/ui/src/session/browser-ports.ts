// The only place of the signed-in page that touches the socket, timers and chance.
import type { LinePorts } from '../shared/line.ts';

export function browserPorts({ protocol, host }: Pick<Location, 'protocol' | 'host'>): LinePorts {
  return {
    dial: (on) => {
      const socket = new WebSocket(`${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws`);
      socket.onmessage = (event: MessageEvent<unknown>) => on.message(event.data);
      socket.onclose = () => on.closed();
      return {
        send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
        close: () => socket.close(),
      };
    },
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    chance: () => Math.random(),
  };
}

export function newId(): string {
  return crypto.randomUUID();
}
