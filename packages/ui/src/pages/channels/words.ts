// An account of a channel in words: pure. Why it is down comes as a sentence of the gateway; what to do about it is chosen
// here by what the sentence is about, unless the gateway says that itself.
import type { AccountStatus } from '@countersign/protocol/gateway';
import type { Text } from '../../text/say.ts';

type Says = Text['channels'];
export type Cause = keyof Says['hints'];

/** `telegram:support`, the name of an account in an address and on the page. */
export function keyOf({ channel, account }: Pick<AccountStatus, 'channel' | 'account'>): string {
  return `${channel}:${account}`;
}

export function channelName(channel: string, says: Says): string {
  const names: Readonly<Record<string, string>> = says.names;
  return Object.hasOwn(names, channel) ? (names[channel] ?? channel) : channel;
}

export function titleOf(
  { channel, account }: Pick<AccountStatus, 'channel' | 'account'>,
  says: Says,
): string {
  const name = channelName(channel, says);
  return account === 'default' ? name : `${name} · ${account}`;
}

export function policySay(policy: string, says: Says): string {
  const words: Readonly<Record<string, string>> = says.policy;
  return Object.hasOwn(words, policy) ? (words[policy] ?? policy) : policy;
}

/** Where its keys stand in the configuration. */
export function settingsPath(
  { channel, account }: Pick<AccountStatus, 'channel' | 'account'>,
  key?: string,
): string {
  const base = account === 'default' ? `channels.${channel}` : `channels.${channel}.accounts.${account}`;
  return key === undefined ? base : `${base}.${key}`;
}

const CAUSES: readonly (readonly [RegExp, Cause])[] = [
  [/bot token|unauthori[sz]ed|\b401\b|\b404\b/i, 'token'],
  [/not installed|library/i, 'library'],
  [/\b409\b|other program|another (gateway|program|process)|same token/i, 'conflict'],
  [/messages wait|stored|disk|full/i, 'stored'],
  [/too many|too fast|\b429\b/i, 'busy'],
  [/reach|no answer|network|timed? ?out|answered 5\d\d/i, 'network'],
];

export function causeOf(detail: string): Cause {
  return CAUSES.find(([about]) => about.test(detail))?.[1] ?? 'other';
}

/** What is wrong and what to do; null while nothing is. */
export function troubleOf(
  row: AccountStatus,
  says: Says,
): { readonly what: string; readonly todo: string } | null {
  if (row.state !== 'retrying' && row.state !== 'failed') return null;
  const what = row.detail ?? says.state[row.state];
  return { what, todo: row.hint ?? says.hints[causeOf(what)] };
}

/** What a live check said. */
export function probeSay(probe: string, says: Says): { readonly isOk: boolean; readonly said: string } {
  if (probe === 'ok') return { isOk: true, said: says.checkRuns };
  if (probe.startsWith('ok, ')) return { isOk: true, said: says.checkOk(probe.slice('ok, '.length)) };
  return { isOk: false, said: says.checkBad(probe) };
}

const ACCOUNT = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** What is wrong with the name of a new account; null when it can be used. */
export function accountFault(
  channel: string,
  account: string,
  rows: readonly Pick<AccountStatus, 'channel' | 'account'>[],
): 'bad' | 'taken' | null {
  if (!ACCOUNT.test(account)) return 'bad';
  return rows.some((row) => row.channel === channel && row.account === account) ? 'taken' : null;
}
