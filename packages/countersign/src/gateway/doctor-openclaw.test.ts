// The doctor knows an OpenClaw that asks nobody, wherever it keeps what it was told, and says nothing of one that is not there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOpenClaw } from '../runtime/openclaw.ts';
import { checkOpenClaw } from './doctor-openclaw.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cs-claw-'));
  mkdirSync(join(home, '.openclaw', 'state'), { recursive: true });
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const put = (name: string, value: unknown) =>
  writeFileSync(join(home, '.openclaw', name), typeof value === 'string' ? value : JSON.stringify(value));
const level = () => checkOpenClaw(readOpenClaw({}, home)).map(({ level: found }) => found);

test('none here: nothing is said', () => {
  expect(checkOpenClaw(readOpenClaw({}, join(home, 'nowhere')))).toEqual([]);
  expect(level()).toEqual([]);
});

test('as it comes out of the box it asks nobody', () => {
  put('openclaw.json', {});
  expect(checkOpenClaw(readOpenClaw({}, home))).toMatchObject([
    { level: 'warning', message: expect.stringContaining('security=full, ask=off') },
  ]);
});

test('the older file, and its agents one by one', () => {
  put('exec-approvals.json', { version: 1, defaults: { security: 'allowlist', ask: 'on-miss' } });
  expect(level()).toEqual(['ok']);
  const agents = {
    main: {},
    coder: { security: 'full', ask: 'off' },
    ['x\u001b[31m']: { security: 'full', ask: 'off' },
  };
  put('exec-approvals.json', { version: 1, defaults: { security: 'allowlist', ask: 'on-miss' }, agents });
  const [check] = checkOpenClaw(readOpenClaw({}, home));
  expect(check?.message).toContain('commands of coder, (an agent) without asking');
});

test('the row of its database before the file, and the stricter word of its configuration before both', () => {
  put('exec-approvals.json', { version: 1, defaults: { security: 'deny' } });
  const database = new DatabaseSync(join(home, '.openclaw', 'state', 'openclaw.sqlite'));
  database.exec('create table exec_approvals_config (id text, document text)');
  database
    .prepare('insert into exec_approvals_config values (?, ?)')
    .run('one', '{"version":1,"defaults":{"security":"full","ask":"off"}}');
  database.close();
  expect(level()).toEqual(['warning']);
  put('openclaw.json', { tools: { exec: { mode: 'ask' } } });
  expect(level()).toEqual(['ok']);
  put('openclaw.json', { tools: { exec: { security: 'full', ask: 'off' } } });
  expect(level()).toEqual(['warning']);
});

test('comments in its configuration, and an agent of its own there', () => {
  put('openclaw.json', "{ // ours\n tools: { exec: { mode: 'ask', }, }, }");
  expect(level()).toEqual(['ok']);
  put('openclaw.json', {
    tools: { exec: { mode: 'ask' } },
    agents: { entries: { coder: { tools: { exec: { mode: 'full' } } }, main: {} } },
  });
  const [check] = checkOpenClaw(readOpenClaw({}, home));
  expect(check?.message).toContain('runs commands of coder without asking');
  put('exec-approvals.json', { version: 1, agents: { coder: { ask: 'always' } } });
  expect(level()).toEqual(['ok']);
});

test('what cannot be read is said, and never called safe', () => {
  put('exec-approvals.json', '{ not json');
  expect(level()).toEqual(['note']);
  put('exec-approvals.json', '[]');
  expect(level()).toEqual(['note']);
  put('exec-approvals.json', {});
  put('openclaw.json', '{ not json');
  const [check] = checkOpenClaw(readOpenClaw({}, home));
  expect(check).toMatchObject({ level: 'warning', message: expect.stringContaining('cannot be understood') });
});

test('where its own variables put it', () => {
  put('openclaw.json', {});
  expect(checkOpenClaw(readOpenClaw({ OPENCLAW_HOME: home }, '/nowhere'))).toHaveLength(1);
  expect(
    checkOpenClaw(readOpenClaw({ OPENCLAW_STATE_DIR: join(home, '.openclaw') }, '/nowhere')),
  ).toHaveLength(1);
});
