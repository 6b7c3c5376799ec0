// H54, R42, R65: what is told of a run, by whom, and what becomes of one of which nothing is told. A report changes no right.
import { expect, test } from 'vitest';
import { grantHouse } from '../../testing/grant-house.ts';
import { testGrants } from '../../testing/grants.ts';
import { outcomeText } from './card-text.ts';

test('H54: nothing is told of a run that nobody redeemed, and owners hear who tried', async () => {
  await using on = await grantHouse();
  const { view } = await on.approved();
  const grant = view.run?.grant ?? '';
  const finished = { what: 'finished', exitCode: 0, signal: null } as const;
  for (const [id, reason] of [
    [grant, 'not_redeemed'],
    [`grant_${'a'.repeat(32)}`, 'unknown'],
    ['nothing', 'unknown'],
  ] as const)
    await expect(on.grants.report({ grant: id, ...finished }, on.me)).rejects.toMatchObject({
      code: 'grant_invalid',
      members: { reason },
    });
  expect(await on.state(view)).toBe('approved');
  expect(await on.bench.events('approval.finished')).toEqual([]);
  expect(on.bench.told.filter((line) => line.includes('(not_redeemed)'))).toHaveLength(1);
});

test('R65: requested, decided, redeemed, started, finished: each names the request, and the grant from the yes on', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  const id = view.run?.grant ?? '';
  await on.grants.redeem(grant, on.me);
  await on.grants.report({ grant: id, what: 'started' }, on.me);
  await on.grants.report({ grant: id, what: 'running' }, on.me);
  const ended = { exitCode: 3, signal: null, outputDigest: 'cd'.repeat(32), outputSize: 9 };
  await on.grants.report({ grant: id, what: 'finished', ...ended, output: 'secret' }, on.me);
  const events = await on.bench.events('approval.');
  expect(events.map(({ type }) => type)).toEqual([
    'approval.requested',
    'approval.approved',
    'approval.redeemed',
    'approval.started',
    'approval.finished',
  ]);
  const { requestDigest } = view.request;
  for (const { subject } of events)
    expect(subject).toMatchObject({ approval: view.request.id, requestDigest });
  const [requested, decided, ...ran] = events;
  expect(requested?.subject).not.toHaveProperty('grant');
  expect(decided?.subject).toMatchObject({ grant: id, surface: 'page', factors: [] });
  for (const { subject, actor } of ran) {
    expect(subject).toMatchObject({ grant: id });
    expect(actor).toBe(on.bench.token);
  }
  const { signal: _, ...numbers } = ended;
  expect(events.at(-1)?.subject).toMatchObject(numbers);
  // What it printed stands nowhere but in its own row, and there only where the owner keeps it.
  expect(JSON.stringify(events)).not.toContain('secret');
  expect((await on.bench.approvals.get(view.request.id)).run?.end?.output).toBeNull();
});

test('H44: another content ran than was approved: it stands in its row, and owners, approvers and the requester’s chat hear of it', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  await on.grants.redeem(grant, on.me);
  const id = view.run?.grant ?? '';
  const finished = { grant: id, what: 'finished', exitCode: null, signal: 'SIGKILL' } as const;
  const before = on.bench.told.length;
  for (let tries = 0; tries < 2; tries += 1)
    await on.grants.report({ ...finished, changed: 'script' }, on.me);
  const told = on.bench.told.slice(before);
  expect(told).toHaveLength(2);
  expect(told.join(' ')).toContain(`The script of ${view.request.short}`);
  const { request, run } = await on.bench.approvals.get(view.request.id);
  expect(run?.end).toMatchObject({ signal: 'SIGKILL', changed: 'script' });
  expect((await on.bench.events('approval.finished')).map(({ subject }) => subject)).toMatchObject([
    { changed: 'script' },
  ]);
  const how = { state: 'finished', by: null, reason: null, answered: null, changed: 'script' } as const;
  expect(outcomeText(request, how)).toContain('a script that ran is not what was approved');
  // Told later that it was all as approved, it would be another story.
  await expect(on.grants.report(finished, on.me)).rejects.toMatchObject({ members: { reason: 'over' } });
});

test('what a command printed is kept where the owner wants it', async () => {
  await using on = await grantHouse({ keepsOutput: true });
  const { view, grant } = await on.approved();
  await on.grants.redeem(grant, on.me);
  const id = view.run?.grant ?? '';
  await on.grants.report(
    { grant: id, what: 'finished', exitCode: 0, signal: null, output: 'the end' },
    on.me,
  );
  expect((await on.bench.approvals.get(view.request.id)).run?.end?.output).toBe('the end');
});

test('a report whose answer was lost is told again and changes nothing; another story is refused', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  await on.grants.redeem(grant, on.me);
  const id = view.run?.grant ?? '';
  const started = { grant: id, what: 'started' } as const;
  const finished = { grant: id, what: 'finished', exitCode: null, signal: 'SIGTERM' } as const;
  for (const report of [started, started, finished, finished, started]) await on.grants.report(report, on.me);
  expect(await on.bench.events('approval.started')).toHaveLength(1);
  expect(await on.bench.events('approval.finished')).toHaveLength(1);
  for (const other of [
    { ...finished, exitCode: 0, signal: null },
    { grant: id, what: 'failed', why: 'x' } as const,
  ])
    await expect(on.grants.report(other, on.me)).rejects.toMatchObject({ members: { reason: 'over' } });
});

test('H54: what was told to have started is not told away: a later "failed" is refused, and owners hear of it', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  const id = view.run?.grant ?? '';
  await on.grants.redeem(grant, on.me);
  await on.grants.report({ grant: id, what: 'started' }, on.me);
  await expect(
    on.grants.report({ grant: id, what: 'failed', why: 'it never ran' }, on.me),
  ).rejects.toMatchObject({ code: 'grant_invalid', members: { reason: 'has_started' } });
  expect(await on.state(view)).toBe('redeemed');
  expect(await on.bench.events('approval.failed')).toEqual([]);
  expect(on.bench.told.filter((line) => line.includes('(has_started)'))).toHaveLength(1);
  // Nor is the grant good for another run.
  await expect(on.grants.redeem(grant, on.me)).rejects.toMatchObject({ code: 'grant_redeemed' });
});

test('redeemed and not started: the request is over, and says why to those who may read it', async () => {
  await using on = await grantHouse();
  const { view, grant } = await on.approved();
  await on.grants.redeem(grant, on.me);
  const failed = { grant: view.run?.grant ?? '', what: 'failed', why: 'changed: program' } as const;
  await on.grants.report(failed, on.me);
  await on.grants.report(failed, on.me);
  const { state, run } = await on.bench.approvals.get(view.request.id);
  expect([state, run?.failure, run?.end]).toEqual(['finished', 'changed: program', null]);
  const [event, ...more] = await on.bench.events('approval.failed');
  expect(more).toEqual([]);
  expect(event).toMatchObject({ outcome: 'failed', reason: 'not_started' });
  expect(JSON.stringify(event)).not.toContain('program');
});

test('R42: two minutes of silence are a loss that is told once and never tried again; who comes back mends it', async () => {
  await using on = await grantHouse();
  const { bench, grants, me } = on;
  const [silent, talks] = [await on.approved(), await on.approved()];
  for (const { grant } of [silent, talks]) await grants.redeem(grant, me);
  const tells = { grant: talks.view.run?.grant ?? '', what: 'running' } as const;
  bench.clock.advance('1m');
  await grants.report(tells, me);
  bench.clock.advance('59s');
  expect(await grants.lose()).toBe(0);
  bench.clock.advance('1s');
  expect(await grants.lose()).toBe(1);
  expect(await grants.lose()).toBe(0);
  expect([await on.state(silent.view), await on.state(talks.view)]).toEqual(['lost', 'redeemed']);
  const [event] = await bench.events('approval.lost');
  expect(event?.subject).toMatchObject({ approval: silent.view.request.id, grant: silent.view.run?.grant });
  expect(bench.told.filter((line) => line.includes('may not have run'))).toHaveLength(1);
  await expect(grants.redeem(silent.grant, me)).rejects.toMatchObject({ code: 'grant_redeemed' });
  const late = { grant: silent.view.run?.grant ?? '', what: 'finished', exitCode: 0, signal: null } as const;
  await grants.report(late, me);
  expect(await on.state(silent.view)).toBe('finished');
});

test('what had started and was lost is not told as if it may never have run', async () => {
  await using on = await grantHouse();
  const { bench, grants, me } = on;
  const { view, grant } = await on.approved();
  await grants.redeem(grant, me);
  await grants.report({ grant: view.run?.grant ?? '', what: 'started' }, me);
  bench.clock.advance('2m');
  expect(await grants.lose()).toBe(1);
  expect(bench.told.filter((line) => line.includes('may not have run'))).toEqual([]);
  expect(bench.told.filter((line) => line.includes('started, and how it ended is not known'))).toHaveLength(
    1,
  );
  const end = bench.ends.at(-1) ?? expect.fail('nobody was told');
  expect(end).toMatchObject({ state: 'lost', started: true });
  expect(outcomeText(view.request, end)).toMatch(/^It started, /);
  expect(outcomeText(view.request, { ...end, started: false })).toMatch(/^It may not have run: .*never said/);
});

test('a gateway that was away itself listens for two minutes before it calls anything lost', async () => {
  await using on = await grantHouse();
  const { bench } = on;
  const { view, grant } = await on.approved();
  await on.grants.redeem(grant, on.me);
  bench.clock.advance('1h');
  const { store, clock, bus, approvals, recorded: telling } = bench;
  const after = testGrants({ store, clock, bus, approvals, telling, signer: on.signer });
  expect(await after.grants.lose()).toBe(0);
  bench.clock.advance('1m');
  // The host noticed that we are back.
  await after.grants.report({ grant: view.run?.grant ?? '', what: 'running' }, on.me);
  bench.clock.advance('1m');
  expect(await after.grants.lose()).toBe(0);
  bench.clock.advance('1m');
  expect(await after.grants.lose()).toBe(1);
});
