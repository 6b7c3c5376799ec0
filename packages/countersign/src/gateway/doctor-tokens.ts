// Service tokens that cannot do what they were made for, since what they name is gone; and some that nobody seems to need.
import type { DoctorCheck } from '@countersign/protocol/gateway';
import type { Config } from '../config/config.ts';
import type { Clock, Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { TokenRow } from '../core/token/tokens-port.ts';

interface Ports {
  readonly store: Pick<Store, 'tokens'>;
  readonly clock: Clock;
  readonly config: () => Pick<Config, 'agent' | 'bearer' | 'channels'>;
}

const MOST = 1_000;
const UNUSED_MS = 90 * 86_400_000;

export async function checkTokens({ store, clock, config }: Ports): Promise<DoctorCheck[]> {
  const now = clock.now();
  const live = await store.tokens.list({ limit: MOST, live: now });
  const found = live.flatMap((row) => {
    const lost = lostBy(row, config()) ?? unheardOf(row, [config().agent.id, ...live.flatMap(openedFor)]);
    if (lost !== null) return [of(row, 'warning', lost.message, lost.hint)];
    if (!isUnused(row, now)) return [];
    const hint = `if its program is gone: countersign tokens revoke ${row.token}`;
    return [of(row, 'note', 'has not been used for 90 days', hint)];
  });
  if (found.length > 0 || live.length === 0) return found;
  return [{ name: 'tokens', level: 'ok', message: `${live.length} live` }];
}

function lostBy(
  { accounts, audiences }: TokenRow,
  { bearer, channels }: Pick<Config, 'bearer' | 'channels'>,
): { readonly message: string; readonly hint: string } | null {
  const audience = audiences.find((one) => !bearer.audiences.has(one));
  if (audience !== undefined)
    return {
      message: `names the audience ${audience}, which is not configured`,
      hint: 'see bearer.audiences',
    };
  const on = new Set(
    channels.accounts.filter(({ enabled }) => enabled).map(({ channel, account }) => `${channel}:${account}`),
  );
  const account = accounts.find((one) => !on.has(one));
  if (account === undefined) return null;
  const [channel = '', name = ''] = account.split(':');
  const at = name === 'default' ? `channels.${channel}` : `channels.${channel}.accounts.${name}`;
  return {
    message: `may speak for ${account}, which is not configured or is off: nobody is let in there`,
    hint: `for an account that your own program receives: countersign config set ${at}.ingress true`,
  };
}

/** Whose sessions an ingress opens, where it names another agent than the house's. */
function openedFor({ scope, agent }: TokenRow): readonly string[] {
  return scope === 'ingress' && agent !== null ? [agent] : [];
}

/** A handle belongs to one agent: to a runtime of another one, or of a slip of the pen, all of them are unknown. */
function unheardOf({ scope, agent }: TokenRow, agents: readonly string[]) {
  if (scope !== 'runtime' || agent === null || agents.includes(agent)) return null;
  return {
    message: `is of the agent ${agent}, and nobody begins sessions for that one: every handle is unknown to it`,
    hint: `sessions here are of ${[...new Set(agents)].join(', ')}: countersign tokens create --scope runtime --for ${agents[0] ?? ''}`,
  };
}

/** Never used, it counts from the day it was made. */
function isUnused({ lastUsedAt, createdAt }: TokenRow, now: Millis): boolean {
  return now - (lastUsedAt ?? createdAt) > UNUSED_MS;
}

function of(
  { token, scope }: TokenRow,
  level: DoctorCheck['level'],
  message: string,
  hint: string,
): DoctorCheck {
  return { name: `token ${token}`, level, message: `${scope}: ${message}`, hint };
}
