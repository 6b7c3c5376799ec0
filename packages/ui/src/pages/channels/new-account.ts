// What was typed for a new account, as the gateway takes it. Pure. The token stands under a key of its own: the gateway
// knows what its channel calls it.
import type { Addable, ChannelAdd } from '@countersign/protocol/gateway';

export const SOURCES = ['literal', 'env', 'file'] as const;
export type Source = (typeof SOURCES)[number];
export type Typed = Readonly<Record<string, string>>;
type Field = Addable['fields'][number];
type Kind = Pick<Addable, 'channel' | 'fields'>;

export const TOKEN = 'token';

/** Its secrets, the token among them, and what it needs besides, and what may be left out. */
export function partsOf({ fields }: Pick<Addable, 'fields'>): {
  readonly needed: readonly Field[];
  readonly optional: readonly Field[];
} {
  return {
    needed: fields.filter((one) => !one.optional),
    optional: fields.filter((one) => one.optional),
  };
}

/** Keys that nothing was typed for. */
export function missingKeys(kind: Kind, typed: Typed): readonly string[] {
  return [TOKEN, ...partsOf(kind).needed.map(({ key }) => key)].filter((key) => typedAt(typed, key) === '');
}

export function wantedOf(kind: Kind, account: string, source: Source, typed: Typed): ChannelAdd {
  const given = kind.fields.filter(({ key }) => typedAt(typed, key) !== '');
  const settings = given
    .filter(({ secret }) => !secret)
    .map(({ key }) => [key, typedAt(typed, key)] as const);
  const secrets = given
    .filter(({ secret }) => secret)
    .map(({ key }) => [key, sourced(source, typedAt(typed, key))] as const);
  return {
    channel: kind.channel,
    account,
    token: sourced(source, tokenAt(kind, source, typed)),
    ...(settings.length === 0 ? {} : { settings: Object.fromEntries(settings) }),
    ...(secrets.length === 0 ? {} : { secrets: Object.fromEntries(secrets) }),
  };
}

/** A password that somebody chose is what was typed; a token that was pasted has nothing around it. */
function tokenAt({ channel }: Kind, source: Source, typed: Typed): string {
  return channel === 'xmpp' && source === 'literal' ? (typed[TOKEN] ?? '') : typedAt(typed, TOKEN);
}

function typedAt(typed: Typed, key: string): string {
  return (Object.hasOwn(typed, key) ? typed[key] : undefined)?.trim() ?? '';
}

function sourced(source: Source, value: string): ChannelAdd['token'] {
  switch (source) {
    case 'literal':
      return value;
    case 'env':
      return { env: value };
    case 'file':
      return { file: value };
    default:
      return source satisfies never;
  }
}
