// `channels add`: a new account of a channel, written into the configuration only after its login was tried. The token
// comes in, is tried and is written; it is never answered, logged, or sent to an address that the rules refuse.
import { dirname } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { type Raw, rawAccounts } from '../config/accounts.ts';
import type { Config } from '../config/config.ts';
import { readConfigFile } from '../config/config-file.ts';
import { applyEdits, type Edit } from '../config/edit.ts';
import type { JsonValue } from '../config/jsonc.ts';
import { type ConfigPlace, checkText, configPath } from '../config/load.ts';
import { configInvalid, type PathPart } from '../config/mistakes.ts';
import { ACCOUNT } from '../config/native-ids.ts';
import { type Secret, SecretSource } from '../config/secret.ts';
import type { Actor } from '../core/audit/event.ts';
import { inTime } from './channels-running.ts';

interface Addable {
  readonly channel: string;
  /** What it takes, for people. */
  readonly needs: string;
}

/** Channels with a login to add. Web chat is there already. */
const ADDABLE: readonly Addable[] = [
  { channel: 'telegram', needs: 'the token of a bot: in Telegram, write /newbot to @BotFather' },
];

/** Where the token is: as text, in the gateway's environment, or in a file of its own. */
type TokenSource = string | { readonly env: string } | { readonly file: string };

export interface NewAccount {
  readonly channel: string;
  readonly account: string;
  readonly token: TokenSource;
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
}

/** What a live check is made with. */
export interface Login {
  readonly token: Secret;
  readonly apiRoot: string | null;
}

interface Ports {
  readonly place: ConfigPlace;
  readonly config: {
    readonly current: Config;
    edit(path: string, plan: (tree: Raw) => readonly Edit[], by: Actor): Promise<void>;
  };
  readonly running: boolean;
  /** A live check by the channel itself. @returns who we are there. @throws Problem `channel_*`. */
  probe(channel: string, login: Login, signal: AbortSignal): Promise<string>;
}

export class ChannelsAdd {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  addable(): readonly Addable[] {
    return ADDABLE;
  }

  /** @throws Problem `unknown_channel`, `config_invalid`, `state_conflict`, `channel_*`. */
  async add(wanted: NewAccount, by: Actor): Promise<Added> {
    const { place, config, running } = this.#ports;
    const { channel, account } = wanted;
    if (!ADDABLE.some((one) => one.channel === channel)) {
      throw new Problem('unknown_channel', {
        detail: `this build cannot add a channel ${channel}`,
        hint: `countersign channels add telegram; it can add ${ADDABLE.map((one) => one.channel).join(', ')}`,
      });
    }
    if (account !== 'default' && !ACCOUNT.test(account)) {
      throw new Problem('request_malformed', {
        detail: 'an account is named in lower case letters, digits, - and _',
        hint: '--account support',
      });
    }
    const source = sourceOf(wanted.token);
    const token = this.#read(source, wanted);
    if (token !== null) this.#refuseTwice(wanted, token);
    const plan = (tree: Raw) => edits(wanted, tree);
    // Before anybody is shown the token: an address that the rules refuse would be told it.
    const apiRoot = this.#checkForm(wanted, plan);
    const login =
      wanted.check && token !== null
        ? await inTime((signal) => this.#ports.probe(channel, { token, apiRoot }, signal))
        : null;
    await config.edit(`channels.${channel}`, plan, by);
    const path = configPath(place);
    return { channel, account, path, login, tokenFrom: source.kind, running };
  }

  /**
   * The variable or file is one of the gateway's: there it must be readable, or its next start fails. Null: nobody here
   * can tell, and nobody wants to know.
   */
  #read(source: SecretSource, { token: written, check }: NewAccount): Secret | null {
    const { place, running } = this.#ports;
    const read = source.read(place.env, dirname(configPath(place)));
    if (typeof read === 'string' && !running && !check) return null;
    if (typeof read !== 'string') {
      if (!/[\s\p{C}]/u.test(read.reveal())) return read;
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

  /** @returns the address that the account would be served at, its own or the channel's. */
  #checkForm({ channel, account }: NewAccount, plan: (tree: Raw) => readonly Edit[]): string | null {
    const { place } = this.#ports;
    const file = readConfigFile(configPath(place));
    if ('mistake' in file) throw configInvalid([file.mistake]);
    const checked = checkText(applyEdits(file.text, plan), place, { readSecrets: false });
    if (!checked.ok) throw configInvalid(checked.mistakes);
    const made = rawAccounts(checked.tree).find((one) => one.channel === channel && one.account === account);
    const apiRoot = made?.keys['apiRoot'];
    return typeof apiRoot === 'string' ? apiRoot : null;
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

function edits({ channel, account, token, apiRoot, localApi }: NewAccount, tree: Raw): Edit[] {
  const base: PathPart[] = ['channels', channel, ...(account === 'default' ? [] : ['accounts', account])];
  const set = (key: string, value: JsonValue): Edit => ({ do: 'set', path: [...base, key], value });
  const written = rawAccounts(tree).find((one) => one.channel === channel && one.account === account);
  return [
    set('botToken', typeof token === 'string' ? token : { ...token }),
    ...(apiRoot === null ? [] : [set('apiRoot', apiRoot)]),
    ...(localApi ? [set('localApi', true)] : []),
    // Somebody who adds an account means it to run.
    ...(written?.keys['enabled'] === false ? [set('enabled', true)] : []),
  ];
}
