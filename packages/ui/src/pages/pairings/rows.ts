// Requests in order, found, and what their decision says. Pure.
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { chatName } from './look-alikes.ts';

export function isOpen({ state }: Pick<PairingRow, 'state'>): boolean {
  return state === 'pending' || state === 'waiting';
}

export function oldestFirst(rows: readonly PairingRow[]): readonly PairingRow[] {
  return rows.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

/** What was typed is looked for in everything a row shows; a code may be typed with separators. */
export function fits(row: PairingRow, typed: string): boolean {
  const wanted = plain(typed);
  if (wanted === '') return true;
  const { id, identifier, username = '', displayName = '', code = '', person = '' } = row;
  if (
    [id, identifier, username, displayName, person, chatName(row)].some((text) =>
      plain(text).includes(wanted),
    )
  )
    return true;
  const letters = typed.replace(/[\s-]/g, '').toUpperCase();
  return letters !== '' && code.replace(/-/g, '').includes(letters);
}

/** The first words on one line. No link comes of them: what a stranger wrote leads nowhere. */
export function firstLine(words: string): string {
  return visible(words.replace(/[\s\u2028\u2029]*[\n\u2028\u2029]\s*/g, ' ').trim());
}

export function plain(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

export function channelsOf(rows: readonly Pick<PairingRow, 'channel'>[]): readonly string[] {
  return [...new Set(rows.map(({ channel }) => channel))].toSorted();
}

export type Decider =
  | { readonly kind: 'host' | 'file' | 'system' | 'sender' }
  | {
      readonly kind: 'person';
      readonly id: string;
      readonly where: 'chat' | 'device' | null;
      readonly channel: string | null;
    };

/** `prn_…@chat:telegram`, `prn_…@device:dev_…`, `host`, `host+prn_…`. Null for what a newer gateway may write. */
export function deciderOf(text: string): Decider | null {
  const [who = '', surface = ''] = text.split('@');
  if (who.startsWith('prn_')) {
    const [where, ...rest] = surface.split(':');
    const name = rest.join(':');
    if (where === 'chat') return { kind: 'person', id: who, where, channel: name === '' ? null : name };
    return { kind: 'person', id: who, where: where === 'device' ? where : null, channel: null };
  }
  const [kind] = text.split('+');
  return kind === 'host' || kind === 'file' || kind === 'system' || kind === 'sender' ? { kind } : null;
}
