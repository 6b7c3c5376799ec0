// Whether an account's own settings are still what its running channel was built from. A print of them, so that nobody
// keeps an old token to compare it with.
import { createHash } from 'node:crypto';
import type { AccountConfig } from './config.ts';
import { Secret } from './secret.ts';

/** Equal for equal settings, and for nothing else. `more`: what else the channel was built from. */
export function settingsPrint({ settings }: Pick<AccountConfig, 'settings'>, more: string): string {
  const told = Object.entries(settings)
    .map(([key, value]) => [key, value instanceof Secret ? value.reveal() : value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([told, more]))
    .digest('hex');
}
