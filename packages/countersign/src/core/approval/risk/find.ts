// `find`: where it starts, and what it does with what it finds. Its actions are words like any other, so a word that only
// the run knows may be one wherever no argument is taken for sure.
import { HOLE, type ListedWord } from '../shell/listing.ts';
import { rootsOf } from '../shell/unwrap-find.ts';
import { matchesGlob } from './glob.ts';
import type { Operands } from './operands.ts';
import { judgePath, type Verdict, written } from './paths.ts';

/** Tests with one argument, whatever it looks like. */
const TAKES =
  /^-(name|iname|path|ipath|wholename|iwholename|regex|iregex|lname|ilname|type|xtype|[acm](time|min)|newer([aBcm][aBcmt])?|[ac]newer|size|user|group|uid|gid|perm|maxdepth|mindepth|links|inum|samefile|fstype|used|printf|regextype|D)$/;

/** What a name of a file could be to do harm. */
const ACTIONS = [
  '-delete',
  '-exec',
  '-execdir',
  '-ok',
  '-okdir',
  '-fprint',
  '-fprint0',
  '-fprintf',
  '-fls',
  '-files0-from',
  '-f',
  ';',
];

export function judgeFind({ listed, facts }: Operands): readonly Verdict[] {
  const { words } = listed;
  const verdicts: Verdict[] = [];
  const byValue = new Map(words.toReversed().map((word) => [word.value, word]));
  for (const root of new Set(rootsOf(words))) {
    const word = byValue.get(root) ?? {
      text: root,
      value: root,
      kind: 'exact' as const,
    };
    verdicts.push(...judgePath(word, 'names', listed, facts));
  }
  let argument = false;
  for (const [at, word] of words.entries()) {
    if (at === 0) continue;
    if (mayBeAction(word, argument))
      verdicts.push({
        rule: 'option.loose',
        tier: 'elevated',
        why: `${word.text} may become an action of find when it runs`,
      });
    argument = !argument && word.kind === 'exact' && TAKES.test(word.value);
    if (word.value === '-delete')
      verdicts.push({ rule: 'find.delete', tier: 'destructive', why: 'removes every file that is found' });
    const next = words[at + 1];
    if (/^-(fprint0?|fls|fprintf)$/.test(word.value) && next !== undefined)
      verdicts.push(...written(next, listed, facts));
    if (word.value === '-files0-from' || word.value === '-f')
      verdicts.push({ rule: 'find.from', tier: 'elevated', why: 'starts where a file says' });
  }
  return verdicts;
}

/** @param argument it stands where a test takes one word, so only what becomes several words is more than that. */
function mayBeAction(word: ListedWord, argument: boolean): boolean {
  if (word.kind === 'exact' || word.kind === 'number') return false;
  if (argument && word.splits !== true) return false;
  if (word.kind === 'glob' || word.kind === 'among')
    return (word.among ?? [word.value]).some(
      (value) => value.includes(HOLE) || ACTIONS.some((action) => matchesGlob(value, action)),
    );
  if (word.kind === 'found') return false;
  return word.splits === true || /^-/.test(word.value) || word.value.startsWith(HOLE);
}
