// From the parsed file to Config: renames durations, reads secrets, spreads accounts. Whatever cannot be read is a
// mistake beside the others.
import { isAbsolute, join } from 'node:path';
import { type Raw, type RawAccount, rawAccounts } from './accounts.ts';
import { ACCOUNT_SCHEMAS } from './channels-schema.ts';
import type { AccountConfig, AgentConfig, Config, KeySourceConfig, PairingConfig } from './config.ts';
import { flawOfSecret } from './identity-rules.ts';
import { formatPath, type Mistake, type PathPart } from './mistakes.ts';
import { isPerson, type Person, readPerson } from './native-ids.ts';
import type { FileConfig } from './schema.ts';
import { type Secret, SecretSource } from './secret.ts';
import { locateStore, type StoreLocation } from './store-url.ts';
import { isLoopback } from './urls.ts';
import { splitWords } from './words.ts';

export interface Surroundings {
  readonly home: string;
  /** The folder of the configuration file: what relative paths in it are relative to. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False: an edit checks the form only, since the shell it runs in need not have the gateway's secrets. */
  readonly readSecrets: boolean;
}

type Say = (path: readonly PathPart[], message: string, hint: string) => void;
type Read = (source: SecretSource | null, path: readonly PathPart[]) => Secret | null;

/** `tree` is what `file` was parsed from. The Config counts only while `mistakes` is empty. */
export function resolveConfig(
  file: FileConfig,
  tree: Raw,
  where: Surroundings,
): { config: Config; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const say: Say = (path, message, hint) => mistakes.push({ path: formatPath(path), message, hint });
  const read: Read = (source, path) => {
    if (source === null || (!where.readSecrets && source.kind !== 'literal')) return null;
    const secret = source.read(where.env, where.folder);
    if (typeof secret !== 'string') return secret;
    say(path, secret, 'set it where the gateway starts, or write the secret another way');
    return null;
  };
  const { codeTtl, chatCode, ...login } = file.login;
  const config: Config = {
    gateway: { ...file.gateway, hosts: hostsOf(file.gateway.listen) },
    store: resolveStore(file, where, read, say),
    agent: resolveAgent(file.agent, read),
    proxy: resolveProxy(file.proxy, read),
    session: file.session,
    bearer: resolveBearer(file.bearer, read, say),
    users: resolveUsers(file.users, read),
    channels: {
      pairing: resolvePairing(file.channels.pairing),
      accounts: rawAccounts(tree).map((account) => resolveAccount(account, read)),
    },
    login: {
      ...login,
      chatCode: chatCode === 'on',
      codeTtlMs: codeTtl,
    },
    approvals: {
      approvers: people(file.approvals.approvers),
      notify: people(file.approvals.notify),
      timeoutMs: file.approvals.timeout,
      keepOutput: file.approvals.keepOutput,
    },
    keys: resolveKeys(file.keys, where, say),
    testEndpoints: where.env['COUNTERSIGN_TEST_ENDPOINTS'] === '1',
  };
  return { config, mistakes };
}

/** Whoever held `localhost` on the other family would be given what is meant for us: loopback is both. */
export function hostsOf(listen: string): readonly string[] {
  return isLoopback(listen) && /^(localhost|127\.0\.0\.1|::1)$/.test(listen)
    ? ['127.0.0.1', '::1']
    : [listen];
}

function resolveStore(file: FileConfig, where: Surroundings, read: Read, say: Say): StoreLocation {
  const text = read(file.store, ['store'])?.reveal() ?? 'sqlite:countersign.db';
  const location = locateStore(text, where.home);
  if (location !== null) return location;
  say(['store'], 'this is not a store', 'write "sqlite:PATH" or "postgres://…"');
  return resolveStore({ ...file, store: new SecretSource('literal', 'sqlite::memory:') }, where, read, say);
}

function resolveAgent({ kind, timeout, waiting, ...agent }: FileConfig['agent'], read: Read): AgentConfig {
  return {
    ...agent,
    kind: kind ?? (agent.url === null ? 'echo' : 'openai'),
    apiKey: read(agent.apiKey, ['agent', 'apiKey']),
    timeoutMs: timeout,
    waiting: { max: waiting.max, maxAgeMs: waiting.maxAge },
  };
}

function resolveProxy(proxy: FileConfig['proxy'], read: Read): Config['proxy'] {
  if (proxy === null) return null;
  const { timeout, ...rest } = proxy;
  return { ...rest, apiKey: read(proxy.apiKey, ['proxy', 'apiKey']), timeoutMs: timeout };
}

function resolveBearer(
  { ttl, idle, alg: usual, audiences }: FileConfig['bearer'],
  read: Read,
  say: Say,
): Config['bearer'] {
  const each = Object.entries(audiences).map(([name, audience]) => {
    const at = ['bearer', 'audiences', name, 'secret'];
    const secret = read(audience.secret, at);
    const alg = audience.alg ?? usual;
    // Wherever it stands: a short one would be found out by whoever holds one bearer, and refused only when it signs.
    const flaw = alg === 'HS256' && secret !== null ? flawOfSecret(secret.reveal()) : null;
    if (flaw !== null) say(at, flaw.message, flaw.hint);
    return [name, { ...audience, alg, secret }] as const;
  });
  return { alg: usual, ttlMs: ttl, idleMs: idle, audiences: new Map(each) };
}

function resolveUsers(
  { timeout, cacheTtl, claims, ...users }: FileConfig['users'],
  read: Read,
): Config['users'] {
  return {
    ...users,
    apiKey: read(users.apiKey, ['users', 'apiKey']),
    timeoutMs: timeout,
    cacheTtlMs: cacheTtl,
    claims: new Map(Object.entries(claims)),
  };
}

function resolvePairing(pairing: FileConfig['channels']['pairing']): PairingConfig {
  const { tokenExpiry, evictAfter, denyCooldown, maxAge, notifyOn, ...rest } = pairing;
  return {
    ...rest,
    tokenExpiryMs: tokenExpiry,
    evictAfterMs: evictAfter,
    denyCooldownMs: denyCooldown,
    maxAgeMs: maxAge,
    notifyOn: people(notifyOn),
  };
}

function resolveAccount(raw: RawAccount, read: Read): AccountConfig {
  const parsed: Record<string, unknown> = ACCOUNT_SCHEMAS[raw.channel].parse(raw.keys);
  const {
    dmPolicy,
    allowFrom,
    groupPolicy,
    groupAllowFrom,
    requireMention,
    personalNumber,
    ingress,
    ...own
  } = parsed;
  const runs = raw.enabled && ingress !== true;
  const settings = Object.entries(own).flatMap(([key, value]) => {
    if (key === 'enabled') return [];
    if (!(value instanceof SecretSource)) return [[key, value] as const];
    return [[key, runs ? read(value, [...raw.path, key]) : null] as const];
  });
  // A parser's cast: ACCOUNT_SCHEMAS has just checked each part; web chat has no groups.
  return {
    channel: raw.channel,
    account: raw.account,
    enabled: raw.enabled,
    dmPolicy,
    allowFrom,
    groupPolicy: groupPolicy ?? 'disabled',
    groupAllowFrom: groupAllowFrom ?? [],
    requireMention: requireMention ?? true,
    personalNumber: personalNumber ?? false,
    ingress: ingress ?? false,
    settings: Object.fromEntries(settings),
  } as AccountConfig;
}

function resolveKeys(keys: FileConfig['keys'], where: Surroundings, say: Say): KeySourceConfig {
  if (keys === null) return { kind: 'home' };
  if ('file' in keys) {
    return { kind: 'file', path: isAbsolute(keys.file) ? keys.file : join(where.folder, keys.file) };
  }
  const argv = typeof keys.command === 'string' ? splitWords(keys.command) : keys.command;
  if (argv === null || argv[0] === undefined || argv[0] === '') {
    say(['keys', 'command'], 'this is not a command', 'write it as a list: ["program", "argument"]');
    return { kind: 'home' };
  }
  return { kind: 'command', argv };
}

function people(entries: readonly string[]): readonly Person[] {
  return entries.map(readPerson).filter(isPerson);
}
