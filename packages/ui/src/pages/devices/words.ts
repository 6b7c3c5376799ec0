// Devices in words and in order: pure, so that what a page says about rights is tested without one.
import type { DeviceRow } from '@countersign/protocol/device';
import { rightsOf } from '../../house/rights.ts';
import type { Text } from '../../text/say.ts';

type Says = Text['devices'];

export function nameOf(row: Pick<DeviceRow, 'name'>, says: Says): string {
  return row.name === '' ? says.nobody : row.name;
}

/** What a paired device may do at this moment, in one line. */
export function maySay(row: Pick<DeviceRow, 'scopes' | 'active'>, says: Says): string {
  const { now } = rightsOf(row);
  return now.length === 0
    ? says.paired.mayNothing
    : says.paired.may(now.map((scope) => says.scopes[scope]).join(' · '));
}

/** What has ended, the last one first. A request that was approved lives on as its device. */
export function endedFirst(rows: readonly DeviceRow[]): readonly DeviceRow[] {
  const once = [...new Map(rows.map((row) => [row.id, row])).values()];
  return once.filter(({ state }) => !LIVE.has(state)).toSorted((a, b) => momentOf(b) - momentOf(a));
}

const LIVE: ReadonlySet<DeviceRow['state']> = new Set(['paired', 'pending', 'approved']);

/** Why a device ended, where there are words for it. */
export function whySay(row: Pick<DeviceRow, 'endedWhy'>, says: Says): string | null {
  const words: Readonly<Record<string, string>> = says.ended.why;
  const why = row.endedWhy ?? '';
  return Object.hasOwn(words, why) ? (words[why] ?? null) : null;
}

/** The address a setup code was made for, when nothing but this machine reaches it; null otherwise. */
export function onlyHere(setupCode: string): string | null {
  try {
    const made: unknown = JSON.parse(atob(setupCode));
    if (typeof made !== 'object' || made === null || !('url' in made) || typeof made.url !== 'string')
      return null;
    const { hostname, origin } = new URL(made.url);
    return hostname === 'localhost' || hostname.endsWith('.localhost') ? origin : null;
  } catch {
    return null;
  }
}

function momentOf({ endedAt, expiresAt, createdAt }: DeviceRow): number {
  return Date.parse(endedAt ?? expiresAt ?? createdAt);
}
