import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLog } from './log.ts';
import { createLogFile } from './log-sink.ts';

const clock = { now: () => Date.UTC(2026, 10, 25, 12) };
const fileIn = () => join(mkdtempSync(join(tmpdir(), 'cs-log-')), 'gateway.log');
const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

test('lines are JSON with level, time and event, in a private file whatever the umask', () => {
  const file = fileIn();
  const umask = process.umask(0);
  const log = openLog({ clock, file });
  log.info('pairing.requested', { channel: 'telegram', id: 'pair_a', count: 3, reason: undefined });
  log.debug('not.written');
  log.close();
  process.umask(umask);
  expect(lines(file).map((line) => JSON.parse(line))).toEqual([
    {
      level: 'info',
      time: '2026-11-25T12:00:00.000Z',
      channel: 'telegram',
      id: 'pair_a',
      count: 3,
      event: 'pairing.requested',
    },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('T12: fields nobody allowed are left out, whatever is in them', () => {
  const file = fileIn();
  const log = openLog({ clock, file });
  log.warn('x.y', {
    token: 'hunter2',
    code: 'hunter2',
    text: 'hunter2',
    phone: '+15555550123',
    authorization: 'hunter2',
    id: 'a',
  });
  expect(lines(file)[0]).not.toMatch(/hunter2|5555550123/);
  expect(JSON.parse(lines(file)[0] ?? '')).toMatchObject({
    id: 'a',
    omitted: 'token,code,text,phone,authorization',
  });
});

test('a value cannot make a line of its own, nor speak to the terminal', () => {
  const file = fileIn();
  const shown = fileIn();
  const terminal = openSync(shown, 'w');
  const log = openLog({ clock, file, terminal });
  log.error('x.y', { reason: 'a\n{"event":"forged"}\u001b[2J\u202Eb\u2028c', id: 'plain' });
  closeSync(terminal);
  expect(lines(file)).toHaveLength(1);
  expect(readFileSync(shown, 'utf8')).toBe(
    '12:00:00 error x.y reason="a\\n{\\"event\\":\\"forged\\"}\\u001b[2J\\u{202E}b\\u{2028}c" id=plain\n',
  );
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk stops nothing; what was lost is counted and told once it has room again',
  () => {
    const file = fileIn();
    symlinkSync('/dev/full', file);
    const sinks: string[] = [];
    const full = openLog({ clock, file });
    full.info('lost.one');
    full.info('lost.two');
    full.close();
    unlinkSync(file);
    full.info('back', { id: 'a' });
    full.info('again');
    full.close();
    expect(lines(file).map((line) => JSON.parse(line))).toMatchObject([
      { event: 'log.dropped', count: 2 },
      { event: 'back', id: 'a' },
      { event: 'again' },
    ]);
    expect(sinks).toEqual([]);
  },
);

test('a terminal that is gone stops nothing', () => {
  const terminal = openSync(fileIn(), 'w');
  closeSync(terminal);
  const log = openLog({ clock, terminal });
  log.info('x.y');
  log.close();
});

test('a log file that cannot be opened stops nothing', () => {
  const log = openLog({ clock, file: '/no/such/folder/gateway.log' });
  log.error('x.y');
  log.close();
});

test('a file that was moved away is written on until the log is opened again', () => {
  const file = fileIn();
  const sink = createLogFile(file, (count) => `${count}\n`);
  sink.write('one\n');
  renameSync(file, `${file}.old`);
  sink.write('two\n');
  sink.close();
  sink.write('three\n');
  sink.close();
  expect(lines(`${file}.old`)).toEqual(['one', 'two']);
  expect(lines(file)).toEqual(['three']);
});
