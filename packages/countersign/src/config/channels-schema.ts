// The keys of each channel. An account inherits every key of its channel, so the keys are written once and used twice:
// at the top level (the account called `default`) and, without defaults, under `accounts`.
import { z } from 'zod';
import { codeFormat } from './code-format.ts';
import { duration } from './durations.ts';
import { ACCOUNT, type ChannelName, nativeList, peopleList } from './native-ids.ts';
import { secret } from './secret.ts';
import { serviceUrl, socketUrl } from './urls.ts';

export const DM_POLICIES = ['pairing', 'allowlist', 'open', 'disabled'] as const;
export const GROUP_POLICIES = ['disabled', 'allowlist', 'open'] as const;

const DEFAULT_MESSAGE = [
  'I only talk with people my owner has approved, so your message was not read.',
  'Your pairing code: {code}',
  'Pass it to the owner, who approves it with: countersign pairing approve {channel} {code}',
].join('\n');

/** A text with holes. A hole nobody fills would be sent as it stands. */
function template(standard: string, sentence: string) {
  return z
    .string()
    .min(1)
    .max(2_000)
    .refine((text) => (text.match(/\{\w*\}/g) ?? []).every((hole) => HOLES.includes(hole)), {
      error: `only ${'{code}, {channel} and {identifier}'} are filled in`,
    })
    .default(standard)
    .describe(sentence);
}

const HOLES: readonly string[] = ['{code}', '{channel}', '{identifier}'];

export const pairingKeys = {
  tokenExpiry: duration('1h', '1m', '30d', 'How long a pairing code lives.'),
  codeFormat,
  maxPending: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('Pending requests an account keeps at once, 1 to 100.'),
  evictAfter: duration('10m', '0s', '30d', 'The age at which a pending stranger gives a newcomer its place.'),
  denyCooldown: duration('1h', '0s', '365d', 'Silence towards somebody who was denied.'),
  maxAge: duration('10m', '1s', '7d', 'Older messages never begin a pairing.'),
  writeConfig: z
    .boolean()
    .default(true)
    .describe('Whether an approval adds the person to allowFrom in this file.'),
  message: template(
    DEFAULT_MESSAGE,
    'What a stranger is told; {code}, {channel} and {identifier} are filled in.',
  ),
  notifyOn: peopleList('Who is told of a new request. Empty: every owner chat that can be written to.'),
  notifyMessage: template(
    'New pairing request on {channel} from {identifier}. Code: {code}',
    'What they are told; {code}, {channel} and {identifier} are filled in.',
  ),
};

const enabled = z
  .boolean()
  .optional()
  .describe('Whether the channel runs. Left out: it runs once it is written here with all it needs.');

function peopleKeys(channel: ChannelName) {
  return {
    enabled,
    dmPolicy: z
      .enum(DM_POLICIES)
      .default('pairing')
      .describe('Who may write: those who pair, those listed, anybody (with "*" in allowFrom), or nobody.'),
    allowFrom: nativeList(channel, 'Native ids of people who may write, as text. "*" needs dmPolicy "open".'),
    groupPolicy: z
      .enum(GROUP_POLICIES)
      .default('disabled')
      .describe('Whether groups are served: not at all, for those listed, or for anybody in them.'),
    groupAllowFrom: nativeList(
      channel,
      'Native ids of people who may speak in groups; never the id of a group.',
    ),
    requireMention: z.boolean().default(true).describe('In groups, whether a message must name the agent.'),
    personalNumber: z
      .boolean()
      .default(false)
      .describe('The account is somebody’s own: strangers are never answered, only shown to the owner.'),
    ingress: z
      .boolean()
      .default(false)
      .describe(
        'A program of yours receives its messages and says who wrote, with an ingress token; nothing runs here.',
      ),
  };
}

const text = (sentence: string) => z.string().min(1).max(1024).nullable().default(null).describe(sentence);
const apiRoot = serviceUrl().nullable().default(null).describe('Another address of the service’s interface.');

const OWN_KEYS = {
  telegram: {
    mode: z.enum(['polling', 'webhook']).default('polling').describe('How messages come in.'),
    botToken: secret('The token of the bot.'),
    webhookSecret: secret('The secret in the header of every webhook; webhooks need one.'),
    apiRoot,
    localApi: z
      .boolean()
      .default(false)
      .describe('Whether apiRoot may be plain http, for a Bot API server of your own on this machine.'),
  },
  whatsapp: {
    phoneLogin: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, { error: 'a phone number is written as "+15555550123"' })
      .nullable()
      .default(null)
      .describe('The phone number to link by a code instead of a QR picture.'),
    web: z
      .strictObject({ enabled: z.boolean().default(true).describe('Whether the linked device connects.') })
      .prefault({})
      .describe('The linked device.'),
    waWebSocketUrl: socketUrl()
      .nullable()
      .default(null)
      .describe('Another address of the service; it has to prove itself as WhatsApp all the same.'),
  },
  'whatsapp-cloud': {
    accessToken: secret('The access token.'),
    phoneNumberId: text('The id of the phone number.'),
    appSecret: secret('The app secret that signs webhooks.'),
    verifyToken: secret('The token of the webhook handshake.'),
    apiRoot,
    loginTemplate: text('The approved template of the category authentication that carries login codes.'),
    noticeTemplate: text('The approved template with one hole, for everything else after the 24 hours.'),
    templateLanguage: z
      .string()
      .regex(/^[a-z]{2,3}(?:_[A-Z]{2})?$/, { error: 'a language is written as "en" or "en_US"' })
      .default('en')
      .describe('The language both templates were approved in.'),
  },
  twilio: {
    accountSid: text('The account.'),
    authToken: secret('The token that signs webhooks.'),
    from: text('Our number, with whatsapp: in front for WhatsApp.'),
    apiRoot,
    loginContentSid: text('The approved template (HX…) that carries login codes on WhatsApp.'),
    noticeContentSid: text(
      'The approved template (HX…) with one hole, for everything else after the 24 hours.',
    ),
  },
  slack: {
    mode: z.enum(['http', 'socket']).default('socket').describe('How events come in.'),
    botToken: secret('The token of the bot.'),
    appToken: secret('The app-level token of socket mode.'),
    signingSecret: secret('The secret that signs events over HTTP.'),
    apiRoot,
  },
  discord: { botToken: secret('The token of the bot.'), apiRoot },
  signal: {
    account: text('Our number.'),
    socketPath: text('The socket of signal-cli.'),
    apiRoot,
  },
  imessage: { apiRoot, password: secret('The password of the bridge.') },
  feishu: {
    mode: z.enum(['http', 'socket']).default('socket').describe('How events come in.'),
    appId: text('The id of the app.'),
    appSecret: secret('The secret of the app.'),
    encryptKey: secret('The key that signs and seals events.'),
    verificationToken: secret('The token inside every event.'),
    apiRoot,
  },
  xmpp: {
    service: text(
      'Where to connect: "xmpps://example.org:5223", or "xmpp://example.org:5222", which has to come to TLS (STARTTLS) outside this machine.',
    ),
    domain: text('The part of our address behind the @; the certificate of the server has to name it.'),
    username: text('The part of our address before the @.'),
    password: secret('The password of the account.'),
  },
};

function channel<C extends keyof typeof OWN_KEYS>(name: C) {
  return z.strictObject({ ...peopleKeys(name), ...OWN_KEYS[name] });
}

/** Every key of every channel, as one account of it reads after inheritance. Web chat has a single account. */
export const ACCOUNT_SCHEMAS = {
  webchat: z.strictObject({
    enabled: z.boolean().default(true).describe('Whether web chat is offered.'),
    dmPolicy: z.enum(DM_POLICIES).default('pairing').describe('Who may write, as for the other channels.'),
    allowFrom: nativeList('webchat', 'Only "*", with dmPolicy "open": people of web chat live in the store.'),
  }),
  telegram: channel('telegram'),
  whatsapp: channel('whatsapp'),
  'whatsapp-cloud': channel('whatsapp-cloud'),
  twilio: channel('twilio'),
  slack: channel('slack'),
  discord: channel('discord'),
  signal: channel('signal'),
  imessage: channel('imessage'),
  feishu: channel('feishu'),
  xmpp: channel('xmpp'),
} satisfies Record<ChannelName, z.ZodObject>;

const ACCOUNTS = 'Further accounts by name; each inherits the keys above.';

function withAccounts<S extends z.ZodRawShape>(schema: z.ZodObject<S, z.core.$strict>, sentence: string) {
  const name = z
    .string()
    .regex(ACCOUNT, { error: 'an account is named in lower case letters, digits, - and _' });
  const accounts = z.record(name, schema.partial()).prefault({}).describe(ACCOUNTS);
  return schema.extend({ accounts }).optional().describe(sentence);
}

export const channelsSchema = z
  .strictObject({
    pairing: z.strictObject(pairingKeys).prefault({}).describe('How strangers become known.'),
    webchat: ACCOUNT_SCHEMAS.webchat.prefault({}).describe('The chat page of this gateway.'),
    telegram: withAccounts(ACCOUNT_SCHEMAS.telegram, 'Telegram, through a bot.'),
    whatsapp: withAccounts(ACCOUNT_SCHEMAS.whatsapp, 'WhatsApp, as a linked device.'),
    'whatsapp-cloud': withAccounts(
      ACCOUNT_SCHEMAS['whatsapp-cloud'],
      'WhatsApp, through Meta’s cloud interface.',
    ),
    twilio: withAccounts(ACCOUNT_SCHEMAS.twilio, 'SMS and WhatsApp, through Twilio.'),
    slack: withAccounts(ACCOUNT_SCHEMAS.slack, 'Slack.'),
    discord: withAccounts(ACCOUNT_SCHEMAS.discord, 'Discord.'),
    signal: withAccounts(ACCOUNT_SCHEMAS.signal, 'Signal, through signal-cli.'),
    imessage: withAccounts(ACCOUNT_SCHEMAS.imessage, 'iMessage, through a BlueBubbles bridge.'),
    feishu: withAccounts(ACCOUNT_SCHEMAS.feishu, 'Feishu and Lark.'),
    xmpp: withAccounts(ACCOUNT_SCHEMAS.xmpp, 'XMPP, through an account on any server.'),
  })
  .prefault({})
  .describe('Where people write from.');
