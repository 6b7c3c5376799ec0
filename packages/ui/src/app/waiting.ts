// How many wait on which page: the numbers beside the places, from the lists the pages read themselves.
import type { PageId } from './pages.ts';
import { useRead } from './queries.ts';

export function useWaiting(): Readonly<Partial<Record<PageId, number>>> {
  const pairings = useRead(
    'pairings',
    ['open-count'],
    async (api) => (await api.pairings.list({ show: 'open', limit: 500 })).items,
  );
  const devices = useRead(
    'devices',
    ['pending-count'],
    async (api) => (await api.devices.list('pending')).items,
  );
  const asked = useRead(
    'approvals',
    ['open-count'],
    async (api) => (await api.approvals.list({ show: 'open', limit: 100 })).items,
  );
  const pending = useRead('config', ['pending'], async (api) => (await api.config.pending()).items);
  return {
    approvals: asked.value?.filter(({ state }) => state === 'pending').length ?? 0,
    pairings: pairings.value?.filter(({ state }) => state === 'pending' || state === 'waiting').length ?? 0,
    devices: devices.value?.filter(({ state }) => state === 'pending').length ?? 0,
    settings: pending.value?.length ?? 0,
  };
}
