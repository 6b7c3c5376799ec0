// Addresses where a word may be something else as well: repositories that git is told of, packages that npm is asked about.
// What reaches Countersign's own door, or a private machine, does so whichever program speaks.
import { HOLE, type ListedWord } from '../shell/listing.ts';
import { judgeUrl, named } from './network.ts';
import type { Operands } from './operands.ts';
import type { Verdict } from './paths.ts';
import { different } from './special.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** `git@host:path`, `[git@host]:path`; without a name, what could also be a revision and a path. */
const SHORT = /^(?:[\w.-]+@)?(\[[^\]/]+\]|[\w.-]+):/;

/** Where the address stands; every word of another command that has a scheme is one, too. */
const FIRST: Readonly<Record<string, number>> = {
  'git clone': 0,
  'git ls-remote': 0,
  'git fetch': 0,
  'git pull': 0,
  'git push': 0,
  'git submodule add': 0,
  'git submodule set-url': 1,
  'git remote add': 1,
  'git remote set-url': 1,
  'git request-pull': 1,
};

/** Every address among the operands of a command of git. */
export function judgeRepositories(asked: Operands): readonly Verdict[] {
  const { given, row } = asked;
  const place = FIRST[row.name];
  const first = place === undefined ? [] : given.operands.slice(place, place + 1);
  return different(given.operands).flatMap((word) =>
    first.includes(word) || SCHEME.test(word.value) || /^[\w.-]+@[\w.-]+:/.test(word.value)
      ? judgeRepository(word, asked)
      : [],
  );
}

/** One address of a repository. A path, or the name of a remote, is none. */
export function judgeRepository(word: ListedWord, { listed, facts }: Operands): readonly Verdict[] {
  return (word.among ?? [word.value]).flatMap((value) => {
    // A name of a remote has no hole, and where it is an address nobody knows what it sends.
    const plain = value.includes(HOLE) ? value : asFetched(value);
    if (plain === null) return [];
    const { among: _, ...rest } = word;
    const kind = word.kind === 'among' ? 'exact' : word.kind;
    return judgeUrl({ ...rest, kind, value: plain }, facts.context, listed, facts);
  });
}

/** As a program that fetches would be told of it: `ssh://git@host/x` and `git@host:x` reach a host like `https://host`. */
function asFetched(value: string): string | null {
  const ssh = /^(?:ssh|git\+ssh|ssh\+git):\/\/(?:[^/@]*@)?(.*)$/is.exec(value);
  if (ssh !== null) return `https://${ssh[1] ?? ''}`;
  if (SCHEME.test(value)) return value;
  const host = SHORT.exec(value)?.[1];
  return host === undefined ? null : `https://${host}`;
}

/** A package by its name. By an address or a path npm fetches it, or reads what lies there. */
export function judgePackages({ given, row, facts }: Operands): readonly Verdict[] {
  return different(given.operands).flatMap((word): readonly Verdict[] => {
    if (word.kind !== 'exact' && word.kind !== 'number' && word.kind !== 'among')
      return [
        {
          rule: 'network.unknown',
          tier: 'elevated',
          why: `what ${word.text} sends is only known when it runs`,
        },
      ];
    const values = word.among ?? [word.value];
    return row.name === 'npm search' || values.every(isName)
      ? []
      : [
          ...values.flatMap((value) => named(value, facts.context)),
          {
            rule: 'network.address',
            tier: 'elevated',
            why: `${word.text} may be an address or a path instead of a package's name`,
          },
        ];
  });
}

/** `react`, `@types/node@^20`, and the fields behind them: `repository.url`. */
const isName = (value: string): boolean => /^(?:@[^/:]+\/)?[^/:~.][^/:]*$|^\.$/.test(value);
