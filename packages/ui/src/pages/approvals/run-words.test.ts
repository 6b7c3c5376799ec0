import { describe, expect, test } from 'vitest';
import { saidOnce } from './run-words.ts';

const tier = 'elevated';

describe('every sentence once', () => {
  test('the second reading of a program under its real name says nothing new', () => {
    const plain = { rule: 'sh', tier, why: 'runs a script', command: 0 } as const;
    const again = { rule: 'sh', tier, why: 'sh is /usr/bin/dash; runs a script' } as const;
    expect(saidOnce([plain, again])).toEqual([plain]);
    expect(saidOnce([again, plain])).toEqual([plain]);
    expect(saidOnce([again])).toEqual([again]);
  });

  test('of two commands with the same reason the first has it; another reason stays', () => {
    const first = { rule: 'make', tier, why: 'runs what a file says', command: 0 } as const;
    const second = { ...first, command: 1 };
    const other = { rule: 'net', tier, why: 'reaches out', command: 1 } as const;
    expect(saidOnce([first, second, other])).toEqual([first, other]);
  });

  test('a worse reason that only ends alike, of another rule, stays', () => {
    const one = { rule: 'a', tier, why: 'runs it' } as const;
    const worse = { rule: 'b', tier: 'destructive', why: 'takes all rights; runs it' } as const;
    expect(saidOnce([one, worse])).toEqual([one, worse]);
  });
});
