// What is a command, what is nearly one, and what is none of our business: the agent's own slash words and plain talk.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCommand } from './words.ts';

const say = (text: string) => readCommand(text)?.say ?? 'talk';

describe('a command, however it is typed', () => {
  test.each([
    ['/help', { say: 'help' }],
    ['/HELP', { say: 'help' }],
    ['/help@some_bot', { say: 'help' }],
    ['  /whoami\n', { say: 'whoami' }],
    ['@some_bot /whoami', { say: 'whoami' }],
    ['@some_bot, /approve K7QD2 123456', { say: 'yes', what: 'K7QD2', code: '123456' }],
    ['/login', { say: 'login' }],
    ['/notme abcd2345', { say: 'notme', what: 'abcd2345' }],
    ['/pair', { say: 'pair', role: 'operator' }],
    ['/Pair@bot node', { say: 'pair', role: 'node' }],
    ['/pair approve', { say: 'pair_approve', what: null }],
    ['/pair approve devreq_k7qd', { say: 'pair_approve', what: 'devreq_k7qd' }],
    ['/pair approve k7qd2mx4', { say: 'pair_approve', what: 'k7qd2mx4' }],
    ['/pair REJECT k7qd2mx4', { say: 'pair_reject', what: 'k7qd2mx4' }],
    ['/pairing', { say: 'list' }],
    ['/pairing list', { say: 'list' }],
    ['/pairing approve ABCD2345', { say: 'approve', what: 'ABCD2345', lasting: null }],
    ['/Pairing Approve abc-234-def', { say: 'approve', what: 'abc-234-def', lasting: null }],
    ['/pairing approve ABC 234 DEF', { say: 'approve', what: 'ABC 234 DEF', lasting: null }],
    ['/pairing approve ABCD2345 --for 30d', { say: 'approve', what: 'ABCD2345', lasting: '30d' }],
    ['/pairing approve ABCD2345 —for 12H', { say: 'approve', what: 'ABCD2345', lasting: '12h' }],
    ['/pairing deny 555001', { say: 'deny', what: '555001', lasting: null }],
    ['/approvals', { say: 'approvals' }],
    ['/approvals k7qd2', { say: 'approval', what: 'k7qd2' }],
    ['/approve K7QD2-M4XA9', { say: 'yes', what: 'K7QD2-M4XA9', code: null }],
    ['/Approve@bot k7qd2 m4xa9', { say: 'yes', what: 'k7qd2-m4xa9', code: null }],
    ['/approve K7QD2 123456', { say: 'yes', what: 'K7QD2', code: '123456' }],
    ['/approve K7QD2-M4XA9 123 456', { say: 'yes', what: 'K7QD2-M4XA9', code: '123 456' }],
    ['/approve appr_k7qd ABCDE-FGHJK', { say: 'yes', what: 'appr_k7qd', code: 'ABCDE-FGHJK' }],
    // As it is printed, and as people copy it.
    ['/approve K7QD2 A-H3EB-X943-PTEH-NJC9', { say: 'yes', what: 'K7QD2', code: 'A-H3EB-X943-PTEH-NJC9' }],
    [
      '/approve k7qd2-m4xa9 ah3ebx943ptehnjc9',
      { say: 'yes', what: 'k7qd2-m4xa9', code: 'ah3ebx943ptehnjc9' },
    ],
    [
      '/approve K7QD2 [A H3EB X943 PTEH NJC9]',
      { say: 'yes', what: 'K7QD2', code: '[A H3EB X943 PTEH NJC9]' },
    ],
    ['/deny k7qd2', { say: 'no', what: 'k7qd2', reason: null }],
    ['/deny k7qd2 not on a Friday', { say: 'no', what: 'k7qd2', reason: 'not on a Friday' }],
    [`/deny k7qd2 ${'x'.repeat(900)}`, { say: 'no', what: 'k7qd2', reason: 'x'.repeat(900) }],
    ['/deny ALL', { say: 'no_to_all', reason: null }],
    ['/deny all stop it', { say: 'no_to_all', reason: 'stop it' }],
    ['/pairing@bot block telegram 555001', { say: 'block', what: 'telegram 555001', lasting: null }],
  ])('%s', (text, command) => {
    expect(readCommand(text)).toEqual(command);
  });

  test.each([
    ['/elevate', { say: 'elevations' }],
    ['/elevate 15M 123456', { say: 'elevate', lasting: '15m', code: '123456' }],
    ['/elevate 15m A-H3EB-X943-PTEH-NJC9', { say: 'elevate', lasting: '15m', code: 'A-H3EB-X943-PTEH-NJC9' }],
    ['/elevate 1h', { say: 'elevate', lasting: '1h', code: null }],
    ['/elevate end', { say: 'elevate_end' }],
    ['/elevate off', { say: 'elevate_end' }],
  ])('%s', (text, command) => {
    expect(readCommand(text)).toEqual(command);
  });

  test.each(['/elevate now', '/elevate 15m please', '/elevate 0m', '/elevate end all', '/elevate 123456'])(
    '%s is answered with the right form',
    (text) => {
      expect(readCommand(text)).toMatchObject({ say: 'mistyped' });
    },
  );
});

describe('a slip is answered with the right form, never passed on', () => {
  test.each([
    ['/paring approve ABCD2345', '/pairing'],
    ['/pairign', '/pairing'],
    ['/hlep', '/help'],
    ['/whoam', '/whoami'],
    ['／pairing', '/pairing'],
    ['\\pairing', '/pairing'],
    ['/pairing approve', '/pairing approve <code>'],
    ['/pairing aprove ABCD2345', '/pairing approve <code>'],
    ['/notme', '/notme <id>'],
    ['/login now', '/login'],
    ['/pairing block', '/pairing block <code>'],
    ['/pairing deny ABCD2345 --for 3d', '/pairing deny <code>'],
    ['/pairing ABCD2345', '/pairing approve ABCD2345'],
    ['/pair approve ABCD2345', '/pairing approve ABCD2345'],
    ['/pair ABCD2345', '/pairing approve ABCD2345'],
    ['/pair aprove k7qd', '/pair approve <request id>'],
    ['/pair deny k7qd', '/pair reject <request id>'],
    ['/pair reject', '/pair reject <request id>'],
    ['/pair node now', '/pair node'],
    ['/pair my phone', '/pair · /pair node · /pair approve <request id> · /pair reject <request id>'],
    ['pairing approve ABCD2345', '/pairing approve ABCD2345'],
    ['approve ABC-234-DEF', '/pairing approve ABC-234-DEF'],
    ['deny ABCD2345', '/pairing deny ABCD2345'],
    ['ABCD2345', '/pairing approve ABCD2345'],
    ['/approve', '/approve <id> [code]'],
    ['/aprove K7QD2 123456', '/approve <id>'],
    ['/approve K7QD2 go on then', '/approve <id> [code]'],
    ['/approvals of today', '/approvals <id>'],
    ['/deny', '/deny <id> [reason] · /deny all'],
    ['approve K7QD2-M4XA9 123456', '/approve K7QD2-M4XA9'],
    ['deny k7qd2 m4xa9 no', '/deny K7QD2-M4XA9'],
    ['K7QD2-M4XA9', '/approve K7QD2-M4XA9 · /deny K7QD2-M4XA9'],
    ['k7qd2 m4xa9 123456', '/approve K7QD2-M4XA9 · /deny K7QD2-M4XA9'],
  ])('%s', (text, right) => {
    expect(readCommand(text)).toEqual({ say: 'mistyped', right });
  });

  test('a command with a page of text behind it is a slip as well', () => {
    expect(say(`/pairing approve ABCD2345 ${'and '.repeat(500)}`)).toBe('mistyped');
  });
});

describe('everything else is talk', () => {
  test.each([
    '',
    'hello',
    'approve the plan please',
    'deny everything',
    'pairing wine with fish',
    'TOMORROW',
    'absentee',
    'deny seven-times',
    'GREAT WATER',
    'plain words',
    'approve them all',
    '/new',
    '/note',
    '/helper',
    '/pairs',
    '/reset',
    '/model gpt',
    '/etc/passwd',
    '/ help',
    'what does /pairing do?',
    '> /pairing approve ABCD2345',
    'help',
  ])('%o', (text) => {
    expect(say(text)).toBe('talk');
  });

  test('no text breaks the reader, and it never reads more than it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const command = readCommand(`/${text}`);
        if (command !== null && 'what' in command && command.what !== null)
          expect(text).toContain(command.what.split(' ')[0]);
      }),
    );
  });
});
