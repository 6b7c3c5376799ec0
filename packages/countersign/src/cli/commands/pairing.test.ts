// The people at the door. H01-H03: what is decided on is the id that was found and shown, never a name. R22: nothing is
// ever decided on because it happens to be the latest.
import { expect, test } from 'vitest';
import { CHANNELS, countersign, makeHome, NOW, pairingRow, standIn } from '../fixtures/stand-in.ts';

const LIST = 'GET /api/v1/pairings';
const FIND = 'POST /api/v1/pairings/find';
const row = pairingRow();
const APPROVE = `POST /api/v1/pairings/${row.id}/approve`;
const world = (found: unknown, answers: Record<string, unknown> = {}) => ({
  'GET /api/v1/channels': CHANNELS,
  [FIND]: found,
  [APPROVE]: { ...row, state: 'approved' },
  ...answers,
});

test('the list is grouped by channel: who, code, how long ago, first words', async () => {
  const home = makeHome();
  const items = [
    pairingRow({ channel: 'whatsapp', identifier: '+15555550123' }),
    pairingRow({ username: 'ana', displayName: 'Ana', firstWords: 'hello there', code: 'XYZ-789-GHJ' }),
    pairingRow({ channel: 'whatsapp', identifier: '200000000000777@lid', alias: '+15555550124' }),
    pairingRow({ channel: 'whatsapp', identifier: '200000000000778@lid', hidden: true }),
    pairingRow({ account: 'support', identifier: '77', state: 'waiting' }),
  ];
  await standIn(home, { [LIST]: { items } });
  const { code, stdout, stderr } = await countersign(home, 'pairing', 'list');
  expect(code).toBe(0);
  expect(stdout).toBe(`Pending pairing requests:

whatsapp:
  +15555550123 - Code: ABC-123-DEF - Requested: 2 minutes ago
  200000000000777@lid, +15555550124 - Code: ABC-123-DEF - Requested: 2 minutes ago
  200000000000778@lid, number hidden - Code: ABC-123-DEF - Requested: 2 minutes ago

telegram:
  123456789 (@ana) "Ana" - Code: XYZ-789-GHJ - Requested: 2 minutes ago - "hello there"

telegram (account support):
  77 - State: waiting - Requested: 2 minutes ago
`);
  expect(stderr).toBe('hint: countersign pairing approve <channel> <code>, or deny\n');
});

test('R67: names and words of a stranger stay quoted, escaped, short and on their line', async () => {
  const home = makeHome();
  const nasty = `x\u001b[2J\n" approved \u202e${'é'.repeat(100)}`;
  await standIn(home, {
    [LIST]: { items: [pairingRow({ displayName: nasty, username: nasty, firstWords: 'p\u0430y\u200b ' })] },
  });
  const { stdout } = await countersign(home, 'pairing', 'list');
  const [, , , line = '', ...rest] = stdout.split('\n');
  expect(rest).toEqual(['']);
  expect(line).toMatch(/^ {2}123456789 \(@x\\u\{001B\}/);
  expect(line).toContain('\\u{000A}\\" approved \\u{202E}é');
  expect(line).toContain('"p\u0430y\\u{200B}\\x20"');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the point.
  expect(line).not.toMatch(/[\u0000-\u001f\u200b\u202e]/);
  expect(line.match(/é/g)?.length).toBeLessThan(2 * 64);
});

test('an empty list says so, and what comes next', async () => {
  const home = makeHome();
  await standIn(home, { [LIST]: { items: [] } });
  const { stdout, stderr, code } = await countersign(home, 'pairing', 'list');
  expect([code, stdout]).toEqual([0, 'nobody is waiting\n']);
  expect(stderr).toMatch(/^hint: /);
});

test('P-09: --json prints the rows as they are, all pages as one', async () => {
  const home = makeHome();
  const asked = await standIn(home, { [LIST]: { items: [row] } });
  const { stdout } = await countersign(
    home,
    'pairing',
    'list',
    'telegram',
    '--approved',
    '--account',
    'support',
    '--json',
  );
  expect(JSON.parse(stdout)).toEqual({ items: [row] });
  expect(asked[0]?.path).toBe('/api/v1/pairings?limit=500&channel=telegram&account=support&show=approved');
});

test.each([
  [['telegram', 'ABC-123-DEF'], { what: 'ABC-123-DEF', channel: 'telegram' }],
  [['ABC-123-DEF'], { what: 'ABC-123-DEF' }],
  [['telegram', '<abc', '123', 'def>'], { what: '<abc 123 def>', channel: 'telegram' }],
  [['abc', '123', 'def'], { what: 'abc 123 def' }],
  [['telegrm', 'ABC-123-DEF'], { what: 'ABC-123-DEF', channel: 'telegrm' }],
])('P-11: approve %j looks for %j', async (args, wanted) => {
  const home = makeHome();
  const asked = await standIn(home, world({ pairing: row, by: 'code' }));
  const { code } = await countersign(home, 'pairing', 'approve', ...args);
  expect(code).toBe(0);
  expect(asked.find(({ path }) => path.endsWith('/find'))?.body).toEqual(wanted);
});

test('approve says who may talk now and how to undo it', async () => {
  const home = makeHome();
  const accessUntil = new Date(NOW + 30 * 86_400_000).toISOString();
  const approved = pairingRow({ state: 'approved', accessUntil, account: 'support', identifier: 'a b' });
  const asked = await standIn(home, world({ pairing: row, by: 'code' }, { [APPROVE]: approved }));
  const session = await countersign(
    home,
    'pairing',
    'approve',
    'telegram',
    'ABC-123-DEF',
    '--for',
    '30d',
    '--name',
    'Ana',
  );
  expect(session).toEqual({
    code: 0,
    stdout: 'approved: telegram a b may now talk to the agent; access ends in 30 days\n',
    stderr: "undo: countersign pairing revoke telegram 'a b' --account support\n",
  });
  expect(asked.at(-1)?.body).toEqual({ for: '30d', name: 'Ana' });
});

test('H01: found by a name, the id is shown and nothing happens without a yes', async () => {
  const home = makeHome();
  const found = { pairing: pairingRow({ username: 'ana' }), by: 'username' };
  const asked = await standIn(home, world(found));
  const refused = await countersign(home, 'pairing', 'approve', 'telegram', '@ana');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toBe(`that name is used by telegram 123456789 (@ana)
error: a name can change hands, and this one is telegram 123456789 now
hint: add --yes, or use the id: countersign pairing approve telegram 123456789
`);
  expect(asked.map(({ path }) => path)).not.toContain(`/api/v1/pairings/${row.id}/approve`);
  const agreed = await countersign(home, 'pairing', 'approve', 'telegram', '@ana', '--yes');
  expect(agreed.code).toBe(0);
});

test.each([[['approve']], [['deny', 'telegram']], [['block']]])(
  'R22: %j without a terminal picks nobody, exit 2',
  async (args) => {
    const home = makeHome();
    const asked = await standIn(home, world({ pairing: row, by: 'code' }));
    const { code, stderr } = await countersign(home, 'pairing', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain('code-or-identifier');
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
  },
);

test('a duration that is none is refused before anything is asked', async () => {
  const home = makeHome();
  const asked = await standIn(home, world({ pairing: row, by: 'code' }));
  const { code, stderr } = await countersign(home, 'pairing', 'approve', 'telegram', 'ABC', '--for', 'ever');
  expect([code, asked]).toEqual([2, []]);
  expect(stderr).toContain('--for takes a number and a unit');
});

test('reset asks nobody through a pipe: exit 2 naming --yes', async () => {
  const home = makeHome();
  const asked = await standIn(home, { 'POST /api/v1/pairings/reset': { removed: 2 } });
  const refused = await countersign(home, 'pairing', 'reset', 'telegram');
  expect([refused.code, asked]).toEqual([2, []]);
  expect(refused.stderr).toContain('hint: add --yes');
  const done = await countersign(home, 'pairing', 'reset', 'telegram', '--yes');
  expect(done).toMatchObject({ code: 0, stdout: '2 requests were forgotten\n' });
  expect(asked[0]?.body).toEqual({ channel: 'telegram' });
});
