// The commands of an action as they are kept and shown, and how risky each of them is. Their words stand apart as a shell
// would read them back: `rm 'a b'` is not `rm a b`, wherever the word came from (H43).
import { shownWord, shownWords } from '@countersign/protocol/action-display';
import { exact } from '@countersign/protocol/exact';
import { maxTier, type Tier } from '@countersign/protocol/tier';
import type { ListedThen } from './approvals-port.ts';
import type { Risk } from './risk/risk.ts';

type Commands = Risk['commands'];
type ListedWord = Commands[number]['words'][number];

export function listedThen({ commands, reasons }: Pick<Risk, 'commands' | 'reasons'>): ListedThen[] {
  return commands.map(({ words, via }, index) => ({
    text: words.map((word, at) => shownListed(word, { at, index, commands })).join(' '),
    tier: reasons.reduce<Tier>(
      (tier, one) => (one.command === index ? maxTier(tier, one.tier) : tier),
      'read',
    ),
    via,
  }));
}

interface Where {
  readonly at: number;
  readonly index: number;
  readonly commands: Commands;
}

/** A word of a line is shown as it was written there, quotes and all; a word that was given as one gets those it needs. */
function shownListed(word: ListedWord, { at, index, commands }: Where): string {
  const { text } = word;
  if (!isBare(word) && !cameBare(word, index, commands)) return exact(text);
  // `[[` is no program: a line is where it comes from.
  if (at === 0) return text === '[[' ? text : shownWords([text]);
  return shownWord(text);
}

/** Written and read alike: without quotes, or never in a line. */
function isBare({ text, value, kind }: ListedWord): boolean {
  return kind === 'exact' && text === value;
}

/** `find -exec touch 'x {}'` from a list of words: what is put in its place is not known, and the word was given as one. */
function cameBare({ text }: ListedWord, index: number, commands: Commands): boolean {
  for (let at = commands[index]?.parent ?? null; at !== null; at = commands[at]?.parent ?? null)
    if (commands[at]?.words.some((one) => one.text === text && isBare(one)) === true) return true;
  return false;
}
