// Several changes to the configuration as one: all of them or none, into the file that was looked at, and never a secret
// in an answer (H38), be it one of the file, one that was sent, or one in a comment.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigChecked, ConfigText } from '@countersign/protocol/config';
import { expect, test } from 'vitest';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { lineDiff } from './config-edit.ts';

const TOKEN = '123456:canary-token-AAAA';
const FILE = `{
  // kept
  "agent": { "kind": "echo", "apiKey": "canary-key" }, // was canary-key before
  // "botToken": "99:canary-old",
  /* postgres://me:canary-pw@db.example/x and canaryB4ckup0f1token2345 */
  "channels": {
    "telegram": {
      "enabled": false,
      "botToken": "${TOKEN}",
      "allowFrom": ["555001"], // Ana
      "accounts": { "support": { "botToken": { "env": "SUPPORT_TOKEN" }, "enabled": false } }
    }
  }
}
`;

async function openWith(text = FILE): Promise<TestHouse & { file(): string; save(text: string): void }> {
  const house = await openHouse({ config: {}, running: true });
  const path = join(house.home, 'countersign.jsonc');
  writeFileSync(path, text);
  await house.composed.config.tidy();
  return Object.assign(house, {
    file: () => readFileSync(path, 'utf8'),
    save: (next: string) => writeFileSync(path, next),
  });
}

const check = (house: TestHouse, ...changes: object[]) =>
  jsonOf<ConfigChecked>(house.call('host', 'POST', '/api/v1/config/check', { changes }));
const apply = (house: TestHouse, base: string, ...changes: object[]) =>
  house.call('host', 'POST', '/api/v1/config/apply', { changes, base });
const shown = ({ diff }: ConfigChecked) =>
  diff.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => `${kind} ${text.trim()}`);

test('what would change is shown by line, and saving changes exactly that, comments kept', async () => {
  await using house = await openWith();
  const changes = [
    { path: 'agent.kind', unset: true },
    { path: 'channels.telegram.dmPolicy', value: 'allowlist' },
    { path: 'login.codeDigits', value: 8 },
  ];
  const checked = await check(house, ...changes);
  expect(checked).toMatchObject({ valid: true, mistakes: [], guarded: ['login'] });
  expect(shown(checked).filter((line) => line.startsWith('new'))).toEqual(
    expect.arrayContaining([expect.stringContaining('"dmPolicy": "allowlist"')]),
  );
  expect(house.file()).toBe(FILE);
  const applied = await apply(house, checked.base, ...changes);
  expect(applied.status, await applied.clone().text()).toBe(200);
  expect(house.file()).toContain('// kept');
  expect(house.file()).toContain('// Ana');
  expect(house.composed.config.current.login.codeDigits).toBe(8);
  const { items } = await jsonOf<{ items: object[] }>(
    house.call('host', 'GET', '/api/v1/audit?type=config.changed'),
  );
  expect(items[0]).toMatchObject({
    actor: 'host',
    subject: { paths: ['agent.kind', 'channels.telegram.dmPolicy', 'login.codeDigits'] },
  });
});

test('every mistake at once, with its path, and nothing is written', async () => {
  await using house = await openWith();
  const changes = [
    { path: 'agent.timeout', value: 'soon' },
    { path: 'gateway.port', value: 99_999 },
    { path: 'agent.model', value: 'fine' },
  ];
  const checked = await check(house, ...changes);
  expect(checked.valid).toBe(false);
  expect(checked.mistakes.map(({ path }) => path)).toEqual(['gateway.port', 'agent.timeout']);
  for (const { hint } of checked.mistakes) expect(hint).not.toBe('');
  const refused = await apply(house, checked.base, ...changes);
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ code: 'config_invalid', mistakes: checked.mistakes });
  expect(house.file()).toBe(FILE);
});

test('a running gateway refuses what it could not work with: a variable it does not have', async () => {
  await using house = await openWith();
  const checked = await check(house, { path: 'agent.apiKey', value: { env: 'NOT_THERE' } });
  expect(checked.mistakes).toMatchObject([
    { path: 'agent.apiKey', message: 'the environment has no NOT_THERE' },
  ]);
});

test('a file that somebody changed meanwhile is not written over', async () => {
  await using house = await openWith();
  const change = { path: 'agent.model', value: 'mine' };
  const { base } = await check(house, change);
  const theirs = FILE.replace('// kept', '// theirs');
  house.save(theirs);
  const refused = await apply(house, base, change);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'state_conflict',
    hint: expect.stringContaining('look'),
  });
  expect(house.file()).toBe(theirs);
  const again = await check(house, change);
  expect((await apply(house, again.base, change)).status).toBe(200);
  expect(house.file()).toContain('// theirs');
});

test('twenty who save upon the same look: one of them does', async () => {
  await using house = await openWith();
  const { base } = await check(house, { path: 'agent.model', value: 'x' });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => apply(house, base, { path: 'agent.model', value: `m${index}` })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
});

test('H38: no secret in any answer, of the file, sent just now, or in a comment', async () => {
  await using house = await openWith();
  const text = await house.call('host', 'GET', '/api/v1/config/text');
  const body = await text.text();
  expect(body).not.toContain('canary');
  const { text: jsonc, written }: ConfigText = JSON.parse(body);
  expect(jsonc).toContain('"botToken": "[secret]"');
  expect(jsonc).toContain('{ "env": "SUPPORT_TOKEN" }');
  expect(jsonc).toContain('// Ana');
  expect(written).toMatchObject({ channels: { telegram: { allowFrom: ['555001'], botToken: '[secret]' } } });
  const changes = [
    { path: 'channels.telegram.botToken', value: '777:canary-new' },
    { path: 'proxy', value: { upstream: 'https://api.example/v1', apiKey: 'canary-proxy' } },
    { path: 'store', value: 'postgres://u:canary-db@h/d' },
    { path: 'agent.timeout', value: 'soon' },
  ];
  const checked = await house.call('host', 'POST', '/api/v1/config/check', { changes });
  expect(await checked.text()).not.toContain('canary');
  const { base } = await check(house, { path: 'agent.model', value: 'x' });
  const good = changes.slice(0, 2);
  const applied = await apply(house, base, ...good);
  expect([applied.status, await applied.text()]).toEqual([200, expect.not.stringContaining('canary')]);
  for (const path of ['/config/text', '/audit?type=config.changed', '/config', '/config/pending']) {
    const answer = await house.call('host', 'GET', `/api/v1${path}`);
    expect([path, await answer.text()]).toEqual([path, expect.not.stringContaining('canary')]);
  }
  expect(house.file()).toContain('777:canary-new');
});

test('H38: a right guess at a secret reads like a wrong one', async () => {
  await using house = await openWith();
  const guess = async (value: string) => {
    const { base: _, ...answer } = await check(house, { path: 'agent.apiKey', value });
    return answer;
  };
  expect(await guess('canary-key')).toEqual(await guess('wrong'));
  const lines = shown(await check(house, { path: 'agent.apiKey', value: 'canary-key' }));
  expect(lines).toEqual([
    expect.stringMatching(/^gone .*"\[secret\]"/),
    expect.stringMatching(/^new .*"\[new secret\]"/),
  ]);
});

test('a mistyped key may hold a secret, and a file that cannot be read is not shown', async () => {
  await using house = await openWith();
  house.save('{ "channels": { "telegram": { "botTokenn": "1:canary", "botToken": ["canary"] } } }');
  const text = await house.call('host', 'GET', '/api/v1/config/text');
  expect(await text.text()).not.toContain('canary');
  for (const broken of ['{ "agent": { "apiKey": "canary"', '{ "store": "canary", "store": "canary" }']) {
    house.save(broken);
    const refused = await house.call('host', 'GET', '/api/v1/config/text');
    expect([refused.status, await refused.text()]).toEqual([422, expect.not.stringContaining('canary')]);
    const checked = await check(house, { path: 'agent.model', value: 'x' });
    expect(checked).toMatchObject({ valid: false, diff: [] });
  }
});

test('the mask is no secret: a form that sends back what it was shown changes nothing', async () => {
  await using house = await openWith();
  for (const change of [
    { path: 'channels.telegram.botToken', value: '[secret]' },
    { path: 'agent', value: { kind: 'echo', apiKey: '[new secret]' } },
    { path: 'store', value: 'postgres://[secret]' },
  ]) {
    const checked = await check(house, change);
    expect(checked.mistakes).toMatchObject([
      { path: change.path, message: expect.stringContaining('no secret') },
    ]);
    expect((await apply(house, checked.base, change)).status).toBe(422);
  }
  expect(house.file()).toBe(FILE);
});

test('who may write changes neither by its own path nor inside a bigger one', async () => {
  await using house = await openWith();
  for (const change of [
    { path: 'channels.telegram.allowFrom', value: ['555001', '666'] },
    { path: 'channels.telegram.allowFrom', unset: true },
    { path: 'channels.telegram', value: { enabled: false, allowFrom: ['666'] } },
    { path: 'channels.telegram.accounts.support.allowFrom', value: ['666'] },
  ]) {
    const checked = await check(house, change);
    expect(checked.mistakes).toMatchObject([{ message: 'who may write is not changed here' }]);
  }
  const open = [
    { path: 'channels.telegram.allowFrom', value: ['555001', '*'] },
    { path: 'channels.telegram.dmPolicy', value: 'open' },
  ];
  expect(await check(house, ...open)).toMatchObject({ valid: true });
});

test('nor by what an account inherits: a list of its own, or its own taken away', async () => {
  const own = { botToken: '3:canary-own', enabled: false, allowFrom: [] };
  const telegram = { enabled: false, botToken: TOKEN, allowFrom: ['555001', '555002', '555003'] };
  const accounts = { heir: { botToken: '2:canary-heir', enabled: false }, own };
  await using house = await openWith(JSON.stringify({ channels: { telegram: { ...telegram, accounts } } }));
  const at = 'channels.telegram.accounts';
  for (const [change, path] of [
    [{ path: `${at}.heir.allowFrom`, value: [] }, `${at}.heir.allowFrom`],
    [{ path: `${at}.own.allowFrom`, unset: true }, `${at}.own.allowFrom`],
    [{ path: `${at}.own`, value: { botToken: '3:x', enabled: false } }, `${at}.own.allowFrom`],
    // Told once, where it is written, and not again for each heir.
    [{ path: 'channels.telegram.allowFrom', unset: true }, 'channels.telegram.allowFrom'],
  ] as const) {
    const checked = await check(house, change);
    expect(checked.mistakes).toMatchObject([{ path, message: 'who may write is not changed here' }]);
    expect((await apply(house, checked.base, change)).status).toBe(422);
  }
  const more = { path: `${at}.more`, value: { botToken: { env: 'MORE' }, enabled: false } };
  expect(await check(house, more)).toMatchObject({ valid: true });
});

test.skipIf(process.platform === 'win32')(
  'a secret said to lie in a pipe nobody writes, or in a device, does not stop the gateway',
  async () => {
    await using house = await openWith();
    const pipe = join(house.home, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero', house.home]) {
      const checked = await check(house, { path: 'agent.apiKey', value: { file } });
      expect(checked.mistakes).toMatchObject([{ message: 'the file of this secret cannot be read' }]);
    }
  },
);

test.each([
  [{ path: 'channels.telegram.botToken.env', value: 'X' }, 'a secret is changed as a whole'],
  [{ path: 'channels.telegram.allowFrom[0]', value: '1' }, 'a list is changed as a whole'],
  [{ path: 'channels.telegram.allowFrom.0', value: '1' }, 'a list is changed as a whole'],
  [{ path: 'agent.modle', value: 'x' }, 'there is no key agent.modle'],
  [{ path: '][', value: 'x' }, 'there is no key ]['],
  [{ path: '__proto__.x', value: 'x' }, 'there is no key __proto__.x'],
  [
    { path: 'channels.telegram.accounts.constructor', value: {} },
    'there is no key channels.telegram.accounts.constructor',
  ],
  [{ path: 'agent.url', unset: true }, 'nothing is written here'],
])('refused: %j', async (change, message) => {
  await using house = await openWith();
  const checked = await check(house, change);
  expect(checked.mistakes.map((one) => one.message)).toEqual([message]);
  expect(checked.diff).toEqual([]);
  expect((await apply(house, checked.base, change)).status).toBe(422);
  expect(house.file()).toBe(FILE);
});

test('two changes of one place are refused, and a prototype key in a value is not taken in', async () => {
  await using house = await openWith();
  const twice = await check(house, { path: 'agent', value: {} }, { path: 'agent.model', value: 'x' });
  expect(twice.mistakes).toMatchObject([{ path: 'agent.model', message: 'this is changed twice' }]);
  const raw = '{"changes":[{"path":"bearer.audiences","value":{"__proto__":{"origins":[]}}}]}';
  expect((await house.call('host', 'POST', '/api/v1/config/check', raw)).status).toBe(400);
  const own = await check(house, { path: 'bearer.audiences', value: { constructor: { origins: [] } } });
  expect(own.valid).toBe(false);
});

test('without a proof nothing is written once an owner has a factor, and looking needs the right to manage', async () => {
  await using house = await openWith();
  expect((await house.call('tcp', 'POST', '/api/v1/config/check', { changes: [] })).status).toBe(401);
  expect((await house.call('tcp', 'GET', '/api/v1/config/text')).status).toBe(401);
});

test('a diff shows what goes before what comes, with three lines around and gaps in the numbers', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const after = [...lines];
  after.splice(1, 1, 'two');
  after.splice(18, 1);
  const diff = lineDiff(`${lines.join('\n')}\n`, `${after.join('\n')}\n`);
  expect(diff.map(({ kind, line }) => `${kind[0]}${line}`).join(' ')).toBe(
    's1 g2 n2 s3 s4 s5 s16 s17 s18 g19 s19',
  );
  expect(lineDiff('a\r\nb\r\n', 'a\nb\n')).toEqual([]);
  expect(lineDiff('', 'a\n')).toEqual([{ line: 1, kind: 'new', text: 'a' }]);
});
