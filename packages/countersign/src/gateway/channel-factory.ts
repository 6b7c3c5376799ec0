// From an account in the configuration to its running channel. A channel is one entry here: its traits, which everybody
// may ask for, and its own code, which is loaded when an account of it is switched on and not before.
import { TELEGRAM_TRAITS } from '../channels/telegram/traits.ts';
import { TWILIO_TRAITS } from '../channels/twilio/traits.ts';
import { WEBCHAT_TRAITS } from '../channels/webchat/channel.ts';
import { WHATSAPP_TRAITS } from '../channels/whatsapp/traits.ts';
import type { ChainCheck } from '../channels/whatsapp/trust.ts';
import { WHATSAPP_CLOUD_TRAITS } from '../channels/whatsapp-cloud/traits.ts';
import { XMPP_TRAITS } from '../channels/xmpp/traits.ts';
import type { AccountConfig } from '../config/config.ts';
import type { ChannelName } from '../config/native-ids.ts';
import type { Channel, Traits } from '../core/channel-port.ts';
import type { Credentials } from '../core/credentials-port.ts';
import type { Clock, Log, Random } from '../core/ports.ts';

/** What channels are made from, besides their account. */
export interface Making {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Where a login of an account keeps its keys. */
  credentials(channel: ChannelName, account: string): Credentials;
  /** The platform has ended a login: the owners are told, elsewhere. */
  loginEnded(channel: ChannelName, account: string, reason: string): Promise<void>;
  /** How an account stands is another now: pages that show it are told. */
  changed(channel: ChannelName, account: string): void;
  /** The origin at which platforms find us; null while there is none. */
  readonly publicUrl: string | null;
  readonly stage?: Stage;
}

/** What a test may put in the place of the world. Only code gives it: no configuration, no environment, nobody's words. */
export interface Stage {
  /** Another root than WhatsApp's. */
  readonly whatsappChain: ChainCheck;
}

type AccountOf<C extends ChannelName> = Extract<AccountConfig, { channel: C }>;
/** Null for an account that lacks what it cannot be made without. */
type Make<C extends ChannelName> = (account: AccountOf<C>, making: Making) => Channel | null;

interface Kind {
  readonly traits: Traits;
  /** Its code is here after this. */
  load(): Promise<void>;
  make(account: AccountConfig, making: Making): Channel | null;
}

function kind<C extends ChannelName>(name: C, traits: Traits, load: () => Promise<Make<C>>): Kind {
  let loaded: Make<C> | null = null;
  const isOurs = (account: AccountConfig): account is AccountOf<C> => account.channel === name;
  return {
    traits,
    async load() {
      loaded ??= await load();
    },
    make: (account, making) => (loaded !== null && isOurs(account) ? loaded(account, making) : null),
  };
}

const KINDS: Readonly<Partial<Record<ChannelName, Kind>>> = {
  telegram: kind('telegram', TELEGRAM_TRAITS, async () => {
    const { Telegram } = await import('../channels/telegram/channel.ts');
    return ({ account, settings }, making) => {
      const { botToken: token, localApi: _, ...more } = settings;
      if (token === null) return null;
      const own = { ...more, account, token, webhookUrl: webhookUrl('telegram', account, making) };
      return new Telegram(own, { ...making, changed: () => making.changed('telegram', account) });
    };
  }),
  'whatsapp-cloud': kind('whatsapp-cloud', WHATSAPP_CLOUD_TRAITS, async () => {
    const { WhatsAppCloud } = await import('../channels/whatsapp-cloud/channel.ts');
    return ({ account, settings }, making) => {
      const { accessToken, appSecret, verifyToken, phoneNumberId, apiRoot } = settings;
      if (accessToken === null || appSecret === null || verifyToken === null || phoneNumberId === null)
        return null;
      const { loginTemplate: login, noticeTemplate: notice, templateLanguage: language } = settings;
      const templates = { login, notice, language };
      const own = { account, accessToken, appSecret, verifyToken, phoneNumberId, apiRoot, templates };
      return new WhatsAppCloud(own, { ...making, changed: () => making.changed('whatsapp-cloud', account) });
    };
  }),
  whatsapp: kind('whatsapp', WHATSAPP_TRAITS, async () => {
    const { WhatsApp } = await import('../channels/whatsapp/channel.ts');
    return ({ account, settings }, making) => {
      const { phoneLogin, waWebSocketUrl: url } = settings;
      const { clock, log, random, stage } = making;
      const ports = {
        clock,
        log,
        random,
        credentials: making.credentials('whatsapp', account),
        ended: (reason: string) => making.loginEnded('whatsapp', account, reason),
        changed: () => making.changed('whatsapp', account),
      };
      const check = stage === undefined ? {} : { check: stage.whatsappChain };
      return new WhatsApp({ account, phoneLogin, url }, { ...ports, ...check });
    };
  }),
  twilio: kind('twilio', TWILIO_TRAITS, async () => {
    const { Twilio } = await import('../channels/twilio/channel.ts');
    return ({ account, settings }, making) => {
      const {
        accountSid,
        authToken,
        from,
        apiRoot,
        loginContentSid: login,
        noticeContentSid: notice,
      } = settings;
      if (accountSid === null || authToken === null || from === null) return null;
      const { publicUrl } = making;
      const templates = { login, notice };
      const own = { account, accountSid, authToken, from, apiRoot, publicUrl, templates };
      return new Twilio(own, { ...making, changed: () => making.changed('twilio', account) });
    };
  }),
  xmpp: kind('xmpp', XMPP_TRAITS, async () => {
    const { Xmpp } = await import('../channels/xmpp/channel.ts');
    return ({ account, settings }, making) => {
      const { service, domain, username, password } = settings;
      if (service === null || domain === null || username === null || password === null) return null;
      const { clock, log, random } = making;
      const changed = () => making.changed('xmpp', account);
      return new Xmpp({ account, service, domain, username, password }, { clock, log, random, changed });
    };
  }),
};

/** Channels this build can run, and what each can do. Web chat is made by hand: it lives inside the gateway. */
export const CHANNEL_TRAITS: ReadonlyMap<string, Traits> = new Map([
  ['webchat', WEBCHAT_TRAITS],
  ...Object.entries(KINDS).map(([name, { traits }]) => [name, traits] as const),
]);

/** Loads the code of these channels. What has no entry here needs none. */
export async function loadChannels(names: Iterable<ChannelName>): Promise<void> {
  await Promise.all([...new Set(names)].map((name) => KINDS[name]?.load()));
}

/** The channel of an account whose code is loaded; null when it cannot be made, or is another program's to receive. */
export function makeChannel(account: AccountConfig, making: Making): Channel | null {
  if (account.ingress) return null;
  return KINDS[account.channel]?.make(account, making) ?? null;
}

/** Asks the service who we are there: a login that may never become a channel. @throws Problem `channel_*`. */
export async function probeAccount(
  account: AccountConfig,
  making: Making,
  signal: AbortSignal,
): Promise<string | null> {
  await loadChannels([account.channel]);
  return (await makeChannel(account, making)?.probe?.(signal)) ?? null;
}

function webhookUrl(channel: ChannelName, account: string, { publicUrl }: Making): string | null {
  return publicUrl === null ? null : `${publicUrl}/webhooks/${channel}/${account}`;
}
