// `people link` and `channels add` at a prompt nobody sits at: what to type next is said, and nothing secret is printed.
import { expect, test } from 'vitest';
import { countersign, makeHome, NOW, standIn } from '../fixtures/stand-in.ts';

const peer = { channel: 'telegram', account: 'default', identifier: '555001' };
const person = {
  id: 'prn_a',
  name: 'Ana',
  role: 'user',
  state: 'active',
  peers: [
    { ...peer, identifier: '1', ceiling: 'user', assurance: 'medium', blocked: false },
    {
      ...peer,
      account: 'support',
      ceiling: 'owner',
      assurance: 'low',
      blocked: false,
      accessUntil: new Date(NOW + 86_400_000).toISOString(),
      lastSeenAt: new Date(NOW - 120_000).toISOString(),
    },
  ],
  createdAt: new Date(NOW - 60_000).toISOString(),
};
const LINK = 'POST /api/v1/people/prn_a/link';

test('an offer says where the codes went and how to give them back', async () => {
  const home = makeHome();
  const sentTo = [{ ...peer, identifier: '1' }, peer];
  const expiresAt = new Date(NOW + 600_000).toISOString();
  const asked = await standIn(home, { [LINK]: { state: 'offered', person, peer, sentTo, expiresAt } });
  const { code, stdout, stderr } = await countersign(
    home,
    'people',
    'link',
    'prn_a',
    '@code',
    '--via',
    'telegram:1',
  );
  expect([code, stdout]).toEqual([0, 'asked: both chats of prn_a "Ana" must say so\n']);
  expect(stderr).toBe(
    'a code was sent to telegram:1 and telegram:555001; it ends in 10 minutes\n' +
      'hint: countersign people link prn_a telegram:555001 --codes <code of the first> <code of the second>\n',
  );
  expect(asked[0]?.body).toEqual({ peer: '@code', via: 'telegram:1' });
});

test('the lower of the role and the ceiling is said where they differ', async () => {
  const home = makeHome();
  const answer = { state: 'linked', person, peer, ceiling: 'owner', actsAs: 'user' };
  const asked = await standIn(home, { [LINK]: answer });
  const words = ['people', 'link', 'prn_a', 'telegram:555001', '--as', 'owner'];
  const { stdout, stderr } = await countersign(home, ...words);
  expect(stdout).toBe('linked: telegram:555001 is prn_a "Ana" now\n');
  expect(stderr).toBe(
    'it acts as user: the lower of their role (user) and what the chat may be (owner)\n' +
      'undo: countersign people unlink telegram:555001\n',
  );
  expect(asked[0]?.body).toEqual({ peer: 'telegram:555001', as: 'owner' });
  expect(JSON.parse((await countersign(home, ...words, '--json')).stdout)).toEqual(answer);
});

test.each([[['A']], [['A', 'B', 'C']]])('--codes %j is usage: there are two chats', async (codes) => {
  const { code, stderr } = await countersign(makeHome(), 'people', 'link', 'a', 'b:c', '--codes', ...codes);
  expect(code).toBe(2);
  expect(stderr).toContain('--codes takes two codes');
});

test('both codes go in the body, in the order typed', async () => {
  const home = makeHome();
  const asked = await standIn(home, {
    [LINK]: { state: 'linked', person, peer, ceiling: 'user', actsAs: 'user' },
  });
  await countersign(home, 'people', 'link', 'prn_a', 'telegram:555001', '--codes', 'ABCD2345', 'WXYZ6789');
  expect(asked[0]?.body).toEqual({ peer: 'telegram:555001', codes: ['ABCD2345', 'WXYZ6789'] });
});

test('unlinking the last chat of an owner is said', async () => {
  const home = makeHome();
  await standIn(home, { 'POST /api/v1/people/unlink': { unlinked: peer, person, lastOwnerChat: true } });
  const { stdout, stderr } = await countersign(home, 'people', 'unlink', 'telegram:555001');
  expect(stdout).toBe('unlinked: telegram:555001 is not prn_a "Ana" any more\n');
  expect(stderr).toContain('that was the last chat in which an owner could decide');
});

test('a person is shown with every chat: ceiling, assurance, end of access, last seen', async () => {
  const home = makeHome();
  await standIn(home, { 'GET /api/v1/people/prn_a': person });
  const { stdout } = await countersign(home, 'people', 'show', 'prn_a');
  expect(stdout.split('\n').slice(-4)).toEqual([
    '  CHAT                     AT MOST  ASSURANCE  LAST SEEN                            CALLS THEMSELVES',
    '  telegram:1               user     medium',
    '  telegram:support:555001  owner    low        2 minutes ago  access ends in 1 day',
    '',
  ]);
});

const ADDABLE = { items: [{ channel: 'telegram', needs: 'the token of a bot', fields: [] }] };

test('channels add: without a name what can be added; without a token the flags that give one', async () => {
  const home = makeHome();
  const asked = await standIn(home, { 'GET /api/v1/channels/addable': ADDABLE });
  expect((await countersign(home, 'channels', 'add')).stdout).toContain('telegram  the token of a bot');
  const { code, stderr } = await countersign(home, 'channels', 'add', 'telegram');
  expect(code).toBe(2);
  expect(stderr).toBe(
    'error: the token is missing, and nobody is here to type it\n' +
      'hint: countersign channels add telegram --token-env NAME, or --token-file PATH\n',
  );
  expect((await countersign(home, 'channels', 'add', 'discord')).code).toBe(2);
  expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
});

test('channels add: the name of the bot, and what comes next', async () => {
  const home = makeHome();
  const added = {
    channel: 'telegram',
    account: 'support',
    path: '/h/c.jsonc',
    login: '@the_bot',
    tokenFrom: 'env',
  };
  const asked = await standIn(home, {
    'GET /api/v1/channels/addable': ADDABLE,
    'POST /api/v1/channels': { ...added, running: true },
  });
  const words = ['channels', 'add', 'telegram', '--account', 'support', '--token-env', 'BOT', '--no-check'];
  const { code, stdout, stderr } = await countersign(home, ...words);
  expect([code, stdout]).toEqual([0, '@the_bot is yours\ntelegram:support is in /h/c.jsonc\n']);
  expect(stderr).toContain('countersign people link <you> <code> --as owner');
  expect(stderr).toContain('countersign pairing approve telegram --account support <code>');
  const body = {
    channel: 'telegram',
    account: 'support',
    token: { env: 'BOT' },
    localApi: false,
    check: false,
  };
  expect(asked.at(-1)?.body).toEqual(body);
});

test('gateway status: words that wait, and accounts with trouble', async () => {
  const home = makeHome();
  const row = { account: 'default', enabled: true, dmPolicy: 'pairing' };
  await standIn(home, {
    'GET /api/v1/gateway': {
      ...{ version: '1', pid: 7, running: true, home, addresses: [], store: 's', owned: true, agent: 'echo' },
      ...{ isolation: 0, testEndpoints: false, ui: 'built', pendingPairings: 1 },
      channels: [
        { ...row, channel: 'webchat', state: 'connected' },
        { ...row, channel: 'telegram', state: 'retrying', detail: 'Telegram does not know this bot token' },
        { ...row, channel: 'telegram', account: 'support', state: 'connected' },
      ],
    },
  });
  const { stdout, stderr } = await countersign(home, 'gateway', 'status');
  expect(stdout).toContain('waiting    1 message held, pairing pending');
  expect(stderr).toBe(
    'hint: countersign pairing list shows who is waiting\n' +
      'hint: telegram is retrying: Telegram does not know this bot token; countersign channels status --probe\n' +
      'hint: nothing came in from telegram:support since it was started; write to it, or countersign channels status --probe\n',
  );
});

test.each([
  [{ pendingPairings: 0 }, 'waiting    nobody', ''],
  [{ pendingPairings: 0, pendingApprovals: 1 }, 'waiting    1 request for approval', 'approvals list'],
  [
    { pendingPairings: 2, pendingApprovals: 3 },
    'waiting    2 messages held, pairings pending; 3 requests for approval',
    'approvals list',
  ],
])('gateway status: who waits: %j', async (waiting, line, hint) => {
  const home = makeHome();
  await standIn(home, {
    'GET /api/v1/gateway': {
      ...{ version: '1', pid: 7, running: true, home, addresses: [], store: 's', owned: true, agent: 'echo' },
      ...{ isolation: 0, testEndpoints: false, ui: 'built', channels: [], ...waiting },
    },
  });
  const { stdout, stderr } = await countersign(home, 'gateway', 'status');
  expect(stdout.split('\n')).toContain(line);
  expect(stderr).toContain(hint);
});

test('channels add: what else a channel needs is asked for by name, and goes along as it was given', async () => {
  const home = makeHome();
  const fields = [
    { key: 'accountSid', needs: 'the Account SID', secret: false, optional: false },
    { key: 'signing', needs: 'the secret that signs', secret: true, optional: false },
    { key: 'extra', needs: 'nothing much', secret: false, optional: true },
  ];
  const added = {
    channel: 'twilio',
    account: 'default',
    path: '/h/c.jsonc',
    tokenFrom: 'env',
    running: true,
  };
  const asked = await standIn(home, {
    'GET /api/v1/channels/addable': { items: [{ channel: 'twilio', needs: 'the auth token', fields }] },
    'POST /api/v1/channels': {
      ...added,
      login: 'House',
      webhook: 'https://gate.example/webhooks/twilio/default',
    },
  });
  const words = ['channels', 'add', 'twilio', '--token-env', 'TOKEN'];
  const first = await countersign(home, ...words);
  expect([first.code, first.stderr]).toEqual([2, expect.stringContaining('--set accountSid=')]);
  const second = await countersign(home, ...words, '--set', 'accountSid=AC1');
  expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('--secret-env signing=NAME')]);
  const third = await countersign(home, ...words, '--set', 'accountSid', '--secret-env', 'signing=SIGNING');
  expect([third.code, third.stderr]).toEqual([2, expect.stringContaining('key=value')]);
  const good = await countersign(
    home,
    ...words,
    '--set',
    'accountSid=AC1=x',
    '--secret-env',
    'signing=SIGNING',
  );
  expect(good.code).toBe(0);
  expect(good.stderr).toContain('https://gate.example/webhooks/twilio/default');
  expect(asked.at(-1)?.body).toMatchObject({
    settings: { accountSid: 'AC1=x' },
    secrets: { signing: { env: 'SIGNING' } },
  });
});
