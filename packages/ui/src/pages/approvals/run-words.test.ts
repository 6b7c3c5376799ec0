import { describe, expect, test } from 'vitest';
import { shellAction } from '../../testing/approval-rows.ts';
import { commandText, saidOnce } from './run-words.ts';

function argvAction(...argv: string[]) {
  const { shell: _, ...rest } = shellAction('');
  return { ...rest, argv };
}
const tier = 'elevated';

describe('what would run is read as a shell would read it', () => {
  test('the quotes of a word that has blanks or brackets are there', () => {
    const action = argvAction('python3', '-c', 'print(2)');
    expect(commandText({ text: 'python3 -c print(2)' }, action)).toBe("python3 -c 'print(2)'");
  });

  test('behind what starts the words as they are, too', () => {
    const action = argvAction('/usr/bin/sudo', 'python3', '-c', 'print(2)');
    expect(commandText({ text: 'python3 -c print(2)', via: ['sudo'] }, action)).toBe("python3 -c 'print(2)'");
  });

  test('R47: a line that something else reads stays the line: its words are not ours to put together', () => {
    const line = argvAction('hyperfine', 'echo $HOME');
    expect(commandText({ text: 'echo $HOME', via: ['hyperfine'] }, line)).toBe('echo $HOME');
    const twice = argvAction('sh', '-c', 'echo $HOME', 'echo', '$HOME');
    expect(commandText({ text: 'echo $HOME', via: ['sh -c'] }, twice)).toBe('echo $HOME');
    expect(commandText({ text: "echo 'a b'" }, shellAction("echo 'a b'"))).toBe("echo 'a b'");
    expect(commandText({ text: 'echo a b' }, undefined)).toBe('echo a b');
  });

  test('R47: what the gateway lists and the action does not hold is shown as it is listed', () => {
    expect(commandText({ text: 'rm -rf /' }, argvAction('ls', 'a b'))).toBe('rm -rf /');
  });
});

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
