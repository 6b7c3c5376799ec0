// H43, R36: what runs inside is read word by word. Words joined by spaces hide which of them are one: `rm 'a b'` removes
// another file than `rm a b`, and a person says yes to what they read.
import { type Action, actionSchema } from '@countersign/protocol/approval';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RISK } from '../../testing/approval-bench.ts';
import { approvalRow, execAction } from '../../testing/approval-rows.ts';
import { cardFor } from './card-text.ts';
import { listedThen } from './listed.ts';
import { classify } from './risk/classify.ts';

const listed = (action: Action): string[] => listedThen(classify(action, RISK)).map(({ text }) => text);
const { argv: _, ...GIVEN } = { argv: [], ...execAction('bash') };
const argv = (...words: string[]): string[] => listed(execAction(...words));
const line = (shell: string): string[] => listed(actionSchema.parse({ ...GIVEN, shell }));

function card(action: Action): string {
  const commands = listedThen(classify(action, RISK));
  const asked = {
    ...approvalRow('appr_a', 0, { action, commands }),
    words: [],
    endedAt: null,
    endedBy: null,
  };
  return cardFor(
    asked,
    { requester: null, here: false, machine: null, page: null, may: 'yes' },
    { maxText: 1_000_000, draws: false },
  ).text;
}

const words = fc.array(
  fc.oneof(
    fc.array(fc.constantFrom('a', ' ', "'", '"', '\\', '$', '{}', '`', ';', '=', '~', '*', '\n', 'é'), {
      maxLength: 5,
    }),
    fc.constantFrom(['--'], ['-x'], ['a b'], ['']),
  ),
  { maxLength: 4 },
);
const texts = words.map((all) => all.map((pieces) => pieces.join('')));

describe('words that were given apart stay apart', () => {
  test('one word of two is not two words, nor is an empty one none', () => {
    expect(argv('sudo', 'rm', 'a b')).toContain("rm 'a b'");
    expect(argv('sudo', 'rm', 'a', 'b')).toContain('rm a b');
    expect(argv('sudo', 'rm', 'a', '')).toContain("rm a ''");
    expect(argv('sudo', 'printf', '"a b"', "it's")).toContain(String.raw`printf '"a b"' 'it'\''s'`);
    expect(argv('python3', '-c', 'print(2)')).toEqual(["python3 -c 'print(2)'"]);
  });

  test('a line within a word keeps the quotes that are written in it', () => {
    expect(argv('sh', '-c', 'a "b c"')).toEqual([`sh -c 'a "b c"'`, 'a "b c"']);
    expect(argv('sh', '-c', 'a b c')).toEqual([`sh -c 'a b c'`, 'a b c']);
    expect(argv('sh', '-c', 'echo "$HOME" \'$HOME\' $HOME')).toContain(`echo "$HOME" '$HOME' $HOME`);
    expect(argv('env', 'echo', '$HOME')).toContain("echo '$HOME'");
  });

  test('so do the words of a line', () => {
    expect(line(`rm "a b" c\\ d && rm a b`)).toEqual(['rm "a b" c\\ d', 'rm a b']);
    expect(line('[ -f a ] && [[ -f "b c" ]]')).toEqual(['[ -f a ]', '[[ "b c"']);
    expect(line('A=b ls {} ~/x')).toEqual(['ls {} ~/x']);
    expect(argv('env', '--', 'A=b', 'ls').at(-1)).toBe('ls');
  });

  test('what is put in the place of a mark is not known, and the word around it is one', () => {
    expect(argv('find', '.', '-exec', 'touch', 'x {}', ';')).toContain("touch 'x {}'");
    expect(argv('find', '.', '-exec', 'touch', 'x', '{}', ';')).toContain('touch x {}');
    expect(argv('find', '.', '-exec', 'touch', "'x {}'", ';')).toContain(String.raw`touch ''\''x {}'\'''`);
    expect(line(`find . -exec touch 'x {}' \\;`)).toContain(`touch 'x {}'`);
    expect(argv('xargs', '-I', '%', 'touch', 'x %')[1]).toMatch(/^touch 'x %'/);
  });
});

describe('no two read alike', () => {
  test('H43: behind a wrapper', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const [first, second] = [one, other].map((rest) => argv('nohup', 'tool', ...rest).at(-1));
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 500 },
    );
  });

  test('R36: on the card', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const [first, second] = [one, other].map((rest) => card(execAction('tool', ...rest)));
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 300 },
    );
    expect(card(execAction('sudo', 'rm', 'a b'))).toContain(
      "| sudo rm 'a b'\nruns\n> sudo rm 'a b'\n> sudo: rm 'a b'\n",
    );
    expect(card(execAction('sudo', 'rm', 'a', 'b'))).toContain('> sudo: rm a b\n');
  });
});
