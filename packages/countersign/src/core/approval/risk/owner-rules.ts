// The owner's own rules, on top of the tables. One raises whatever it fits; it lowers only what it fits word by word, only
// what a table said of the program, and never what the line, its paths, its variables or the floor say.
import type { Listed } from '../shell/listing.ts';
import { matchesGlob } from './glob.ts';
import type { OwnerRule } from './risk.ts';

/** The last rule that fits a command decides, as in every list that people write downwards. */
export function ruleFor(listed: Listed, rules: readonly OwnerRule[]): OwnerRule | null {
  let found: OwnerRule | null = null;
  for (const rule of rules) if ('command' in rule.match && fits(listed, rule.match.command)) found = rule;
  return found;
}

/** A rule for a path fits a command that names it. */
export function pathRules(
  listed: Listed,
  rules: readonly OwnerRule[],
  resolve: (value: string) => string,
): readonly OwnerRule[] {
  return rules.filter((rule) => {
    const { match } = rule;
    if (!('path' in match)) return false;
    const words = [...listed.words, ...listed.redirects.map(({ target }) => target)];
    return words.some((word) => under(resolve(word.value), match.path));
  });
}

export const toolRule = (tool: string, rules: readonly OwnerRule[]): OwnerRule | null =>
  rules.findLast((rule) => 'tool' in rule.match && matchesGlob(rule.match.tool, tool)) ?? null;

const under = (path: string, folder: string): boolean => {
  const base = folder.replace(/\/+$/, '').toLowerCase();
  const lower = path.toLowerCase();
  return lower === base || lower.startsWith(`${base}/`);
};

function fits(listed: Listed, pattern: readonly string[]): boolean {
  const open = pattern.at(-1) === '**';
  const wanted = open ? pattern.slice(0, -1) : pattern;
  const { words } = listed;
  if (wanted.length === 0 || words.length < wanted.length || (!open && words.length !== wanted.length))
    return false;
  return wanted.every((want, at) => {
    const word = words[at];
    return word !== undefined && (want === '*' ? at > 0 : word.kind === 'exact' && word.value === want);
  });
}

/** True when a rule may lower what the tables say of this command: nothing in it is left to the run. */
export const mayLower = (listed: Listed): boolean =>
  listed.place === 'here' && listed.words.every((word) => word.kind === 'exact');
