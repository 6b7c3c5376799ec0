// The only place of the chat page that touches the socket, timers, the clock and chance.
import type { ConversationPorts } from './conversation.ts';

export function browserPorts({ protocol, host }: Pick<Location, 'protocol' | 'host'>): ConversationPorts {
  return {
    dial: (on) => {
      const socket = new WebSocket(`${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws`);
      socket.onmessage = (event: MessageEvent<unknown>) => on.message(event.data);
      socket.onclose = () => on.closed();
      return {
        // A socket that is closing drops what it is given; the outbox keeps it.
        send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
        close: () => socket.close(),
      };
    },
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
    chance: () => Math.random(),
    newId: () => crypto.randomUUID(),
  };
}
