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
  return wordOf(says.names, channel) ?? channel;
}

/** A sentence of the catalogue by a word that came from elsewhere; null when there is none for it. */
export function wordOf(words: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(words, name) ? (words[name] ?? null) : null;
}

export function titleOf(
  { channel, account }: Pick<AccountStatus, 'channel' | 'account'>,
  says: Says,
): string {
  const name = channelName(channel, says);
  return account === 'default' ? name : `${name} · ${account}`;
}

/** The page on it, in the documents that come with the program. */
export function docsOf(channel: string, says: Says): string {
  return wordOf(says.add.takes, channel) === null ? 'docs/channels' : `docs/channels/${channel}.md`;
}

export function policySay(policy: string, says: Says): string {
  return wordOf(says.policy, policy) ?? policy;
}

/** Whether its service has to be told by hand where to deliver. */
export function hasWebhook({ channel }: Pick<AccountStatus, 'channel'>, says: Says): boolean {
  return wordOf(says.webhook.steps, channel) !== null;
}

/** Where it delivers to; null while the gateway has no address that others reach. */
export function webhookOf(
  { channel, account }: Pick<AccountStatus, 'channel' | 'account'>,
  publicUrl: unknown,
): string | null {
  return typeof publicUrl === 'string' && publicUrl !== ''
    ? `${publicUrl.replace(/\/$/, '')}/webhooks/${channel}/${account}`
    : null;
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
  [/no phone is linked|ended this login/i, 'link'],
  [/uses this login/i, 'conflict'],
  [/shut this number out/i, 'banned'],
  [/is not WhatsApp/i, 'impostor'],
  [/newer version/i, 'outdated'],
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
  const cause = causeOf(what);
  // The gateway's hint is a command; here there is a button.
  const todo = cause === 'link' ? undefined : row.hint;
  return { what, todo: todo ?? says.hints[cause] };
}

/** A linked device that no phone stands behind now. */
export function isWithoutPhone({ state, detail }: Pick<AccountStatus, 'state' | 'detail'>): boolean {
  return state === 'failed' && detail !== undefined && causeOf(detail) === 'link';
}

/** Who we are there, as a status says it: `@bot, by long polling`, `as +15555550123`. */
export function loginOf(detail: string): string {
  return detail.replace(/^as (?=\S)/, '');
}

/** What a live check said. */
export function probeSay(probe: string, says: Says): { readonly isOk: boolean; readonly said: string } {
  if (probe === 'ok') return { isOk: true, said: says.checkRuns };
  if (probe.startsWith('ok, ')) return { isOk: true, said: says.checkOk(probe.slice('ok, '.length)) };
  return { isOk: false, said: says.checkBad(probe) };
}

export const ACCOUNT = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** What is wrong with the name of a new account; null when it can be used. */
export function accountFault(
  channel: string,
  account: string,
  rows: readonly Pick<AccountStatus, 'channel' | 'account'>[],
): 'bad' | 'taken' | null {
  if (!ACCOUNT.test(account)) return 'bad';
  return rows.some((row) => row.channel === channel && row.account === account) ? 'taken' : null;
}
