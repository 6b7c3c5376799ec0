// `channels add`: a new account of a channel, written into the configuration only after its login was tried. The token
// comes in, is tried and is written; it is never answered, logged, or sent to an address that the rules refuse.
import { dirname } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { identityKey, type Raw, rawAccounts } from '../config/accounts.ts';
import type { AccountConfig, Config } from '../config/config.ts';
import { readConfigFile } from '../config/config-file.ts';
import { applyEdits, type Edit } from '../config/edit.ts';
import type { JsonValue } from '../config/jsonc.ts';
import { type ConfigPlace, checkText, configPath } from '../config/load.ts';
import { configInvalid, type PathPart } from '../config/mistakes.ts';
import { ACCOUNT, isChannelName } from '../config/native-ids.ts';
import { type Secret, SecretSource } from '../config/secret.ts';
import type { Actor } from '../core/audit/event.ts';
import { inTime } from './channels-running.ts';

/** A key of an account besides its token. */
export interface Field {
  readonly key: string;
  /** What it is and where it is found, for people. */
  readonly needs: string;
  readonly secret: boolean;
  readonly optional: boolean;
}

interface Addable {
  readonly channel: string;
  /** What it takes, for people. */
  readonly needs: string;
  readonly fields: readonly Field[];
}

interface Kind extends Addable {
  /** The key of the token. */
  readonly token: string;
  /** A password that somebody made up: it may hold spaces. */
  readonly typed?: boolean;
}

const field = (key: string, needs: string, { secret = false, optional = false } = {}): Field => ({
  key,
  needs,
  secret,
  optional,
});

/** Channels with a login to add. Web chat is there already. */
const ADDABLE: readonly Kind[] = [
  {
    channel: 'telegram',
    needs: 'the token of a bot: in Telegram, write /newbot to @BotFather',
    token: 'botToken',
    fields: [],
  },
  {
    channel: 'whatsapp-cloud',
    needs: 'the access token of a system user of your Meta business, and what names and signs your number',
    token: 'accessToken',
    fields: [
      field('phoneNumberId', 'the id of the phone number (app, WhatsApp, API setup); not the number itself'),
      field('appSecret', 'the app secret (App settings, Basic): it signs what Meta delivers', {
        secret: true,
      }),
      field('verifyToken', 'a text of your own for the webhook, such as: openssl rand -hex 16', {
        secret: true,
      }),
      field('loginTemplate', 'the authentication template that carries login codes', { optional: true }),
      field('noticeTemplate', 'a template with one hole, for who has been silent', { optional: true }),
      field('templateLanguage', 'the language of both templates, such as en', { optional: true }),
    ],
  },
  {
    channel: 'twilio',
    needs: 'the auth token of your account (console.twilio.com, first page), and a number of yours there',
    token: 'authToken',
    fields: [
      field('accountSid', 'the Account SID, which begins with AC'),
      field('from', 'your number: +15555550123 for SMS, whatsapp:+15555550123 for WhatsApp'),
      field('loginContentSid', 'the approved template (HX…) that carries login codes', { optional: true }),
      field('noticeContentSid', 'the approved template (HX…) with one hole', { optional: true }),
    ],
  },
  {
    channel: 'xmpp',
    needs: 'the password of an account of its own on an XMPP server (docs/channels/xmpp.md)',
    token: 'password',
    typed: true,
    fields: [
      field('username', 'the part of its address before the @, such as assistant'),
      field('domain', 'the part behind the @, such as example.org'),
      field('service', 'where to connect: xmpps://example.org:5223, or xmpp://example.org:5222'),
    ],
  },
];

/** Where the token is: as text, in the gateway's environment, or in a file of its own. */
type TokenSource = string | { readonly env: string } | { readonly file: string };

export interface NewAccount {
  readonly channel: string;
  readonly account: string;
  readonly token: TokenSource;
  /** Further keys of the account, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, TokenSource>>;
  readonly apiRoot: string | null;
  readonly localApi: boolean;
  /** False: written without asking the service. */
  readonly check: boolean;
}

interface Added {
  readonly channel: string;
  readonly account: string;
  readonly path: string;
  /** Who we are there; null when nobody asked. */
  readonly login: string | null;
  readonly tokenFrom: 'literal' | 'env' | 'file';
  /** True when a running gateway has taken it up. */
  readonly running: boolean;
  /** What the platform has to be told by hand; null when there is nothing, or no public address yet. */
  readonly webhook: string | null;
}

interface Ports {
  readonly place: ConfigPlace;
  readonly config: {
    readonly current: Config;
    edit(path: string, plan: (tree: Raw) => readonly Edit[], by: Actor): Promise<void>;
  };
  readonly running: boolean;
  /** A live check by the channel itself. @returns who we are there; null when it cannot say. @throws Problem `channel_*`. */
  probe(account: AccountConfig, signal: AbortSignal): Promise<string | null>;
}

export class ChannelsAdd {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  addable(): readonly Addable[] {
    return ADDABLE.map(({ channel, needs, fields }) => ({ channel, needs, fields }));
  }

  /** @throws Problem `unknown_channel`, `config_invalid`, `state_conflict`, `channel_*`. */
  async add(wanted: NewAccount, by: Actor): Promise<Added> {
    const { place, config, running } = this.#ports;
    const { channel, account } = wanted;
    const kind = ADDABLE.find((one) => one.channel === channel);
    if (kind === undefined) {
      throw new Problem('unknown_channel', {
        detail: `this build cannot add a channel ${channel}`,
        hint: `countersign channels add telegram; it can add ${ADDABLE.map((one) => one.channel).join(', ')}`,
      });
    }
    checkFields(kind, wanted);
    if (account !== 'default' && !ACCOUNT.test(account)) {
      throw new Problem('request_malformed', {
        detail: 'an account is named in lower case letters, digits, - and _',
        hint: '--account support',
      });
    }
    const source = sourceOf(wanted.token);
    const given = { [kind.token]: wanted.token, ...wanted.secrets };
    const secrets = new Map<string, Secret>();
    for (const [key, written] of Object.entries(given)) {
      const read = this.#read(written, wanted.check, kind.typed === true && key === kind.token);
      if (read !== null) secrets.set(key, read);
    }
    const token = secrets.get(kind.token);
    if (channel === 'telegram' && token !== undefined) this.#refuseTwice(wanted, token);
    const plan = (tree: Raw) => edits(wanted, given, tree);
    // Before anybody is shown the token: an address that the rules refuse would be told it.
    const made = this.#checkForm(wanted, plan);
    this.#refuseOther(wanted);
    const login =
      wanted.check && made !== null && secrets.size === Object.keys(given).length
        ? await inTime(async (signal) => (await this.#ports.probe(withSecrets(made, secrets), signal)) ?? '')
        : null;
    await config.edit(`channels.${channel}`, plan, by);
    const path = configPath(place);
    const { publicUrl } = config.current.gateway;
    const webhook =
      publicUrl === null || channel === 'telegram' || channel === 'xmpp'
        ? null
        : `${publicUrl}/webhooks/${channel}/${account}`;
    return {
      channel,
      account,
      path,
      login: login === '' ? null : login,
      tokenFrom: source.kind,
      running,
      webhook,
    };
  }

  /**
   * The variable or file is one of the gateway's: there it must be readable, or its next start fails. Null: nobody here
   * can tell, and nobody wants to know.
   */
  #read(written: TokenSource, check: boolean, mayHoldSpaces: boolean): Secret | null {
    const { place, running } = this.#ports;
    const source = sourceOf(written);
    const read = source.read(place.env, dirname(configPath(place)));
    if (typeof read === 'string' && !running && !check) return null;
    if (typeof read !== 'string') {
      if (!(mayHoldSpaces ? /\p{C}/u : /[\s\p{C}]/u).test(read.reveal())) return read;
      throw new Problem('request_malformed', {
        detail: 'a token has no spaces or line breaks in it',
        hint: 'copy nothing but the token',
      });
    }
    const where = running ? 'the running gateway cannot read it' : 'nothing here can read it';
    const name = typeof written === 'object' && 'env' in written ? written.env : null;
    throw new Problem('config_invalid', {
      detail: `${where}: ${read}`,
      hint:
        name === null
          ? 'name a file that the gateway may read, with nothing in it but the token'
          : `set ${name} where the gateway starts and restart it, or use --token-file PATH`,
    });
  }

  /** @returns the account as it would run; null when it would not. */
  #checkForm({ channel, account }: NewAccount, plan: (tree: Raw) => readonly Edit[]): AccountConfig | null {
    const { place } = this.#ports;
    const file = readConfigFile(configPath(place));
    if ('mistake' in file) throw configInvalid([file.mistake]);
    const checked = checkText(applyEdits(file.text, plan), place, { readSecrets: false });
    if (!checked.ok) throw configInvalid(checked.mistakes);
    const { accounts } = checked.config.channels;
    return accounts.find((one) => one.channel === channel && one.account === account) ?? null;
  }

  /** An account keeps its number: people were approved on that one. */
  #refuseOther({ channel, account, settings }: NewAccount): void {
    const key = isChannelName(channel) ? identityKey(channel) : null;
    const known = this.#ports.config.current.channels.accounts.find(
      (one) => one.channel === channel && one.account === account,
    );
    const before = new Map<string, unknown>(Object.entries(known?.settings ?? {}));
    const isOther = (channel === 'xmpp' ? ['username', 'domain'] : [key ?? '']).some((name) => {
      const [was, wanted] = [before.get(name), settings[name]];
      return wanted !== undefined && typeof was === 'string' && was !== wanted;
    });
    if (!isOther) return;
    throw new Problem('state_conflict', {
      detail: `${channel} has another ${channel === 'xmpp' ? 'address' : 'number'} as its account ${account} already`,
      hint: `add a second one: countersign channels add ${channel} --account support`,
    });
  }

  /** Two accounts on one login would take each other's messages. */
  #refuseTwice({ channel, account }: NewAccount, token: Secret): void {
    for (const other of this.#ports.config.current.channels.accounts) {
      if (other.channel !== 'telegram' || channel !== 'telegram') continue;
      const known = other.settings.botToken;
      if (known === null) continue;
      const isSame = loginOf(known) === loginOf(token);
      if (other.account !== account && isSame) {
        throw new Problem('state_conflict', {
          detail: `this is the login of the account ${other.account} already`,
          hint: 'make a second bot for a second account: /newbot at @BotFather',
        });
      }
      if (other.account === account && !isSame) {
        throw new Problem('state_conflict', {
          detail: `${channel} has another bot as its account ${account} already`,
          hint: `add a second one: countersign channels add ${channel} --account support`,
        });
      }
    }
  }
}

/** The number in front of a bot's token is the bot, whichever token it was given last. */
function loginOf(token: Secret): string {
  return token.reveal().split(':')[0] ?? '';
}

function sourceOf(token: TokenSource): SecretSource {
  if (typeof token === 'string') return new SecretSource('literal', token);
  return 'env' in token ? new SecretSource('env', token.env) : new SecretSource('file', token.file);
}

/** The secrets were read here; the rest is as the file says. */
function withSecrets(account: AccountConfig, secrets: ReadonlyMap<string, Secret>): AccountConfig {
  const settings = { ...account.settings, ...Object.fromEntries(secrets) };
  return { ...account, settings } as AccountConfig;
}

/** @throws Problem `request_malformed` naming the key, never its value. */
function checkFields({ channel, fields }: Kind, { settings, secrets }: NewAccount): void {
  const given = [
    ...Object.keys(settings).map((key) => ({ key, secret: false })),
    ...Object.keys(secrets).map((key) => ({ key, secret: true })),
  ];
  for (const { key, secret } of given) {
    const known = fields.find((one) => one.key === key);
    if (known !== undefined && known.secret === secret) continue;
    throw new Problem('request_malformed', {
      detail:
        known === undefined
          ? `${channel} is added without such a key`
          : `${key} is ${known.secret ? 'a secret' : 'no secret'}`,
      hint: `it takes ${fields.map((one) => one.key).join(', ') || 'the token alone'}`,
    });
  }
  for (const { key, needs, optional } of fields) {
    if (optional || given.some((one) => one.key === key)) continue;
    throw new Problem('request_malformed', { detail: `${channel} needs ${key}`, hint: needs });
  }
}

function edits(
  { channel, account, settings, apiRoot, localApi }: NewAccount,
  secrets: Readonly<Record<string, TokenSource>>,
  tree: Raw,
): Edit[] {
  const base: PathPart[] = ['channels', channel, ...(account === 'default' ? [] : ['accounts', account])];
  const set = (key: string, value: JsonValue): Edit => ({ do: 'set', path: [...base, key], value });
  const written = rawAccounts(tree).find((one) => one.channel === channel && one.account === account);
  return [
    ...Object.entries(secrets).map(([key, source]) =>
      set(key, typeof source === 'string' ? source : { ...source }),
    ),
    ...Object.entries(settings).map(([key, value]) => set(key, value)),
    ...(apiRoot === null ? [] : [set('apiRoot', apiRoot)]),
    ...(localApi && channel === 'telegram' ? [set('localApi', true)] : []),
    // Somebody who adds an account means it to run.
    ...(written?.keys['enabled'] === false ? [set('enabled', true)] : []),
  ];
}
