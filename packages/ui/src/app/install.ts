// The worker of this page: registered once, asked for anew by the browser itself, and heard in one thing, which place of the
// house a pressed notification leads to. It never says what to do there.

const WORKER = '/sw.js';
/** Places as the worker names them (sw/notice.ts). */
const PLACE = /^#\/(?:overview|approvals|pairings|devices|settings)$/;

interface Tools {
  readonly container: Pick<ServiceWorkerContainer, 'register' | 'addEventListener'> | undefined;
  go(hash: string): void;
}

/** A browser that refuses it shows the same pages: nothing but notifications needs it. */
export async function installWorker({ container, go }: Tools): Promise<ServiceWorkerRegistration | null> {
  if (container === undefined) return null;
  container.addEventListener('message', (event) => {
    const place = placeIn(event.data);
    if (place !== null) go(place);
  });
  try {
    // A worker from the HTTP cache could be one of a build that is gone.
    return await container.register(WORKER, { scope: '/', updateViaCache: 'none' });
  } catch {
    return null;
  }
}

export function placeIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('countersign' in data) || !('place' in data))
    return null;
  const { countersign, place } = data;
  return countersign === 'open' && typeof place === 'string' && PLACE.test(place) ? place : null;
}

/** As it is built; while the pages are worked on there is no worker to install. */
export function installOwnWorker(): void {
  if (!import.meta.env.PROD) return;
  const go = (hash: string): void => {
    location.hash = hash;
  };
  void installWorker({ container: navigator.serviceWorker, go });
}
