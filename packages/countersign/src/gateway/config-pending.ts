// What waits in the configuration for somebody's word, from both of its rooms: guarded keys and lists that lost too much.
import { createHash } from 'node:crypto';
import type { PendingChange } from '@countersign/protocol/gateway';
import { parsePath } from '../config/mistakes.ts';
import { hideSecrets } from '../config/read-value.ts';
import type { HeldList } from '../core/pairing/allow-lists.ts';
import type { Change } from './guarded.ts';

export function printGuarded({ path, inForce, asked }: Change): PendingChange {
  const parts = parsePath(path) ?? [];
  const shown = (text: string) => hideSecrets(JSON.parse(text), parts);
  return { path, why: 'guarded', inForce: shown(inForce), asked: shown(asked) };
}

export function printHeld({ path, channel, account, inForce, asked, gone }: HeldList): PendingChange {
  return {
    path,
    why: 'mass_removal',
    channel,
    account,
    inForce: [...inForce],
    asked: [...asked],
    gone: [...gone],
  };
}

/** Tells one wish from another without keeping it. */
export function wishOf({ path, asked }: Pick<Change, 'path' | 'asked'>): string {
  return createHash('sha256').update(`${path}\n${asked}`).digest('base64url').slice(0, 22);
}
