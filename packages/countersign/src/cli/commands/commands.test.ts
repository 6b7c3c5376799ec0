import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countersign, makeHome, NOW, standIn } from '../fixtures/stand-in.ts';

const event = (n: number) => ({
  id: `evt_${n}`,
  writer: 'wri_a',
  seq: n,
  at: new Date(NOW - 60_000).toISOString(),
  type: 'pairing.approved',
  actor: 'host',
  outcome: 'ok',
  subject: { pairing: 'pair_a', account: null },
  personal: { name: 'A\u202ena' },
  hash: `hash${n}`,
});

/** The heads, then two events: as the gateway exports them. */
const EXPORT = [
  { format: 'countersign.audit.export.v1', heads: [{ writer: 'wri_a', seq: 2, hash: 'hash2' }] },
  { body: { writer: 'wri_a', seq: 1 }, hash: 'hash1', personal: null },
  { body: { writer: 'wri_a', seq: 2 }, hash: 'hash2', personal: null },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

test('a chain that does not verify ends with 17 and says where it breaks', async () => {
  const home = makeHome();
  const verdict = {
    ok: false,
    events: 3,
    heads: [],
    broken: { writer: 'wri_a', seq: 2, why: 'the hash does not fit' },
  };
  await standIn(home, { 'GET /api/v1/audit/verify': verdict });
  const { code, stderr } = await countersign(home, 'audit', 'verify');
  expect(code).toBe(17);
  expect(stderr).toContain('error: the chain breaks at wri_a 2: the hash does not fit');
  const json = await countersign(home, 'audit', 'verify', '--json');
  expect([json.code, JSON.parse(json.stdout)]).toEqual([17, verdict]);
});

test('R66: a store that holds less than the gateway kept beside its keys ends with 17 and says what that means', async () => {
  const home = makeHome();
  const broken = { writer: 'wri_a', seq: 7, why: 'head' };
  await standIn(home, { 'GET /api/v1/audit/verify': { ok: false, events: 5, heads: [], broken } });
  const { code, stderr } = await countersign(home, 'audit', 'verify');
  expect(code).toBe(17);
  expect(stderr).toContain('error: event 7 of wri_a was there and is gone');
  expect(stderr).toContain('remove keys/audit-head.json');
});

test('R66: a head noted earlier that is gone means a cut or replaced chain', async () => {
  const home = makeHome();
  const verdict = { ok: true, events: 2, heads: [{ writer: 'wri_a', seq: 2, hash: 'hash2' }] };
  await standIn(home, {
    'GET /api/v1/audit/verify': verdict,
    'GET /api/v1/audit/export': EXPORT,
  });
  expect((await countersign(home, 'audit', 'verify', '--head', 'hash2')).code).toBe(0);
  expect((await countersign(home, 'audit', 'verify', '--head', 'hash1')).code).toBe(0);
  const gone = await countersign(home, 'audit', 'verify', '--head', 'hash9', '--json');
  expect([gone.code, JSON.parse(gone.stdout).ok]).toEqual([17, false]);
});

test.each([
  [EXPORT, 0],
  [EXPORT.replace('hash1', 'hash8'), 17],
  [`${EXPORT}{"body":{"writer":"wri_a","seq":3},"hash":"hash3"}\n`, 17],
  ['', 2],
  ['no export', 2],
])('R66: an export kept elsewhere is a witness (%#)', async (kept, code) => {
  const home = makeHome();
  await standIn(home, {
    'GET /api/v1/audit/verify': { ok: true, events: 2, heads: [] },
    'GET /api/v1/audit/export': EXPORT,
  });
  const file = join(home, 'kept.ndjson');
  writeFileSync(file, kept);
  expect((await countersign(home, 'audit', 'verify', '--against', file)).code).toBe(code);
});

test('an export is one event a line, in a file of the owner alone, and nothing half-written is left', async () => {
  const home = makeHome();
  await standIn(home, { 'GET /api/v1/audit/export': EXPORT });
  const file = join(home, 'audit.ndjson');
  const { code, stdout } = await countersign(home, 'audit', 'export', file);
  expect([code, stdout]).toEqual([0, `2 events in ${file}\n`]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toBe(EXPORT);
  expect(readdirSync(home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  // The older one may hold what is gone since.
  expect(await countersign(home, 'audit', 'export', file)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--force'),
  });
  expect((await countersign(home, 'audit', 'export', file, '--force')).code).toBe(0);
  expect((await countersign(home, 'audit', 'export')).stdout).toBe(EXPORT);
});

test('the list of events is escaped', async () => {
  const home = makeHome();
  await standIn(home, { 'GET /api/v1/audit': { items: [event(1)], next: 'cursor' } });
  const { stdout, stderr } = await countersign(home, 'audit', 'list');
  expect(stdout).toContain(
    '1 minute ago  pairing.approved  host  ok       pairing=pair_a name="A\\u{202E}na"',
  );
  expect(stderr).toBe('hint: older ones: countersign audit list --after cursor\n');
});

test('a bare word is no JSON: the hint can be pasted', async () => {
  const { code, stderr } = await countersign(
    makeHome(),
    'config',
    'set',
    'channels.telegram.dmPolicy',
    'pairing',
  );
  expect(code).toBe(2);
  expect(stderr).toContain(`countersign config set channels.telegram.dmPolicy '"pairing"'`);
});

test('config get prints the value, as JSON', async () => {
  const home = makeHome();
  await standIn(home, { 'GET /api/v1/config': { path: 'a', value: ['+15555550123'] } });
  expect((await countersign(home, 'config', 'get', 'a', '--json')).stdout).toBe('["+15555550123"]\n');
});

test('without a gateway the file is judged where it is, and nothing is made', async () => {
  const home = makeHome();
  const good = await countersign(home, 'config', 'validate', '--json');
  expect([good.code, JSON.parse(good.stdout)]).toEqual([
    0,
    { valid: true, path: join(home, 'countersign.jsonc') },
  ]);
  writeFileSync(join(home, 'countersign.jsonc'), '{ "gateway": { "prot": 1, "listen": 7 } }', {
    mode: 0o600,
  });
  const bad = await countersign(home, 'config', 'validate');
  expect(bad.code).toBe(10);
  expect(bad.stderr).toContain('gateway.prot: there is no such key');
  expect(bad.stderr).toContain('gateway.listen');
  expect(readdirSync(home).sort()).toEqual(['countersign.jsonc', 'run']);
});

test('logs are printed for people, escaped; under --json as they are', async () => {
  const home = makeHome();
  mkdirSync(join(home, 'logs'));
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-11-20T12:00:01.000Z',
    event: 'x.y',
    name: 'a\u202eb',
    n: 3,
  });
  writeFileSync(join(home, 'logs', 'gateway.log'), `${line}\nno json\u001b[2J\n`);
  expect((await countersign(home, 'logs')).stdout).toBe(
    '12:00:01 warn  x.y name="a\\u{202E}b" n=3\nno json\\u{001B}[2J\n',
  );
  expect((await countersign(home, 'logs', '--json')).stdout).toBe(`${line}\nno json\u001b[2J\n`);
});

test('doctor: an error found is exit 10, warnings are not', async () => {
  const home = makeHome();
  const items = [
    { name: 'modes', level: 'ok', message: 'fine' },
    { name: 'scope', level: 'warning', message: 'shared', hint: 'change it' },
  ];
  await standIn(home, { 'GET /api/v1/doctor': { items } });
  const fine = await countersign(home, 'doctor');
  expect(fine).toMatchObject({
    code: 0,
    stdout: 'ok      modes: fine\nwarning scope: shared\n        hint: change it\n',
  });
});

test('claim of an owned gateway is exit 13; the link of a free one is the only thing on stdout', async () => {
  const home = makeHome();
  const expiresAt = new Date(NOW + 600_000).toISOString();
  await standIn(home, { 'POST /api/v1/claim/link': { url: 'http://localhost:8787/#claim=x', expiresAt } });
  const { stdout, stderr, code } = await countersign(home, 'claim');
  expect([code, stdout]).toEqual([0, 'http://localhost:8787/#claim=x\n']);
  expect(stderr).toContain('ends in 10 minutes');
  const owned = makeHome();
  await standIn(owned, { 'POST /api/v1/claim/link': { code: 'already_owned', status: 409, title: 'owned' } });
  expect((await countersign(owned, 'claim')).code).toBe(13);
});

test('no gateway: status says so and stop has nothing to do, both exit 0', async () => {
  const home = join(makeHome(), 'none');
  expect(await countersign(home, 'gateway', 'status', '--json')).toMatchObject({
    code: 0,
    stdout: `${JSON.stringify({ running: false, home })}\n`,
  });
  expect(await countersign(home, 'gateway', 'stop')).toMatchObject({
    code: 0,
    stdout: 'no gateway is running\n',
  });
});

test('forgetting asks first; the person is named in the question', async () => {
  const home = makeHome();
  const person = {
    id: 'prn_a',
    name: 'Ana',
    role: 'user',
    state: 'active',
    peers: [],
    createdAt: new Date(NOW).toISOString(),
  };
  const asked = await standIn(home, {
    'GET /api/v1/people/prn_a': person,
    'POST /api/v1/people/prn_a/forget': { forgotten: 'prn_a' },
  });
  const refused = await countersign(home, 'people', 'forget', 'prn_a');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('forget prn_a "Ana" for good?');
  expect(asked.map(({ method }) => method)).toEqual(['GET']);
  expect((await countersign(home, 'people', 'forget', 'prn_a', '--yes')).stdout).toBe('prn_a is forgotten\n');
});

test('the audit of one session: what was asked for stands in no line, and moments are times', async () => {
  const home = makeHome();
  const minted = {
    ...event(1),
    type: 'bearer.minted',
    subject: { session: 'ses_a', jti: 'j1', expiresAt: NOW },
    personal: null,
  };
  await standIn(home, { 'GET /api/v1/audit': { items: [minted] } });
  const { stdout } = await countersign(home, 'audit', 'list', '--session', 'ses_a');
  expect(stdout).toContain('jti=j1');
  expect(stdout).toContain(`expiresAt=${new Date(NOW).toISOString()}`);
  expect(stdout).not.toContain('session=');
  expect((await countersign(home, 'audit', 'list')).stdout).toContain('session=ses_a');
  const json = await countersign(home, 'audit', 'list', '--session', 'ses_a', '--json');
  expect(JSON.parse(json.stdout).items[0].subject.expiresAt).toBe(NOW);
});
