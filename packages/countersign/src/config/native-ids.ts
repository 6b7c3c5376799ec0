// The shape of a person's id on each channel, and the lists of people that name them. An entry that can never match is a
// mistake, not a silent nobody (H05); a name that can change hands is never an id (H01); a group is never a person (H07).
import { z } from 'zod';

interface IdShape {
  readonly shape: RegExp;
  readonly example: string;
}

const E164 = String.raw`\+[1-9]\d{6,14}`;

export const CHANNELS = {
  webchat: { shape: /^[a-z2-7]{8,52}$/, example: 'the beginning of a browser key, eight characters or more' },
  telegram: { shape: /^[1-9]\d{0,15}$/, example: '"555001", the numeric id of a person' },
  whatsapp: { shape: new RegExp(String.raw`^(?:${E164}|\d{5,20}@lid)$`), example: '"+15555550123"' },
  'whatsapp-cloud': {
    shape: new RegExp(String.raw`^(?:${E164}|[A-Z]{2}\.[A-Za-z0-9]{1,128})$`),
    example: '"+15555550123", or the business-scoped id "US.1A2B3C"',
  },
  twilio: {
    shape: new RegExp(`^(?:whatsapp:)?${E164}$`),
    example: '"+15555550123" for SMS, "whatsapp:+15555550123" for WhatsApp',
  },
  slack: { shape: /^(?:[TE][A-Z0-9]{1,30}\/)?[UW][A-Z0-9]{1,30}$/, example: '"U123ABC456"' },
  discord: { shape: /^[1-9]\d{4,19}$/, example: '"123456789012345678"' },
  signal: {
    shape: new RegExp(`^(?:${E164}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`),
    example: '"+15555550123", or the account id in lower case',
  },
  imessage: {
    shape: new RegExp(String.raw`^(?:${E164}|[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,})$`),
    example: '"+15555550123", or an address in lower case',
  },
  feishu: { shape: /^ou_[A-Za-z0-9]{1,64}$/, example: '"ou_7d8a6e6df7621556ce0d21922b676706"' },
  // RFC 7622 3.3.1: no colon in the local part, so that a list may name the account before it.
  xmpp: { shape: /^[^\s@/A-Z"&':<>]+@[^\s@/A-Z]+$/, example: '"ana@example.org", without a resource' },
} as const satisfies Record<string, IdShape>;

export type ChannelName = keyof typeof CHANNELS;

export function isChannelName(name: string): name is ChannelName {
  return Object.hasOwn(CHANNELS, name);
}

export const CHANNEL_NAMES: readonly ChannelName[] = Object.keys(CHANNELS).filter(isChannelName);

export interface Flaw {
  readonly message: string;
  readonly hint: string;
}

/** Why `entry` can never be a sender on `channel`; null when it can. */
export function flawOfNative(channel: ChannelName, entry: string): Flaw | null {
  const { shape, example }: IdShape = CHANNELS[channel];
  const ids = `ids on ${channel} look like ${example}`;
  if (entry.trim() === '') return { message: 'an empty entry is nobody', hint: 'remove it' };
  if (/[\p{C}\p{Z}]/u.test(entry)) {
    return { message: 'no id holds spaces or invisible characters', hint: ids };
  }
  if (shape.test(entry)) return null;
  if (entry.startsWith('@')) {
    return { message: 'a user name can change hands and is never an id', hint: ids };
  }
  if (channel === 'telegram' && /^-\d+$/.test(entry)) {
    return { message: 'this is a group, and a group is not a person', hint: ids };
  }
  if (entry.startsWith(`${channel}:`)) {
    return { message: 'the list belongs to the channel already', hint: `write the id alone; ${ids}` };
  }
  return { message: `this can never be a sender on ${channel}`, hint: ids };
}

/** The senders of one channel: `*` is let pass here and weighed against the policy in rules.ts. */
export function nativeList(channel: ChannelName, sentence: string) {
  const entry = z.string().superRefine((text, context) => {
    const flaw = text === '*' ? null : flawOfEntry(channel, text);
    if (flaw !== null) addFlaw(context, flaw);
  });
  return z.array(entry).max(10_000).default([]).describe(sentence);
}

function flawOfEntry(channel: ChannelName, entry: string): Flaw | null {
  if (channel !== 'webchat') return flawOfNative(channel, entry);
  const hint = 'add them with: countersign people add';
  return { message: 'people of web chat live in the store, not in this list', hint };
}

export interface Person {
  readonly channel: ChannelName;
  readonly account: string;
  readonly native: string;
}

/** Reads `<channel>[:<account>]:<id>`. Ids may hold colons: what is an id of the channel is never taken for an account. */
export function readPerson(entry: string): Person | Flaw {
  const form = 'write "<channel>[:<account>]:<id>", such as "telegram:555001"';
  // H09: a wildcard that is harmless in one list makes everybody an owner in another.
  if (entry.split(':').includes('*'))
    return { message: '* is refused here', hint: `name each person; ${form}` };
  const [channel = '', ...rest] = entry.split(':');
  if (!isChannelName(channel)) return { message: 'this does not begin with a channel', hint: form };
  const whole = rest.join(':');
  const flaw = flawOfNative(channel, whole);
  if (flaw === null) return { channel, account: 'default', native: whole };
  const [account = '', ...tail] = rest;
  if (tail.length === 0 || !ACCOUNT.test(account)) return flaw;
  const native = tail.join(':');
  return flawOfNative(channel, native) ?? { channel, account, native };
}

/** Accounts are part of session keys: no colon, one case. */
export const ACCOUNT = /^[a-z0-9][a-z0-9_-]{0,31}$/;

export function isPerson(read: Person | Flaw): read is Person {
  return 'native' in read;
}

export function peopleList(sentence: string) {
  const entry = z.string().superRefine((text, context) => {
    const read = readPerson(text);
    if (!isPerson(read)) addFlaw(context, read);
  });
  return z
    .array(entry)
    .max(1_000)
    .default([])
    .describe(`${sentence} Each is "<channel>[:<account>]:<id>"; * is refused.`);
}

export function addFlaw(context: z.core.$RefinementCtx<unknown>, { message, hint }: Flaw): void {
  context.addIssue({ code: 'custom', message, params: { hint } });
}
