// In which folders a command may run, by the `cd`s before it in the line, and small questions about a line's text.
import type { Command, PipelineNode } from 'unbash';
import { HOLE, type ListedWord } from './listing.ts';

/** `path` from `folder`, without `.` and `..`; an absolute path stays. HOLE is a name like any other. */
export function resolvePath(folder: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${folder}/${path}`;
  if (!/\/(\.|\/|$)/.test(whole)) return whole;
  const names: string[] = [];
  for (const name of whole.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** Where `cd` with these words leads, should it succeed; null when anywhere. */
export function targetsOf(
  words: readonly ListedWord[],
  home: string | null,
  from: readonly string[] | null,
): readonly string[] | null {
  const operands = words.slice(1).filter((word) => !/^-[LPe@]+$|^--$/.test(word.value));
  const [to] = operands;
  // Behind a link it stands where that leads, and goes up from there.
  if (words.some((word) => /^-[Le@]*P/.test(word.value))) return null;
  if (to === undefined) return home === null ? null : [home];
  const targets = to.among ?? [to.value];
  const known =
    (to.kind === 'exact' || to.kind === 'among') &&
    !targets.some((target) => target.includes(HOLE) || target === '-' || /^[+-]\d/.test(target));
  if (!known || from === null) return null;
  return from.flatMap((folder) => targets.map((target) => resolvePath(folder, target)));
}

/** Any of the one or of the other; null when that is any, or more than anybody keeps in mind. */
export function either(
  one: readonly string[] | null,
  other: readonly string[] | null,
): readonly string[] | null {
  if (one === null || other === null) return null;
  if (one === other) return one;
  const all = new Set([...one, ...other]);
  return all.size > 8 ? null : [...all];
}

/** How often a name stands in a text other than as `$name` or `${name}`; 0 where it never does. */
export function bareCount(source: string, name: string): number {
  if (source !== counted.source) counted = { source, counts: bareCounts(source) };
  return counted.counts.get(name) ?? 0;
}

/** Of the line that is being read: asked for every variable in it, counted once. */
let counted: { source: string; counts: ReadonlyMap<string, number> } = { source: '', counts: new Map() };

function bareCounts(source: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { 0: name, index } of source.matchAll(/\w+/g)) {
    const before = source[index - 1];
    if (before === '$') continue;
    if (before === '{' && source[index - 2] === '$' && source[index + name.length] === '}') continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

export const firstWord = (command: Command): string =>
  command.name === undefined || command.name.parts !== undefined ? '' : command.name.value;

export const isPlainCd = (node: PipelineNode | { readonly type: string }): boolean =>
  node.type === 'Command' && 'name' in node && firstWord(node as Command) === 'cd';
