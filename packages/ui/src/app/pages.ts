// Every page of the house, once: its name in the address, its key after `g`, its icon, and how it is loaded.
import { type ComponentType, lazy } from 'react';
import type { IconName } from '../parts/Icon.tsx';
import type { Text } from '../text/say.ts';

export type PageId = keyof Text['shell']['pages'];

export interface PageEntry {
  readonly id: PageId;
  readonly key: string;
  readonly icon: IconName;
  readonly View: ComponentType;
}

const entry = (id: PageId, key: string, icon: IconName, load: () => Promise<ComponentType>): PageEntry => ({
  id,
  key,
  icon,
  View: lazy(async () => ({ default: await load() })),
});

export const PAGES: readonly PageEntry[] = [
  entry('overview', 'o', 'home', async () => (await import('../pages/overview/Overview.tsx')).Overview),
  entry('approvals', 'r', 'ask', async () => (await import('../pages/approvals/Approvals.tsx')).Approvals),
  entry('pairings', 'p', 'door', async () => (await import('../pages/pairings/Pairings.tsx')).Pairings),
  entry('people', 'e', 'people', async () => (await import('../pages/people/People.tsx')).People),
  entry('devices', 'd', 'device', async () => (await import('../pages/devices/Devices.tsx')).Devices),
  entry('channels', 'c', 'channel', async () => (await import('../pages/channels/Channels.tsx')).Channels),
  entry('sessions', 's', 'session', async () => (await import('../pages/sessions/Sessions.tsx')).Sessions),
  entry('factors', 'f', 'key', async () => (await import('../pages/factors/Factors.tsx')).Factors),
  entry('policy', 'y', 'policy', async () => (await import('../pages/policy/Policy.tsx')).Policy),
  entry('audit', 'a', 'audit', async () => (await import('../pages/audit/Audit.tsx')).Audit),
  entry('settings', 't', 'gear', async () => (await import('../pages/settings/Settings.tsx')).Settings),
];

/** An empty name is the overview. */
export function pageOf(name: string): PageEntry | null {
  return PAGES.find(({ id }) => id === (name === '' ? 'overview' : name)) ?? null;
}
