// Words that only the run knows, where an option could stand: `sed -n p *` in a folder with a file `--expression=1e…`.
import { isAtLeast } from '@countersign/protocol/tier';
import { HOLE, isSplitAgain, type Listed, type ListedWord } from '../shell/listing.ts';
import type { Given, GivenOption } from '../shell/options.ts';
import { judgePath, type PathFacts, type Verdict } from './paths.ts';
import type { Row } from './rules.ts';

/** Everything that may turn out to be an option of a program that has options which matter. */
export function judgeLoose(row: Row, given: Given, listed: Listed, facts: PathFacts): readonly Verdict[] {
  if (row.operands.includes('none') && row.options.any) return [];
  if (row.raises.length === 0 && row.options.long.length === 0 && row.options.any) return [];
  const behind = given.options.flatMap((option) => spilled(option, listed));
  return [...given.loose, ...behind].flatMap((word): readonly Verdict[] => {
    if (word.kind === 'glob') return fromFiles(word, row, given, listed, facts);
    return [...worstOption(row, word.text), mayBecome(row, word)];
  });
}

/** `split -l $n f`: what stands behind the first word of the value is no value any more. */
function spilled({ value, at }: GivenOption, { words }: Listed): readonly ListedWord[] {
  const apart = value !== null && words[at + 1] === value && value.splits === true;
  return apart && value.kind !== 'number' && value.kind !== 'found' ? [value] : [];
}

/** Names of files: some could be options only if a name can look like one. */
function fromFiles(
  word: ListedWord,
  row: Row,
  given: Given,
  listed: Listed,
  facts: PathFacts,
): readonly Verdict[] {
  const danger = dangerOf(row);
  // What follows the program of awk are files.
  if (danger === 'none' || (row.name === 'awk' && word !== given.operands[0])) return [];
  const again = isSplitAgain(word);
  if (again && danger !== 'reads') return [mayBecome(row, word)];
  return (word.among ?? [word.value]).flatMap((pattern): readonly Verdict[] => {
    if (PLAIN_BEGINNING.test(pattern)) return [];
    const tail = /[*?\]]([\w-]*\.[\w.-]*\w)$/.exec(pattern)?.[1];
    if (tail === undefined || danger === 'runs') return [mayBecome(row, word)];
    if (danger === 'whole') return [];
    // No slash is in a name of a file, so what it writes has this ending and lies in this folder.
    const made: ListedWord = { text: word.text, value: `*${tail}`, kind: 'glob' };
    if (danger === 'reads') return judgePath(made, 'reads', listed, facts);
    return [
      { rule: 'option.loose', tier: 'write', why: `${word.text} may name a file that ${row.name} writes` },
      ...judgePath(made, 'writes', listed, facts),
    ];
  });
}

/** A set of letters and digits is never a dash. */
const PLAIN_BEGINNING = /^(?:[^*?[-]|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9])+\])/;

/** `whole`: only by a word that is that option and nothing more. */
type Danger = 'runs' | 'writes' | 'reads' | 'whole' | 'none';

/**
 * What a row cannot say: options that are harmless where they are written and not where a file is called like them; and
 * programs whose dangerous options end with the letter, or name a program that is looked for elsewhere.
 */
const OWN: ReadonlyMap<string, Danger> = new Map([
  ...called('runs', 'sed awk yq fd fdfind'),
  ...called(
    'whole',
    'jq rg ripgrep chmod chown chgrp gzip gunzip pigz compress uncompress xz unxz lzma unlzma',
  ),
  ...called('writes', 'sort'),
  ...called('none', 'wc du grep'),
]);

function called(danger: Danger, names: string): readonly [string, Danger][] {
  return names.split(' ').map((name) => [name, danger]);
}

function dangerOf(row: Row): Danger {
  const own = OWN.get(row.name);
  if (own !== undefined) return own;
  const kinds = new Set(row.options.named.values());
  const runs =
    kinds.has('code') || kinds.has('script') || row.raises.some(({ tier }) => isAtLeast(tier, 'elevated'));
  if (runs) return 'runs';
  return kinds.has('writes') ? 'writes' : kinds.has('reads') ? 'reads' : 'none';
}

const mayBecome = (row: Row, word: ListedWord): Verdict => ({
  rule: 'option.loose',
  tier: 'elevated',
  why: `${word.text} may become an option of ${row.name} when it runs`,
});

/** An option that only the run knows is taken for the worst of its program. */
export function worstOption(row: Row, text: string): readonly Verdict[] {
  const found = row.raises.find(({ tier }) => tier === 'destructive');
  if (found === undefined) return [];
  return [
    {
      rule: 'option.loose',
      tier: 'destructive',
      why: `${text.replaceAll(HOLE, '…')} may become ${row.name} ${found.flags[0] ?? ''} when it runs`,
    },
  ];
}
