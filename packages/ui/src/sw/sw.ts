// The worker of the Control UI: keeps files of the build, shows notifications, opens the page. It holds no token and no key,
// asks the gateway for nothing else, and decides nothing. It is built as /sw.js, without a hash and without imports.
import { isKept, isOld, isWorthKeeping } from './keep.ts';
import { placeOf, shownOf } from './notice.ts';

interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Waits {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Pushed extends Waits {
  readonly data: { json(): unknown } | null;
}
interface Pressed extends Waits {
  readonly notification: Notification;
}
interface Tab {
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
interface Scope {
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly caches: CacheStorage;
  readonly clients: {
    matchAll(query: { readonly type: 'window'; readonly includeUncontrolled: true }): Promise<readonly Tab[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: 'activate', listener: (event: Waits) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetched) => void): void;
  addEventListener(type: 'push', listener: (event: Pushed) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: Pressed) => void): void;
}
declare const self: Scope;

/** The build writes its own name here (sw-build.ts): another build is another worker with another cache. */
const CACHE = 'countersign-assets-__BUILD__';

self.addEventListener('activate', (event) => event.waitUntil(forgetOld()));

self.addEventListener('fetch', (event) => {
  // Whatever is not kept goes its way as if there were no worker.
  if (isKept(event.request, self.location.origin)) event.respondWith(kept(event.request));
});

self.addEventListener('push', (event) => {
  const { kind, language, body, tag } = shownOf(read(event));
  const more = { body, tag, lang: language, icon: '/icons/icon-192.png', badge: '/icons/icon-192.png' };
  event.waitUntil(self.registration.showNotification('Countersign', { ...more, data: kind }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(placeOf(event.notification.data)));
});

async function kept(request: Request): Promise<Response> {
  const cache = await self.caches.open(CACHE);
  const known = await cache.match(request);
  if (known !== undefined) return known;
  const answer = await fetch(request);
  // A full disk keeps nobody from the page.
  if (isWorthKeeping(answer)) await cache.put(request, answer.clone()).catch(() => undefined);
  return answer;
}

async function forgetOld(): Promise<void> {
  const names = await self.caches.keys();
  await Promise.all(names.filter((name) => isOld(name, CACHE)).map((name) => self.caches.delete(name)));
}

/** A tab of the Control UI that is open already, or a new one. */
async function open(place: string): Promise<void> {
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const tab = tabs.find(
    ({ url }) => new URL(url).origin === self.location.origin && new URL(url).pathname === '/',
  );
  if (tab === undefined) {
    await self.clients.openWindow(`/${place}`);
    return;
  }
  // The person may have gone elsewhere in the meantime: then the tab is ready, in the background.
  await tab.focus().catch(() => undefined);
  tab.postMessage({ countersign: 'open', place });
}

function read({ data }: Pushed): unknown {
  try {
    return data?.json();
  } catch {
    return undefined;
  }
}
