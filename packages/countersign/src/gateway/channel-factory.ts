// Which channels this build can run, and how one is made from its settings.
import { TELEGRAM_TRAITS, Telegram } from '../channels/telegram/channel.ts';
import { WEBCHAT_TRAITS } from '../channels/webchat/channel.ts';
import type { AccountConfig } from '../config/config.ts';
import type { Traits } from '../core/channel-port.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Login } from './channels-add.ts';

export const CHANNEL_TRAITS: ReadonlyMap<string, Traits> = new Map([
  ['webchat', WEBCHAT_TRAITS],
  ['telegram', TELEGRAM_TRAITS],
]);

export function telegramOf(
  { account, settings }: Extract<AccountConfig, { channel: 'telegram' }>,
  publicUrl: string | null,
  ports: ConstructorParameters<typeof Telegram>[1],
): Telegram | null {
  const { botToken: token, localApi: _, ...more } = settings;
  if (token === null) return null;
  const webhookUrl = publicUrl === null ? null : `${publicUrl}/webhooks/telegram/${account}`;
  return new Telegram({ ...more, account, token, webhookUrl }, ports);
}

/** A login that may never become a channel: asked who it is, and nothing else. */
export function probeTelegram(
  { token, apiRoot }: Login,
  signal: AbortSignal,
  ports: { readonly clock: Clock; readonly log: Log },
): Promise<string> {
  const more = { account: 'default', mode: 'polling', webhookSecret: null, webhookUrl: null } as const;
  return new Telegram({ ...more, token, apiRoot }, ports).probe(signal);
}
