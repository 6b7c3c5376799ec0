import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from './config.ts';
import { configPath, type Environment, type Loaded, loadConfig } from './load.ts';
import type { Mistake } from './mistakes.ts';
import type { ChannelName } from './native-ids.ts';

const BUILT = new Set<ChannelName>(['webchat', 'telegram', 'twilio', 'slack', 'signal']);

function load(text: string | null, env: Environment = {}, mode = 0o600): Loaded {
  const home = mkdtempSync(join(tmpdir(), 'cs-config-'));
  if (text !== null) {
    writeFileSync(join(home, 'countersign.jsonc'), text);
    chmodSync(join(home, 'countersign.jsonc'), mode);
  }
  return loadConfig({ home, env, built: BUILT });
}

function good(text: string | null, env: Environment = {}): Config {
  const loaded = load(text, env);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.config;
}

function wrong(text: string, env: Environment = {}): readonly Mistake[] {
  const loaded = load(text, env);
  if (loaded.ok) throw new Error('it was let pass');
  return loaded.mistakes;
}

const paths = (mistakes: readonly Mistake[]) => mistakes.map(({ path }) => path);

describe('what is let pass', () => {
  test('no file means the defaults: both loopback addresses, port 8787, SQLite in the home, echo, web chat', () => {
    const loaded = load(null);
    if (!loaded.ok) throw new Error('refused');
    const { gateway, store, agent, channels, testEndpoints } = loaded.config;
    expect(gateway).toMatchObject({ hosts: ['127.0.0.1', '::1'], port: 8787, publicUrl: null });
    expect(store.url.reveal()).toBe(`sqlite:${join(loaded.path, '..', 'countersign.db')}`);
    expect(agent).toMatchObject({
      id: 'main',
      kind: 'echo',
      timeoutMs: 120_000,
      waiting: { max: 20, maxAgeMs: 3_600_000 },
    });
    expect(channels.accounts).toMatchObject([
      { channel: 'webchat', account: 'default', enabled: true, dmPolicy: 'pairing' },
    ]);
    expect(channels.pairing).toMatchObject({
      tokenExpiryMs: 3_600_000,
      codeFormat: 'XXXXXXXX',
      maxPending: 3,
    });
    expect(testEndpoints).toBe(false);
  });

  test('a byte order mark, comments, trailing commas, single quotes and bare keys are fine', () => {
    expect(good("\uFEFF// hello\r\n{ gateway: { 'port': 9000, }, }\r\n").gateway.port).toBe(9000);
    expect(good('').gateway.port).toBe(8787);
    expect(good('// nothing yet\n').gateway.port).toBe(8787);
  });

  test('an account inherits the channel’s keys, and the top level is the account called default', () => {
    const { channels } = good(`{ "channels": { "telegram": {
      "botToken": "one", "dmPolicy": "allowlist", "allowFrom": ["1"], "requireMention": false,
      "accounts": { "support": { "botToken": "two", "dmPolicy": "pairing" } } } } }`);
    const [, main, support] = channels.accounts;
    expect(main).toMatchObject({
      channel: 'telegram',
      account: 'default',
      enabled: true,
      dmPolicy: 'allowlist',
      allowFrom: ['1'],
    });
    expect(support).toMatchObject({
      account: 'support',
      dmPolicy: 'pairing',
      allowFrom: ['1'],
      requireMention: false,
    });
    if (support?.channel !== 'telegram') throw new Error('not telegram');
    expect(support.settings.botToken?.reveal()).toBe('two');
  });

  test('a channel that is written without what it needs is off, and its secrets are not asked for', () => {
    const { channels } = good('{ "channels": { "telegram": { "allowFrom": ["1"] } } }');
    expect(channels.accounts[1]).toMatchObject({ channel: 'telegram', enabled: false });
    good('{ "channels": { "telegram": { "enabled": false, "botToken": { "env": "NOT_THERE" } } } }');
  });

  test('the environment wins over the file', () => {
    const env = {
      COUNTERSIGN_PORT: '9',
      COUNTERSIGN_LISTEN: '0.0.0.0',
      COUNTERSIGN_STORE: 'postgres://u:pw@h/d',
    };
    const config = good('{ "gateway": { "port": 9000 } }', env);
    expect(config.gateway).toMatchObject({ port: 9, hosts: ['0.0.0.0'] });
    expect(config.store.kind).toBe('postgres');
    expect(config.store.url.reveal()).toBe('postgres://u:pw@h/d');
  });

  test('durations become milliseconds with the unit in the name', () => {
    const { channels, login } = good(
      '{ "channels": { "pairing": { "tokenExpiry": "7d", "denyCooldown": "90s" } }, "login": { "codeTtl": "2m" } }',
    );
    expect(channels.pairing).toMatchObject({ tokenExpiryMs: 604_800_000, denyCooldownMs: 90_000 });
    expect(login.codeTtlMs).toBe(120_000);
  });
});

describe('what is a mistake', () => {
  test('every mistake is said at once, each with its path and what to do', () => {
    const mistakes = wrong(
      `{
      "gatway": {}, "gateway": { "prot": 1, "port": "x" },
      "agent": { "bearerHeader": "Authorization", "apiKey": { "env": "NOT_THERE" } },
      "channels": { "pairing": { "codeFormat": "XXX", "tokenExpiry": "60" }, "telegram": { "dmPolicy": "pairng", "allowFrom": ["*", "@ana"] } }
    }`,
      { COUNTERSIGN_PORT: 'http' },
    );
    expect(new Set(paths(mistakes))).toEqual(
      new Set([
        'gatway',
        'gateway.prot',
        'gateway.port',
        'agent.bearerHeader',
        'channels.pairing.codeFormat',
        'channels.pairing.tokenExpiry',
        'channels.telegram.dmPolicy',
        'channels.telegram.allowFrom[0]',
        'channels.telegram.allowFrom[1]',
        'COUNTERSIGN_PORT',
      ]),
    );
    expect(mistakes.every(({ hint }) => hint !== '')).toBe(true);
    expect(mistakes.find(({ path }) => path === 'gateway.prot')?.hint).toContain('"port"');
    expect(mistakes.find(({ path }) => path === 'gatway')?.hint).toContain('"gateway"');
  });

  test.each([
    ['{ "__proto__": { "x": 1 } }', '__proto__'],
    ['{ "gateway": { "__proto__": { "port": 1 } } }', 'gateway.__proto__'],
    [
      '{ "channels": { "telegram": { "accounts": { "a": { "constructor": {} } } } } }',
      'channels.telegram.accounts.a.constructor',
    ],
    ['{ "bearer": { "audiences": { "prototype": {} } } }', 'bearer.audiences.prototype'],
    ['{ "agent": { "apiKey": [{ "\\u005f_proto__": 1 }] } }', 'agent.apiKey[0].__proto__'],
  ])('T9: a prototype key is refused at any depth: %s', (text, path) => {
    expect(paths(wrong(text))).toEqual([path]);
  });

  test.each([
    ['{ "gateway": {}, "gateway": { "port": 1 } }', 'gateway'],
    [
      '{ "channels": { "telegram": { "dmPolicy": "disabled", dmPolicy: "open" } } }',
      'channels.telegram.dmPolicy',
    ],
    ['{ "gateway": { "port": 1, "p\\u006frt": 2 } }', 'gateway.port'],
  ])('T9: a key written twice is refused, however it is spelled: %s', (text, path) => {
    expect(paths(wrong(text))).toEqual([path]);
  });

  test.each([
    '{',
    '{"a" 1}',
    '[]',
    '"x"',
    '{"store": 1e999}',
    '{"gateway": {"port": 12345678901234567890}}',
    '\u0000',
  ])('what is not a JSON object is refused: %s', (text) => expect(wrong(text)).toHaveLength(1));

  test('a syntax mistake names its line', () => {
    expect(wrong('{\n  "gateway": {\n    "port": 1\n    "listen": "::1"\n  }\n}')[0]?.message).toContain(
      'line 4',
    );
  });

  test.each([
    ['channels.pairing.notifyOn', ['*']],
    ['channels.pairing.notifyOn', ['telegram:*']],
    ['approvals.approvers', ['*']],
    ['approvals.notify', ['telegram:*']],
  ])('H09: * is refused in %s: %j', (path, list) => {
    const [section = '', ...rest] = path.split('.');
    const inner = rest.length === 1 ? { [rest[0] ?? '']: list } : { pairing: { notifyOn: list } };
    expect(paths(wrong(JSON.stringify({ [section]: inner })))).toEqual([`${path}[0]`]);
  });

  test('H10: * in allowFrom needs dmPolicy open, also where an account closes what its channel opens', () => {
    const open = { botToken: 'a', dmPolicy: 'open', allowFrom: ['*'] };
    const loaded = load(JSON.stringify({ channels: { telegram: open } }));
    if (!loaded.ok) throw new Error('refused');
    expect(paths(loaded.warnings)).toEqual(['channels.telegram.dmPolicy']);
    const closed = { ...open, accounts: { b: { botToken: 'b', dmPolicy: 'pairing' } } };
    expect(paths(wrong(JSON.stringify({ channels: { telegram: closed } })))).toEqual([
      'channels.telegram.allowFrom[0]',
    ]);
    expect(paths(wrong('{ "channels": { "webchat": { "allowFrom": ["*"] } } }'))).toEqual([
      'channels.webchat.allowFrom[0]',
    ]);
  });

  test.each([null, '', 'Pairing', 'opne', true, ['open']])(
    'H10: a policy that is no policy is refused: %j',
    (dmPolicy) => {
      const text = JSON.stringify({ channels: { telegram: { botToken: 'x', dmPolicy } } });
      expect(paths(wrong(text))).toEqual(['channels.telegram.dmPolicy']);
    },
  );

  test.each([
    [
      'telegram',
      ['', ' ', '@ana', '0123', '12 3', '-100123', 'telegram:1', '１２３', '1\u200b2', 'anonymous'],
    ],
    ['twilio', ['15555550123', '+1 555 555 0123', '+0155555501', 'whatsapp:15555550123']],
    ['slack', ['#general', 'C123ABC', 'u123abc', 'ana']],
    ['signal', ['+15555550123 ', 'A9F2C0B8-0000-0000-0000-000000000000', 'group.x']],
  ])('H03, H05: an entry that can never be a sender on %s is a mistake: %j', (channel, entries) => {
    const text = JSON.stringify({ channels: { [channel]: { enabled: false, allowFrom: entries } } });
    expect(paths(wrong(text))).toEqual(entries.map((_, index) => `channels.${channel}.allowFrom[${index}]`));
  });

  test.each([
    'telegram:@ana',
    'telegram:',
    'telegrm:1',
    '555001',
    'telegram:nobody:1',
    ':1',
    'webchat:short',
  ])('an entry of a list of people that names nobody is a mistake: %s', (entry) => {
    const text = JSON.stringify({
      channels: { telegram: { botToken: 'x' } },
      approvals: { notify: [entry] },
    });
    expect(paths(wrong(text))).toEqual(['approvals.notify[0]']);
  });

  test('web chat never approves, so it is refused among the approvers', () => {
    expect(paths(wrong('{ "approvals": { "approvers": ["webchat:abcdefgh"] } }'))).toEqual([
      'approvals.approvers[0]',
    ]);
  });

  test('a channel this build cannot run is said so when it is enabled, and left alone when it is not', () => {
    const [mistake] = wrong('{ "channels": { "discord": { "botToken": "x" } } }');
    expect(mistake).toMatchObject({
      path: 'channels.discord.enabled',
      message: 'channel discord is not in this build yet',
    });
    good('{ "channels": { "discord": { "enabled": false, "botToken": "x" } } }');
    expect(paths(wrong('{ "channels": { "feishu": { "enabled": true } } }'))).toEqual([
      'channels.feishu.enabled',
    ]);
  });

  test.each([
    ['{ "channels": { "telegram": { "enabled": true } } }', 'channels.telegram.botToken'],
    [
      '{ "channels": { "telegram": { "enabled": true, "botToken": "x", "mode": "webhook" } } }',
      'channels.telegram.webhookSecret',
    ],
    [
      '{ "channels": { "telegram": { "botToken": "x", "accounts": { "b": {} } } } }',
      'channels.telegram.accounts.b.botToken',
    ],
    [
      '{ "channels": { "telegram": { "accounts": { "default": { "botToken": "x" } } } } }',
      'channels.telegram.accounts.default',
    ],
    [
      '{ "channels": { "telegram": { "botToken": "x", "apiRoot": "http://bots.example" } } }',
      'channels.telegram.apiRoot',
    ],
    [
      '{ "channels": { "telegram": { "botToken": "x", "apiRoot": "http://127.0.0.1:1" } } }',
      'channels.telegram.apiRoot',
    ],
    ['{ "channels": { "telegram": { "accounts": { "A:b": {} } } } }', 'channels.telegram.accounts.A:b'],
    ['{ "agent": { "kind": "openai" } }', 'agent.url'],
    ['{ "agent": { "url": "http://127.0.0.1:1/v1", "audience": "a" } }', 'agent.audience'],
    ['{ "agent": { "id": "a:b" } }', 'agent.id'],
    ['{ "agent": { "bearerHeader": "cookie" } }', 'agent.bearerHeader'],
    ['{ "agent": { "url": "http://me:pw@host/v1" } }', 'agent.url'],
    ['{ "gateway": { "listen": "example.com" } }', 'gateway.listen'],
    ['{ "gateway": { "port": 70000 } }', 'gateway.port'],
    ['{ "gateway": { "port": 80.5 } }', 'gateway.port'],
    ['{ "gateway": { "publicUrl": "http://a.example" } }', 'gateway.publicUrl'],
    ['{ "gateway": { "publicUrl": "https://a.example/path" } }', 'gateway.publicUrl'],
    ['{ "gateway": { "trustedProxies": ["*"] } }', 'gateway.trustedProxies[0]'],
    ['{ "gateway": { "trustedProxies": ["0.0.0.0/0"] } }', 'gateway.trustedProxies[0]'],
    [`{ "gateway": { "agentSocket": "/${'x'.repeat(100)}" } }`, 'gateway.agentSocket'],
    ['{ "store": "mysql://x" }', 'store'],
    ['{ "login": { "codeTtl": "11m" } }', 'login.codeTtl'],
    ['{ "login": { "maxAttempts": 6 } }', 'login.maxAttempts'],
    ['{ "bearer": { "ttl": "1h" } }', 'bearer.ttl'],
    ['{ "channels": { "pairing": { "codeFormat": "XXXX_XXXX" } } }', 'channels.pairing.codeFormat'],
    ['{ "channels": { "pairing": { "codeFormat": "XXXXXXX" } } }', 'channels.pairing.codeFormat'],
    ['{ "channels": { "pairing": { "message": "hello {cod}" } } }', 'channels.pairing.message'],
    ['{ "keys": { "file": "a", "command": "b" } }', 'keys'],
    ['{ "keys": { "command": "open \'quote" } }', 'keys.command'],
  ])('%s', (text, path) => {
    expect(paths(wrong(text))).toEqual([path]);
  });

  test.each(['1', '1 h', '1H', '-1h', '1.5h', '01h', '1h30m', '1w', '', '99999999d'])(
    '%j is not a duration',
    (text) => {
      expect(paths(wrong(JSON.stringify({ agent: { timeout: text } })))).toEqual(['agent.timeout']);
    },
  );

  test('plain endpoints on loopback are let pass in tests, and the configuration says so', () => {
    const text = '{ "channels": { "telegram": { "botToken": "x", "apiRoot": "http://127.0.0.1:1" } } }';
    expect(good(text, { COUNTERSIGN_TEST_ENDPOINTS: '1' }).testEndpoints).toBe(true);
    const far = '{ "channels": { "telegram": { "botToken": "x", "apiRoot": "http://10.0.0.1:1" } } }';
    expect(paths(wrong(far, { COUNTERSIGN_TEST_ENDPOINTS: '1' }))).toEqual(['channels.telegram.apiRoot']);
  });
});

describe('the file', () => {
  test('H72: the working directory is never read', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'cs-cwd-'));
    writeFileSync(join(cwd, 'countersign.jsonc'), '{ "gateway": { "port": 1 } }');
    writeFileSync(join(cwd, '.env'), 'COUNTERSIGN_PORT=2\n');
    const before = process.cwd();
    process.chdir(cwd);
    try {
      expect(good(null).gateway.port).toBe(8787);
    } finally {
      process.chdir(before);
    }
  });

  test('a file that anybody may write, one over 1 MiB and one that is not UTF-8 are refused', () => {
    expect(load('{}', {}, 0o666).ok).toBe(false);
    expect(load(`{}${' '.repeat(1024 * 1024)}`).ok).toBe(false);
    const home = mkdtempSync(join(tmpdir(), 'cs-config-'));
    writeFileSync(join(home, 'countersign.jsonc'), Buffer.from([0x7b, 0xff, 0x7d]));
    expect(loadConfig({ home, env: {} }).ok).toBe(false);
  });

  test('a literal secret in a file that others may read is a warning', () => {
    const loaded = load('{ "agent": { "url": "https://a.example", "apiKey": "hunter2" } }', {}, 0o644);
    expect(loaded.ok && paths(loaded.warnings)).toEqual(['agent.apiKey']);
    const clean = load('{ "gateway": { "port": 1 } }', {}, 0o644);
    expect(clean.ok && clean.warnings).toEqual([]);
  });

  test('COUNTERSIGN_CONFIG names another file', () => {
    const home = mkdtempSync(join(tmpdir(), 'cs-config-'));
    const other = join(home, 'other.jsonc');
    expect(configPath({ home, env: { COUNTERSIGN_CONFIG: other } })).toBe(other);
    const missing = loadConfig({ home, env: { COUNTERSIGN_CONFIG: other } });
    expect(missing.ok && paths(missing.warnings)).toEqual(['COUNTERSIGN_CONFIG']);
  });
});
