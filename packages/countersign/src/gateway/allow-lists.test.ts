// allowFrom in the file and the store: what a person sees in the file is true, what they do to it counts, and a slip of an
// editor changes nobody's access.
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ListsHouse, telegram } from '../testing/lists-house.ts';
import { HOST } from '../testing/world.ts';
import { Counters } from './counters.ts';
import { examine } from './doctor.ts';
import type { HousePorts } from './house.ts';

const SUPPORT = `, "accounts": { "support": { "botToken": "2:x" } }`;
const two = (list: readonly string[]) => telegram(list).replace('] }', `]${SUPPORT} }`);

test('an approval stands in the file when it returns, with every comment kept', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  await house.approves('555');
  expect(house.listed()).toEqual(['222', '555']);
  expect(house.text).toContain('// kept');
  expect(house.text).toContain('"222", // 222');
  expect(await house.mayTalk('555')).toBe(true);
});

test('an approval with writeConfig off leaves the file alone, and a revocation still clears it', async () => {
  const off = telegram(['222']).replace('"telegram"', '"pairing": { "writeConfig": false }, "telegram"');
  await using house = await ListsHouse.open({ text: off });
  await house.approves('555');
  expect(house.listed()).toEqual(['222']);
  await house.revokes('222');
  expect(house.listed()).toEqual([]);
  expect(await house.mayTalk('222')).toBe(false);
});

test('an entry we wrote grants nothing by itself: access that ran out is over, and the entry goes', async () => {
  await using house = await ListsHouse.open({ text: telegram([]) });
  await house.approves('555', 60_000);
  expect(house.listed()).toEqual(['555']);
  expect(await house.mayTalk('555')).toBe(true);
  house.clock.advance('2m');
  expect(house.listed()).toEqual(['555']);
  expect(await house.mayTalk('555')).toBe(false);
  await house.looks();
  expect(house.listed()).toEqual([]);
  expect(await house.events('allow_list.removed')).toEqual([]);
});

test('the first look at a list announces nobody, and all of it is by hand', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222', '333']) });
  await house.owns('1');
  expect(await house.told()).toEqual([]);
  expect(await house.events('allow_list.added')).toEqual([]);
  expect(house.letsIn()).toEqual(['222', '333']);
  expect(await house.mayTalk('222')).toBe(true);
});

test('one taken out by hand is revoked, whether approved, listed, or listed and never heard', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222', '333']) });
  expect(await house.mayTalk('222')).toBe(true);
  const approved = await house.approves('555');
  for (const left of [['333', '555'], ['555'], []]) {
    await house.saves(telegram(left));
    expect(house.listed()).toEqual(left);
  }
  for (const native of ['222', '333', '555']) expect(await house.mayTalk(native), native).toBe(false);
  expect(await house.store.pairings.get(approved.id)).toMatchObject({ state: 'revoked', decidedBy: 'file' });
  const removed = await house.events('allow_list.removed');
  expect(removed.map(({ body }) => body.actor)).toEqual(['file', 'file', 'file']);
  expect(removed.map(({ personal }) => personal?.data['identifier'])).toEqual(['222', '333', '555']);
});

test('one added by hand may talk, and the owners are told with the undo', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  await house.owns('1');
  await house.saves(telegram(['222', '333']));
  expect(await house.mayTalk('333')).toBe(true);
  const [told, ...more] = await house.told();
  expect(told).toMatch(
    /333 was added to allowFrom of telegram by hand.*Undo: countersign pairing revoke telegram 333/,
  );
  expect(more).toEqual([]);
  expect(await house.events('allow_list.added')).toHaveLength(1);
  await house.looks();
  expect(await house.told()).toEqual([]);
  await house.revokes('333');
  expect(house.listed()).toEqual(['222']);
  expect(await house.mayTalk('333')).toBe(false);
});

test('what we write ourselves is never announced, nor taken for a hand', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  await house.owns('1');
  await house.approves('555');
  await house.looks();
  await house.revokes('555');
  await house.looks();
  await house.revokes('222');
  await house.looks();
  expect((await house.told()).filter((text) => /by hand|at once/.test(text))).toEqual([]);
  for (const type of ['added', 'removed', 'held'])
    expect(await house.events(`allow_list.${type}`), type).toEqual([]);
});

test('half a list gone at once changes nothing, is announced once for each state, and ends when all are back', async () => {
  await using house = await ListsHouse.open({ text: telegram(['11', '22', '33', '44']) });
  await house.owns('1');
  await house.saves(telegram(['11']));
  await house.looks();
  for (const native of ['11', '22', '33', '44']) expect(await house.mayTalk(native), native).toBe(true);
  const told = await house.told();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /3 people are gone .* at once: 22, 33, 44.*config accept channels\.telegram\.allowFrom/,
  );
  expect(await house.config.pending()).toMatchObject([
    { path: 'channels.telegram.allowFrom', why: 'mass_removal', gone: ['22', '33', '44'], asked: ['11'] },
  ]);
  expect((await house.events('allow_list.held')).map(({ body }) => body.subject['gone'])).toEqual([3]);
  // One comes back, one more comes along: another state, told once, and nothing of it counts yet.
  await house.saves(telegram(['11', '22', '99']));
  expect(await house.told()).toHaveLength(1);
  expect(await house.mayTalk('99')).toBe(false);
  // Three of four are back, and the fourth is still nobody's decision.
  await house.saves(telegram(['11', '22', '33', '99']));
  expect(await house.mayTalk('44')).toBe(true);
  await house.saves(telegram(['11', '22', '33', '44', '99']));
  expect(await house.config.pending()).toEqual([]);
  expect(await house.mayTalk('99')).toBe(true);
  expect(await house.events('allow_list.removed')).toEqual([]);
});

test('a list that is held ends by revoking one by one, and takes nobody along', async () => {
  await using house = await ListsHouse.open({ text: telegram(['11', '22', '33', '44']) });
  await house.saves(telegram(['44']));
  for (const native of ['11', '22']) {
    await house.revokes(native);
    await house.looks();
    expect(await house.mayTalk(native), native).toBe(false);
  }
  expect(await house.mayTalk('33')).toBe(true);
  await house.revokes('33');
  await house.looks();
  expect(await house.config.pending()).toEqual([]);
  expect(await house.mayTalk('44')).toBe(true);
  await house.saves(telegram(['44', '55']));
  expect(await house.mayTalk('55')).toBe(true);
});

test('a list that is held ends by accepting it, also after a restart', async () => {
  let house = await ListsHouse.open({ text: telegram(['11', '22', '33']) });
  await house.approves('555');
  await house.saves(telegram(['33']));
  house = await house.restarts();
  await using open = house;
  expect(await open.mayTalk('11')).toBe(true);
  await open.config.accept('channels.telegram.allowFrom', HOST);
  for (const native of ['11', '22', '555']) expect(await open.mayTalk(native), native).toBe(false);
  expect(await open.mayTalk('33')).toBe(true);
  expect(await open.config.pending()).toEqual([]);
  expect((await open.events('allow_list.removed')).map(({ body }) => body.actor)).toEqual([
    'host',
    'host',
    'host',
  ]);
  expect(await open.events('config.accepted')).toMatchObject([{ body: { subject: { ended: 3 } } }]);
  await expect(open.config.accept('channels.telegram.allowFrom', HOST)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a file that is broken, empty of the account, or gone changes nothing', async () => {
  const text = telegram(['222']);
  await using house = await ListsHouse.open({ text });
  await house.approves('555');
  const before = house.text;
  for (const broken of ['{ "channels": ', '{ "chanels": {} }', '{}']) {
    await house.saves(broken);
    expect(await house.mayTalk('555'), broken).toBe(broken !== '{}');
  }
  rmSync(house.path);
  await house.looks();
  await house.saves(before);
  expect(await house.mayTalk('555')).toBe(true);
  expect(await house.mayTalk('222')).toBe(true);
  for (const type of ['added', 'removed', 'held'])
    expect(await house.events(`allow_list.${type}`), type).toEqual([]);
});

test('an account that vanished and comes back is as it was; what was decided meanwhile is written then', async () => {
  const text = telegram(['222']);
  await using house = await ListsHouse.open({ text });
  await house.approves('555');
  const before = house.text;
  await house.saves('{ "agent": { "kind": "echo" } }');
  await house.revokes('555');
  expect(await house.file.owed()).toMatchObject({ count: 1, why: expect.stringContaining('telegram') });
  await house.saves(before);
  expect(house.listed()).toEqual(['222']);
  expect(await house.mayTalk('555')).toBe(false);
  expect(await house.events('allow_list.added')).toEqual([]);
});

test('a list that two accounts share counts for each, and an approval at one lets nobody in at the other', async () => {
  await using house = await ListsHouse.open({ text: two(['222', '333', '444']) });
  expect(house.letsIn('support')).toEqual(['222', '333', '444']);
  await house.approves('555', null, 'support');
  expect(house.listed('support')).toEqual(['222', '333', '444', '555']);
  expect(house.listed()).toEqual(['222', '333', '444']);
  expect(await house.mayTalk('555')).toBe(false);
  expect(await house.mayTalk('555', 'support')).toBe(true);
  await house.looks();
  expect(await house.events('allow_list.added')).toEqual([]);
});

test('one taken out of a shared list loses every account that reads it', async () => {
  await using house = await ListsHouse.open({ text: two(['222', '333', '444']) });
  expect(await house.mayTalk('333', 'support')).toBe(true);
  await house.saves(two(['222', '444']));
  expect(await house.mayTalk('333')).toBe(false);
  expect(await house.mayTalk('333', 'support')).toBe(false);
  expect(await house.events('allow_list.removed')).toHaveLength(2);
  await house.saves(two([]));
  expect(await house.events('allow_list.removed')).toHaveLength(6);
});

test('a shared list that lost much at once is held for each account, and one word accepts it for all', async () => {
  await using house = await ListsHouse.open({ text: two(['222', '333', '444']) });
  await house.saves(two([]));
  expect(await house.config.pending()).toMatchObject([{ account: 'default' }, { account: 'support' }]);
  await house.config.accept('channels.telegram.allowFrom', HOST);
  expect(await house.config.pending()).toEqual([]);
  expect(await house.mayTalk('222', 'support')).toBe(false);
});

test('"*" is passed through and remembered as nobody', async () => {
  const open = telegram(['222']).replace('"pairing"', '"open"').replace('"222", // 222', '"*", "222"');
  await using house = await ListsHouse.open({ text: open });
  expect(house.letsIn()).toEqual(['*', '222']);
  const seen = await house.store.allowLists.seen('telegram', 'default');
  expect(seen).toEqual([{ native: '222', origin: 'hand' }]);
  expect(await house.mayTalk('777')).toBe(true);
});

test('a blocked person who is added by hand gets nothing, and doctor says why', async () => {
  await using house = await ListsHouse.open({ text: telegram([]) });
  const { id } = await house.asks('555');
  await house.core.pairings.block(id, HOST);
  await house.saves(telegram(['555']));
  expect(await house.mayTalk('555')).toBe(false);
  expect(await doctorOn(house)).toContainEqual(
    expect.objectContaining({ message: 'telegram:555 is listed and blocked: the entry grants nothing' }),
  );
});

test('a file that cannot be written keeps nobody out and lets nobody in, is told once, and catches up', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  const good = house.text;
  writeFileSync(house.path, '{ broken');
  await house.approves('555');
  expect(await house.mayTalk('555')).toBe(true);
  await house.revokes('222');
  expect(await house.mayTalk('222')).toBe(false);
  await house.file.settle();
  const [row] = (await doctorOn(house)).filter(({ name }) => name === 'allowFrom');
  expect(row?.message).toMatch(/^2 changes to allowFrom wait: /);
  expect(await house.events('allow_list.not_written')).toMatchObject([
    { body: { outcome: 'failed', reason: 'config_invalid' } },
  ]);
  expect(readFileSync(house.path, 'utf8')).toBe('{ broken');
  await house.saves(good);
  expect(house.listed()).toEqual(['555']);
  expect(await house.mayTalk('222')).toBe(false);
  expect(await house.file.owed()).toEqual({ count: 0, why: null });
  expect(await house.events('allow_list.added')).toEqual([]);
});

test('a file made read-only is left alone, and written once it may be', async () => {
  await using house = await ListsHouse.open({ text: telegram([]) });
  chmodSync(house.path, 0o400);
  await house.approves('555');
  expect(house.listed()).toEqual([]);
  expect(await house.file.owed()).toEqual({ count: 1, why: 'the configuration is read-only' });
  expect(await doctorOn(house)).toContainEqual(
    expect.objectContaining({ message: '1 change to allowFrom waits: the configuration is read-only' }),
  );
  chmodSync(house.path, 0o600);
  await house.looks();
  expect(house.listed()).toEqual(['555']);
});

test('an editor that was saving when we wrote overwrites nobody: it is written again', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  const stale = house.text;
  await house.approves('555');
  writeFileSync(house.path, stale);
  await house.looks();
  expect(house.listed()).toEqual(['222', '555']);
  expect(await house.mayTalk('555')).toBe(true);
  const before = house.text;
  house.clock.advance('10s');
  await house.revokes('555');
  writeFileSync(house.path, before);
  expect(await house.mayTalk('555')).toBe(false);
  await house.looks();
  expect(house.listed()).toEqual(['222']);
  expect(await house.events('allow_list.added')).toEqual([]);
  expect(await house.events('allow_list.removed')).toEqual([]);
});

test('revoked right after an editor saved over the approval: neither a look nor the editor brings them back', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  const stale = house.text;
  await house.approves('555');
  const approved = house.text;
  writeFileSync(house.path, stale);
  await house.revokes('555');
  const { mtimeMs } = statSync(house.path);
  await house.looks();
  expect(statSync(house.path).mtimeMs).toBe(mtimeMs);
  expect(house.listed()).toEqual(['222']);
  expect(await house.mayTalk('555')).toBe(false);
  writeFileSync(house.path, approved);
  await house.looks();
  expect(house.listed()).toEqual(['222']);
  expect(await house.mayTalk('555')).toBe(false);
});

test('two programs that undo each other do not do so for ever: later, the file is a person’s word', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  const stale = house.text;
  await house.approves('555');
  house.clock.advance('1500ms');
  writeFileSync(house.path, stale);
  await house.looks();
  expect(house.listed()).toEqual(['222', '555']);
  house.clock.advance('1s');
  writeFileSync(house.path, stale);
  await house.looks();
  expect(house.listed()).toEqual(['222']);
  expect(await house.mayTalk('555')).toBe(false);
});

test('config set of a list counts as a hand’s: who is new is told, who is gone is revoked', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  await house.owns('1');
  house.clock.advance('10s');
  await house.config.set('channels.telegram.allowFrom', ['333']);
  expect(await house.mayTalk('222')).toBe(false);
  expect(await house.mayTalk('333')).toBe(true);
  expect(await house.told()).toHaveLength(1);
  expect(await house.events('config.changed')).toHaveLength(1);
});

async function doctorOn(house: ListsHouse) {
  const ports: Pick<HousePorts, 'config' | 'configValid' | 'pending' | 'allow' | 'clock' | 'agentDescribe'> =
    {
      config: () => house.config.current,
      configValid: () => ({ mistakes: house.config.mistakes }),
      pending: () => house.config.pending(),
      allow: {
        owed: () => house.file.owed(),
        listedButBlocked: () => house.lists.listedButBlocked(),
      },
      clock: house.clock,
      agentDescribe: () => 'echo',
    };
  return examine({
    ...ports,
    store: house.store,
    home: {
      root: house.home,
      store: house.home,
      keys: house.home,
      run: house.home,
      agentGid: null,
      agentSocket: house.home,
    },
    openclaw: () => null,
    version: '0',
    startedAt: null,
    pid: 1,
    addresses: () => [],
    claim: { isOwned: async () => true },
    channels: { list: () => [], probe: async () => [] },
    pages: { built: true },
    counters: new Counters(),
    audit: { verify: async () => ({ ok: true, events: 0, heads: [] }) },
    stop: null,
  });
}
