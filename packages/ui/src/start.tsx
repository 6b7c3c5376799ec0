// The Control UI begins: opens the key of this browser and shows whose house this is.

import { browserName } from '@countersign/protocol/browser-name';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { apiWith } from './api.ts';
import { installOwnWorker } from './app/install.ts';
import { type DeviceKey, openDeviceKey } from './device-key.ts';
import { HouseContext, type HouseTools } from './house/context.ts';
import { browserPorts, newId } from './session/browser-ports.ts';
import { scopesIn } from './session/frames.ts';
import { Session } from './session/session.ts';
import { recall, remember } from './shared/memory.ts';
import { type Place, placeOf } from './shared/place.ts';
import { Broken, NotSecure } from './shared/Shell.tsx';
import { Claim } from './views/Claim.tsx';

/** `secret`: of a claim link; it is in the address no more. */
export function start(element: HTMLElement, secret: string | null): void {
  const place = placeOf(location, globalThis.crypto?.subtle !== undefined);
  const root = createRoot(element);
  if (place.secure) installOwnWorker();
  if (!place.secure) root.render(<NotSecure place={place} />);
  else
    openDeviceKey().then(
      (key) =>
        root.render(
          <StrictMode>
            <HouseContext value={toolsOf(key, place)}>
              <Claim secret={secret} />
            </HouseContext>
          </StrictMode>,
        ),
      (error: unknown) => root.render(<Broken error={error} />),
    );
}

function toolsOf(deviceKey: DeviceKey, where: Place): HouseTools {
  const browser = browserName(navigator.userAgent);
  const session = new Session({
    ...browserPorts(location),
    key: deviceKey,
    name: browser,
    scopes: {
      // Without its key the browser is another, and what the earlier one held says nothing.
      recall: () => {
        const kept = recall('scopes');
        return kept?.startsWith(`${deviceKey.device} `) ? scopesIn(kept) : null;
      },
      remember: (scopes) => remember('scopes', [deviceKey.device, ...scopes].join(' ')),
    },
  });
  addEventListener('online', () => session.wake());
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && session.wake(),
  );
  const api = apiWith({
    key: deviceKey,
    origin: location.origin,
    fetch: globalThis.fetch.bind(globalThis),
    pass: () => session.pass(),
    renewed: (nonce) => session.renewed(nonce),
    rejected: (token) => session.rejected(token),
    now: () => Date.now(),
    newId,
  });
  return { deviceKey, session, api, place: where, browser };
}
