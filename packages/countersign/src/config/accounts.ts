// The accounts behind the written channels: what each inherits, whether it runs, and what it still lacks. Works on the
// raw tree, so that a mistake elsewhere never hides one here.

import type { JsonValue } from './jsonc.ts';
import type { PathPart } from './mistakes.ts';
import type { ChannelName } from './native-ids.ts';
import { ACCOUNT, CHANNEL_NAMES } from './native-ids.ts';

export type Raw = { readonly [key: string]: JsonValue };

/** Channels this build can run. A channel that is merely known is said to be missing when somebody enables it. */
export const BUILT: ReadonlySet<ChannelName> = new Set<ChannelName>([
  'webchat',
  'telegram',
  'whatsapp-cloud',
  'twilio',
  'whatsapp',
  'xmpp',
]);

export interface RawAccount {
  readonly channel: ChannelName;
  readonly account: string;
  /** Where the account's own keys are written. */
  readonly path: readonly PathPart[];
  readonly own: Raw;
  /** Its own keys over those of the channel. */
  readonly keys: Raw;
  readonly enabled: boolean;
  /** Keys it cannot run without and does not have. */
  readonly lacks: readonly string[];
}

/** What an account of each channel cannot run without. The first key is its identity: two accounts never share it. */
const NEEDS: Readonly<Record<ChannelName, (keys: Raw) => readonly string[]>> = {
  webchat: () => [],
  telegram: (keys) => (keys['mode'] === 'webhook' ? ['botToken', 'webhookSecret'] : ['botToken']),
  whatsapp: () => [],
  'whatsapp-cloud': () => ['phoneNumberId', 'accessToken', 'appSecret', 'verifyToken'],
  twilio: () => ['from', 'accountSid', 'authToken'],
  slack: (keys) => ['botToken', keys['mode'] === 'http' ? 'signingSecret' : 'appToken'],
  discord: () => ['botToken'],
  signal: (keys) => (isSet(keys, 'apiRoot') ? ['account'] : ['account', 'socketPath']),
  imessage: () => ['apiRoot', 'password'],
  feishu: (keys) => {
    const own = ['appId', 'appSecret'];
    return keys['mode'] === 'http' ? [...own, 'encryptKey', 'verificationToken'] : own;
  },
  xmpp: () => ['username', 'service', 'domain', 'password'],
};

/** The key that tells one account of a channel from the next. */
export function identityKey(channel: ChannelName): string | null {
  return NEEDS[channel]({})[0] ?? null;
}

/** Every account the tree describes, whether it runs or not. */
export function rawAccounts(tree: Raw): RawAccount[] {
  const channels = asRaw(tree['channels']) ?? {};
  return CHANNEL_NAMES.flatMap((channel) => {
    const written = asRaw(channels[channel]);
    if (written === null)
      return channel === 'webchat' ? [describe(channel, 'default', ['channels', channel], {}, {})] : [];
    return accountsOf(channel, written);
  });
}

function accountsOf(channel: ChannelName, written: Raw): RawAccount[] {
  const { accounts, ...shared } = written;
  const path = ['channels', channel];
  const named = Object.entries(asRaw(accounts) ?? {}).flatMap(([name, own]) => {
    const keys = asRaw(own);
    if (keys === null || !ACCOUNT.test(name)) return [];
    return [describe(channel, name, [...path, 'accounts', name], keys, shared)];
  });
  const identity = identityKey(channel);
  // With named accounts only, the top level is what they share and no account of its own.
  const standsAlone = named.length === 0 || identity === null || isSet(shared, identity);
  return standsAlone ? [describe(channel, 'default', path, shared, {}), ...named] : named;
}

function describe(
  channel: ChannelName,
  account: string,
  path: readonly PathPart[],
  own: Raw,
  shared: Raw,
): RawAccount {
  const keys = { ...shared, ...own };
  // What a program of the owner's receives needs nothing here to be received with.
  const lacks = keys['ingress'] === true ? [] : NEEDS[channel](keys).filter((key) => !isSet(keys, key));
  const asked = keys['enabled'];
  // A word that is not true or false is a mistake already; until it is mended the account stays off.
  const wanted = asked === undefined ? lacks.length === 0 : asked === true;
  // The older switch of a linked device.
  const enabled = wanted && (channel !== 'whatsapp' || asRaw(keys['web'])?.['enabled'] !== false);
  return { channel, account, path, own, keys, enabled, lacks };
}

export function isSet(keys: Raw, key: string): boolean {
  return keys[key] !== undefined && keys[key] !== null && keys[key] !== '';
}

export function asRaw(value: JsonValue | undefined): Raw | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

/** Where the key is written that the account goes by: its own, or the channel's. */
export function placeOf({ channel, path, own }: RawAccount, key: string): PathPart[] {
  return [...(Object.hasOwn(own, key) ? path : ['channels', channel]), key];
}
