// What this browser may do now and what a proof would add, from what the gateway says of it.
import type { DeviceRow } from '@countersign/protocol/device';
import { SCOPES, type Scope } from '../session/frames.ts';
import { language } from '../text/say.ts';

/** In the order people care about them. */
const ORDER = ['read', 'pairing', 'approvals', 'manage', 'node'] as const satisfies readonly Scope[];

export interface Rights {
  readonly now: readonly Scope[];
  readonly afterProof: readonly Scope[];
}

export function rightsOf(row: Pick<DeviceRow, 'scopes' | 'active'>): Rights {
  const held = row.active ?? row.scopes;
  const now = ORDER.filter((scope) => held.includes(scope));
  return { now, afterProof: ORDER.filter((scope) => row.scopes.includes(scope) && !held.includes(scope)) };
}

/** The row of this browser: the paired device of its key. */
export function ownRow(rows: readonly DeviceRow[], thumbprint: string): DeviceRow | null {
  return rows.find(({ key, state }) => key === thumbprint && state === 'paired') ?? null;
}

/** Devices that are in, and requests that wait, whichever list they came in. */
export function sorted(
  rows: readonly DeviceRow[],
  thumbprint: string,
): { readonly others: readonly DeviceRow[]; readonly waiting: readonly DeviceRow[] } {
  const once = [...new Map(rows.map((row) => [row.id, row])).values()];
  return {
    others: once.filter(({ state, key }) => state === 'paired' && key !== thumbprint),
    waiting: once
      // This browser is in already: what it asked for before is nothing to decide here.
      .filter(({ state, key }) => state === 'pending' && key !== thumbprint)
      .toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt)),
  };
}

/** What it asks for in words: the gateway's, which are English, else this page's for the scopes. */
export function asksOf(
  row: DeviceRow,
  words: Readonly<Record<Scope, string>>,
  spoken: string = language,
): readonly string[] {
  if (spoken === 'en' && row.asks !== undefined && row.asks.length > 0) return row.asks;
  return SCOPES.filter((scope) => row.scopes.includes(scope)).map((scope) => words[scope]);
}
