// Notifications as this browser knows them: whether it can have them, whether it may, and its subscription at its vendor's
// push service. The gateway keeps who is told; both have to say yes.
import type { PushSubscribe } from '@countersign/protocol/push';

const ACTIVE_WITHIN_MS = 5_000;

/** `install`: iPhones and iPads have them in an installed app only. */
export type Support = 'ready' | 'denied' | 'install' | 'none';

interface Seen {
  readonly hasWorker: boolean;
  readonly hasPush: boolean;
  /** Null where the browser knows no notifications. */
  readonly permission: NotificationPermission | null;
  /** Of Apple's mobile browsers: false in a tab; undefined everywhere else. */
  readonly standalone: boolean | undefined;
}

export function supportOf({ hasWorker, hasPush, permission, standalone }: Seen): Support {
  if (permission === null || !hasWorker || !hasPush) return standalone === false ? 'install' : 'none';
  return permission === 'denied' ? 'denied' : 'ready';
}

export function ownSupport(): Support {
  const standalone: unknown = 'standalone' in navigator ? navigator.standalone : undefined;
  return supportOf({
    hasWorker: 'serviceWorker' in navigator,
    hasPush: 'PushManager' in globalThis,
    permission: 'Notification' in globalThis ? Notification.permission : null,
    standalone: typeof standalone === 'boolean' ? standalone : undefined,
  });
}

/** Asks the person, once the browser lets us: only right after something was pressed. */
export async function askPermission(): Promise<boolean> {
  return (await Notification.requestPermission()) === 'granted';
}

/** @returns null where there is no worker or no subscription. */
export async function ownSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration('/');
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** What the gateway is to be told; made anew when the one there is belongs to another key. */
export async function subscribe(publicKey: string, language: string): Promise<PushSubscribe | null> {
  const registration = await navigator.serviceWorker.getRegistration('/');
  if (registration === undefined) return null;
  const manager = (await activeOr(registration)).pushManager;
  const before = await manager.getSubscription();
  if (before !== null && !isOfKey(before.options.applicationServerKey, publicKey)) await before.unsubscribe();
  const made = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  return wireOf(made.toJSON(), language);
}

/** Only an active worker can be subscribed; a new one is that in a moment. */
async function activeOr(registration: ServiceWorkerRegistration): Promise<ServiceWorkerRegistration> {
  if (registration.active !== null) return registration;
  const { ready } = navigator.serviceWorker;
  return Promise.race([ready, after(ACTIVE_WITHIN_MS, registration)]);
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), ms);
  });
}

/** The browser's form has fields that the gateway does not know. */
export function wireOf({ endpoint, keys }: PushSubscriptionJSON, language: string): PushSubscribe | null {
  const p256dh = keys?.['p256dh'];
  const auth = keys?.['auth'];
  if (endpoint === undefined || p256dh === undefined || auth === undefined) return null;
  return { endpoint, keys: { p256dh, auth }, language: language === 'de' ? 'de' : 'en' };
}

export function isOfKey(key: ArrayBuffer | null, publicKey: string): boolean {
  if (key === null) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === publicKey;
}
