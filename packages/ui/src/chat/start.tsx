// Web chat begins: the browser's key first, then the conversation over the real socket, then the page.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type DeviceKey, openDeviceKey } from '../device-key.ts';
import { recall, remember } from '../shared/memory.ts';
import { placeOf } from '../shared/place.ts';
import { Broken, NotSecure } from '../shared/Shell.tsx';
import { browserPorts } from './browser-ports.ts';
import { ChatPage } from './ChatPage.tsx';
import { Conversation } from './conversation.ts';
import type { Challenge, ConnectFrame } from './frames.ts';
import { memoryRows, type Rows, storedRows } from './outbox.ts';

export function start(element: HTMLElement): void {
  const place = placeOf(location, globalThis.crypto?.subtle !== undefined);
  const root = createRoot(element);
  if (!place.secure) root.render(<NotSecure place={place} />);
  else
    openDeviceKey().then(
      (key) => {
        const earlier = recall('device');
        remember('device', key.device);
        const conversation = converse(key);
        root.render(
          <StrictMode>
            <ChatPage
              conversation={conversation}
              deviceKey={key}
              place={place}
              keyLost={earlier !== null && earlier !== key.device}
            />
          </StrictMode>,
        );
      },
      (error: unknown) => root.render(<Broken error={error} />),
    );
}

function converse(key: DeviceKey): Conversation {
  const conversation = new Conversation(browserPorts(location), rowsOf(key), (challenge) =>
    connectFrame(key, challenge),
  );
  addEventListener('online', () => conversation.reconnect());
  // The socket would notice minutes later. At localhost the new one is there at once.
  addEventListener('offline', () => conversation.reconnect());
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && conversation.wake(),
  );
  conversation.start();
  return conversation;
}

function rowsOf(key: DeviceKey): Rows {
  try {
    return key.kept === 'stored' ? storedRows(localStorage, key.device, window) : memoryRows();
  } catch {
    return memoryRows();
  }
}

async function connectFrame(key: DeviceKey, { gateway, nonce, ts }: Challenge): Promise<ConnectFrame> {
  const name = recall('name');
  const signature = await key.sign('countersign.connect.v1', {
    device: key.device,
    gateway,
    nonce,
    role: 'chat',
    scopes: [],
    ts,
  });
  return {
    type: 'connect',
    key: key.jwk,
    role: 'chat',
    scopes: [],
    ts,
    nonce,
    signature,
    ...(name === null || name === '' ? {} : { name }),
  };
}
