// What a line has brought or moved before a command of it looks: links among it lead anywhere, and where they lead could not
// be asked while the line was judged (risk 3.8).
import { resolvePath } from '../shell/folders.ts';
import type { Listed, ListedWord, Listing } from '../shell/listing.ts';
import { baseName, programName } from '../shell/names.ts';
import { readOptions } from '../shell/options.ts';
import { subcommandOf } from '../shell/subcommands.ts';
import type { Moved, PathFacts } from './paths.ts';
import { ROWS } from './rules.ts';
import { isUnpacking } from './together.ts';

/** More than anybody moves in a line. */
const MOST_MOVED = 32;

/** What runs at another time than where it stands. */
const ELSEWHEN = /\b(function|trap|while|until|for|coproc)\b|\(\s*\)|[^&>|<]&(?![&>\d])/;

/** The facts for each command of a listing, by its index. */
export function factsFor({ commands }: Listing, source: string, facts: PathFacts): (at: number) => PathFacts {
  const names = commands.map(({ words }) => programName(words[0]?.value ?? ''));
  if (!names.some((name) => BRINGING.has(name))) return () => facts;
  const asked = names.map((name, at) => (name === 'git' ? gitCommand(commands[at]) : ''));
  const all = commands.findIndex((listed, at) => asked[at] === 'clone' || isUnpacking(listed));
  const some = commands.findIndex((listed, at) => changesBranch(listed, asked[at] ?? ''));
  const moving = commands.map((listed, at) => movedBy(listed, names[at] ?? '', asked[at] === 'mv'));
  const moved = moving.flat();
  if (all === -1 && some === -1 && moved.length === 0) return () => facts;
  const first = facts.first ?? facts;
  const before = facts.moved ?? [];
  const whole: PathFacts = { ...facts, first, brought: 'all' };
  const now: PathFacts = { ...facts, first, moved: [...before, ...moved] };
  if (before.length + moved.length > MOST_MOVED) return () => whole;
  const anywhere = ELSEWHEN.test(source);
  const isAfter = (from: number, at: number): boolean => from !== -1 && (anywhere ? at !== from : at > from);
  return (at) => {
    if (isAfter(all, at)) return whole;
    // What it moves itself lay elsewhere only until then.
    const own = moving[at] ?? [];
    const here =
      own.length === 0 ? now : { ...now, moved: [...before, ...moved.filter((one) => !own.includes(one))] };
    return isAfter(some, at) ? { ...here, brought: facts.brought ?? 'writes' } : here;
  };
}

const BRINGING: ReadonlySet<string> = new Set(
  'git tar unzip 7z 7za 7zr rar unrar jar mv cp ditto rsync ln'.split(' '),
);

const MOVING: ReadonlySet<string> = new Set(['mv', 'cp', 'ditto', 'rsync', 'ln']);

const gitCommand = (listed: Listed | undefined): string =>
  subcommandOf('git', listed?.words ?? [])
    .path.slice(1)
    .join(' ');

const BRANCHES =
  /^(pull|merge|switch|checkout|rebase|cherry-pick|revert|stash( (push|save|pop|apply|branch))?|worktree add|submodule (add|update)|lfs (checkout|pull))$/;
const NEW = /^(-b|-B|-c|-C|--create|--force-create|--orphan)$/;

/** Another commit's files come into the folder. A new branch of where it stands brings none. */
function changesBranch(listed: Listed, command: string): boolean {
  if (!BRANCHES.test(command)) return false;
  const behind = listed.words.slice(2).filter(({ value }) => !value.startsWith('-'));
  return !(listed.words.some(({ value }) => NEW.test(value)) && behind.length < 2);
}

/** Links are moved and copied as they are, in these. */
function movedBy(listed: Listed, name: string, git: boolean): readonly Moved[] {
  const table = ROWS.get(git ? 'git mv' : name)?.options;
  if (table === undefined || !(git || MOVING.has(name))) return [];
  const from = git ? subcommandOf('git', listed.words).at + 1 : 1;
  const { options, operands } = readOptions(listed.words, table, { from });
  const given = (names: RegExp): boolean => options.some((option) => names.test(option.name));
  if (name === 'cp' && !given(/^(-[aRrdP]|--(archive|recursive|no-dereference))$/)) return [];
  if (name === 'ln' && !given(/^(-s|--symbolic)$/)) return [];
  const named = options.find((option) => /^(-t|--target-directory)$/.test(option.name))?.value ?? undefined;
  const target = named ?? operands.at(-1);
  const sources = named === undefined ? operands.slice(0, -1) : operands;
  if (target?.kind !== 'exact') return [];
  return (listed.folders ?? []).flatMap((folder) => {
    const to = resolvePath(folder, target.value);
    const base = name === 'ln' ? to.slice(0, to.lastIndexOf('/')) : folder;
    return sources.slice(0, MOST_MOVED + 1).flatMap((word) => moves(word, base, to));
  });
}

function moves(word: ListedWord, folder: string, to: string): readonly Moved[] {
  const path = resolvePath(folder, word.value);
  if (word.kind === 'glob') {
    const above = path.slice(0, path.lastIndexOf('/'));
    return /[*?[]/.test(above) ? [] : [{ from: above, to }];
  }
  if (word.kind !== 'exact') return [];
  return [
    { from: path, to },
    { from: path, to: `${to}/${baseName(path)}` },
  ];
}
