// Rules between keys. They read the raw tree, so that each is said at once with everything the schema found, and they
// stay silent about a key whose own form is wrong already.
import {
  asRaw,
  BUILT,
  identityKey,
  isSet,
  placeOf,
  type Raw,
  type RawAccount,
  rawAccounts,
} from './accounts.ts';
import { checkIdentity } from './identity-rules.ts';
import type { JsonValue } from './jsonc.ts';
import { formatPath, type Mistake, type PathPart } from './mistakes.ts';
import { CHANNELS, type ChannelName, isPerson, readPerson } from './native-ids.ts';
import { flawOfXmppService, isPlain, isPlainElsewhere } from './urls.ts';

export interface Findings {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

export interface RuleOptions {
  readonly testEndpoints: boolean;
  /** Channels this build can run. */
  readonly built?: ReadonlySet<ChannelName>;
}

type Say = (path: readonly PathPart[], message: string, hint: string) => void;

export function checkRules(tree: Raw, options: RuleOptions): Findings {
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  const wrong: Say = (path, message, hint) => mistakes.push({ path: formatPath(path), message, hint });
  const warn: Say = (path, message, hint) => warnings.push({ path: formatPath(path), message, hint });
  const accounts = rawAccounts(tree);
  checkNames(tree, wrong);
  for (const account of accounts) {
    checkRunnable(account, options, wrong);
    checkWildcards(account, wrong, warn);
    checkEndpoints(account, options, wrong);
    checkWebhook(account, tree, wrong, warn);
    if (account.channel === 'xmpp') checkXmpp(account, wrong);
  }
  checkIdentities(accounts, wrong);
  checkAgent(tree, wrong, warn);
  checkIdentity(tree, wrong);
  checkPeople(tree, accounts, wrong, warn);
  if (asRaw(tree['login'])?.['allowCarrier'] === true) {
    const hint = 'leave it out, and have an owner chat on a messenger';
    warn(['login', 'allowCarrier'], 'whoever takes over the phone number of an owner signs in as them', hint);
  }
  return { mistakes, warnings };
}

/** Parts of session keys: `agent:main:telegram:direct:1` would be an account's key and a shared one alike. */
const RESERVED: readonly string[] = ['direct', 'dm', 'group', 'main'];

function checkNames(tree: Raw, wrong: Say): void {
  for (const [channel, keys] of Object.entries(asRaw(tree['channels']) ?? {})) {
    const accounts = asRaw(asRaw(keys)?.['accounts']) ?? {};
    for (const name of RESERVED.filter((word) => Object.hasOwn(accounts, word))) {
      const hint = `choose another name; ${RESERVED.join(', ')} are taken`;
      wrong(['channels', channel, 'accounts', name], 'this name is part of session keys', hint);
    }
    if (accounts['default'] === undefined) continue;
    wrong(
      ['channels', channel, 'accounts', 'default'],
      'the account called default is the top level',
      `write its keys directly under channels.${channel}`,
    );
  }
}

function checkRunnable(account: RawAccount, { built = BUILT }: RuleOptions, wrong: Say): void {
  if (!account.enabled) return;
  if (!built.has(account.channel)) {
    const hint = `set channels.${account.channel}.enabled to false; this build runs ${[...built].join(', ')}`;
    wrong([...account.path, 'enabled'], `channel ${account.channel} is not in this build yet`, hint);
    return;
  }
  for (const key of account.lacks) {
    wrong(
      [...account.path, key],
      `${account.channel} cannot run without this`,
      'set it, or set enabled to false',
    );
  }
}

function checkWildcards(account: RawAccount, wrong: Say, warn: Say): void {
  const { keys, enabled, channel } = account;
  const pairs = [
    ['allowFrom', 'dmPolicy'],
    ['groupAllowFrom', 'groupPolicy'],
  ] as const;
  for (const [list, policy] of pairs) {
    const entries = keys[list];
    const all = Array.isArray(entries) ? entries.indexOf('*') : -1;
    const open = keys[policy] === 'open';
    if (all >= 0 && !open) {
      wrong(
        [...placeOf(account, list), all],
        `* needs ${policy} "open"`,
        `set ${policy} to "open", or list people one by one`,
      );
    } else if (open && enabled && policy === 'dmPolicy') {
      const hint =
        all >= 0 ? 'use "pairing" unless strangers are meant' : 'add "*" to allowFrom if anybody is meant';
      warn(
        placeOf(account, policy),
        all >= 0 ? `anybody on ${channel} may talk to the agent` : 'open admits only those listed',
        hint,
      );
    }
  }
}

const ENDPOINTS = ['apiRoot', 'waWebSocketUrl'] as const;
/** Channels whose other end is a bridge of the owner's own, normally beside us. */
const BRIDGES: ReadonlySet<ChannelName> = new Set<ChannelName>(['signal', 'imessage']);

function checkEndpoints(account: RawAccount, { testEndpoints }: RuleOptions, wrong: Say): void {
  for (const key of ENDPOINTS) {
    const url = account.keys[key];
    const at = placeOf(account, key);
    if (typeof url !== 'string' || !isPlain(url)) continue;
    if (isPlainElsewhere(url)) {
      wrong(at, 'messages and tokens would travel in the clear', 'use https: or wss:');
    } else if (!testEndpoints && !BRIDGES.has(account.channel) && account.keys['localApi'] !== true) {
      const hint =
        account.channel === 'telegram'
          ? 'set localApi to true if a Bot API server of your own runs on this machine, or use https:'
          : 'start with COUNTERSIGN_TEST_ENDPOINTS=1, or use https:';
      wrong(at, 'a plain endpoint is for tests', hint);
    }
  }
}

/** Shorter ones are found by trying, or on a list. */
const SHORT_SECRET = 16;

function checkWebhook(account: RawAccount, tree: Raw, wrong: Say, warn: Say): void {
  const { channel, keys, enabled } = account;
  if (keys['ingress'] === true) return;
  if (enabled && channel === 'twilio') checkTwilio(account, tree, wrong, warn);
  if (enabled && channel === 'whatsapp-cloud') checkCloud(account, wrong, warn);
  if (channel !== 'telegram' || !enabled || keys['mode'] !== 'webhook') return;
  if (!isSet(asRaw(tree['gateway']) ?? {}, 'publicUrl')) {
    const hint = 'set gateway.publicUrl to an address that Telegram can reach, or mode to "polling"';
    warn(placeOf(account, 'mode'), 'a webhook needs a public address, and there is none', hint);
  }
  const secret = keys['webhookSecret'];
  if (typeof secret !== 'string') return;
  const at = placeOf(account, 'webhookSecret');
  const hint = 'use the output of: openssl rand -hex 32';
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(secret))
    wrong(at, 'Telegram takes letters, digits, _ and - only, 256 at most', hint);
  else if (secret.length < SHORT_SECRET)
    warn(at, 'whoever guesses this can forge every sender, and it is short', hint);
}

function checkCloud(account: RawAccount, wrong: Say, warn: Say): void {
  const { phoneNumberId: number, verifyToken: token, loginTemplate } = account.keys;
  if (typeof number === 'string' && !/^\d{1,30}$/.test(number)) {
    const hint = 'copy it from the app, under WhatsApp, API setup; it is not the phone number';
    wrong(placeOf(account, 'phoneNumberId'), 'the id of a phone number is made of digits alone', hint);
  }
  if (typeof token === 'string' && token.length < SHORT_SECRET) {
    const hint = 'use the output of: openssl rand -hex 16';
    warn(placeOf(account, 'verifyToken'), 'whoever guesses this learns that a gateway is here', hint);
  }
  if (loginTemplate !== undefined && loginTemplate !== null) return;
  const hint = 'make an authentication template in the WhatsApp Manager and set loginTemplate to its name';
  warn(placeOf(account, 'loginTemplate'), 'login codes reach only who wrote within the last 24 hours', hint);
}

function checkTwilio(account: RawAccount, tree: Raw, wrong: Say, warn: Say): void {
  const { accountSid: sid, from } = account.keys;
  if (typeof sid === 'string' && !/^AC[0-9a-f]{32}$/.test(sid)) {
    const hint = 'copy the Account SID from the first page of console.twilio.com';
    wrong(placeOf(account, 'accountSid'), 'this begins with AC and has 34 characters', hint);
  }
  if (typeof from === 'string' && !CHANNELS.twilio.shape.test(from)) {
    const hint = 'write "+15555550123" for SMS, "whatsapp:+15555550123" for WhatsApp';
    wrong(placeOf(account, 'from'), 'this is no number of ours as Twilio writes it', hint);
  } else if (typeof from === 'string' && !from.startsWith('whatsapp:')) {
    const hint = 'have an owner chat on another channel, or use the authenticator app';
    warn(placeOf(account, 'from'), 'an SMS can be forged: nobody approves or signs in by it', hint);
  }
  if (isSet(asRaw(tree['gateway']) ?? {}, 'publicUrl')) return;
  const hint = 'set gateway.publicUrl to the https address that Twilio calls';
  warn(placeOf(account, 'from'), 'Twilio signs the address it calls, and there is none', hint);
}

/** The certificate is asked of `domain`, and the login of `username`: an address in either is a mistake to be said here. */
function checkXmpp(account: RawAccount, wrong: Say): void {
  const { service, domain, username } = account.keys;
  if (typeof service === 'string') {
    const flaw = flawOfXmppService(service);
    if (flaw !== null) wrong(placeOf(account, 'service'), flaw.message, flaw.hint);
  }
  if (typeof domain === 'string' && !/^[\p{L}\p{M}\p{N}_.:[\]-]+$/u.test(domain)) {
    const hint = 'write the part behind the @, such as "example.org"';
    wrong(placeOf(account, 'domain'), 'this is not the domain of an XMPP server', hint);
  }
  if (typeof username === 'string' && /["&'/:<>@\p{C}\p{Z}]/u.test(username)) {
    const hint = 'write the part before the @, such as "assistant"';
    wrong(placeOf(account, 'username'), 'this is no user name of XMPP', hint);
  }
}

/** Two accounts on one login would take each other's messages. */
function checkIdentities(accounts: readonly RawAccount[], wrong: Say): void {
  const seen = new Map<string, string>();
  for (const { channel, account, path, keys, enabled } of accounts) {
    const identity = identityKey(channel);
    if (!enabled || identity === null || !isSet(keys, identity)) continue;
    // On XMPP a user name is one within its domain.
    const more = channel === 'xmpp' ? [keys['domain'] ?? null] : [];
    const login = `${channel} ${JSON.stringify([keys[identity], ...more])}`;
    const other = seen.get(login);
    if (other === undefined) seen.set(login, account);
    else wrong([...path, identity], `this is the login of the account ${other}`, 'give each account its own');
  }
}

function checkAgent(tree: Raw, wrong: Say, warn: Say): void {
  const agent = asRaw(tree['agent']) ?? {};
  if (agent['kind'] === 'openai' && !isSet(agent, 'url')) {
    wrong(
      ['agent', 'url'],
      'an openai agent needs an address',
      'set agent.url, such as "http://127.0.0.1:18789/v1"',
    );
  }
  const header = agent['bearerHeader'];
  const isAuthorization = typeof header === 'string' && header.toLowerCase() === 'authorization';
  const audiences = asRaw(asRaw(tree['bearer'])?.['audiences']) ?? {};
  for (const [section, keys, url] of [
    ['agent', agent, 'url'],
    ['proxy', asRaw(tree['proxy']) ?? {}, 'upstream'],
  ] as const) {
    if (isAuthorization && isSet(keys, 'apiKey')) {
      const hint = `use "x-countersign-bearer", or remove ${section}.apiKey`;
      wrong(['agent', 'bearerHeader'], `authorization carries ${section}.apiKey already`, hint);
    }
    const audience = keys['audience'];
    if (typeof audience === 'string' && !Object.hasOwn(audiences, audience)) {
      wrong(
        [section, 'audience'],
        'bearer.audiences has no such audience',
        'add it there with the origins it may go to',
      );
    }
    const address = keys[url];
    const origins = typeof audience === 'string' ? asRaw(audiences[audience])?.['origins'] : undefined;
    const origin = typeof address === 'string' && URL.canParse(address) ? new URL(address).origin : null;
    if (typeof audience === 'string' && Object.hasOwn(audiences, audience) && origin !== null) {
      const isListed = Array.isArray(origins) && origins.includes(origin);
      const hint = `add "${origin}" to bearer.audiences.${audience}.origins`;
      if (!isListed) warn([section, 'audience'], `no bearer goes to ${section}.${url}`, hint);
    }
    if (typeof address === 'string' && isPlainElsewhere(address)) {
      warn(
        [section, url],
        'keys and messages travel in the clear to that host',
        'use https:, or an address of this machine',
      );
    }
  }
}

const PEOPLE: readonly (readonly PathPart[])[] = [
  ['channels', 'pairing', 'notifyOn'],
  ['approvals', 'approvers'],
  ['approvals', 'notify'],
];

function checkPeople(tree: Raw, accounts: readonly RawAccount[], wrong: Say, warn: Say): void {
  for (const path of PEOPLE) {
    const list = valueAt(tree, path);
    if (!Array.isArray(list)) continue;
    for (const [index, entry] of list.entries()) {
      const person = typeof entry === 'string' ? readPerson(entry) : null;
      if (person === null || !isPerson(person)) continue;
      const own = accounts.filter(({ channel }) => channel === person.channel);
      const account = own.find((one) => one.account === person.account);
      const at = [...path, index];
      if (account === undefined && own.length > 0) {
        wrong(
          at,
          `${person.channel} has no account of that name`,
          `known: ${own.map((one) => one.account).join(', ')}`,
        );
      } else if (account?.enabled !== true)
        warn(at, `${person.channel} does not run`, 'nothing reaches that person');
      // Web chat proves a browser key and no more; it never approves.
      if (path[1] === 'approvers' && person.channel === 'webchat') {
        wrong(at, 'web chat alone never approves', 'name a chat on another channel');
      }
    }
  }
}

function valueAt(tree: Raw, path: readonly PathPart[]): JsonValue | undefined {
  let value: JsonValue | undefined = { ...tree };
  for (const part of path) value = asRaw(value)?.[part];
  return value;
}
