// What the operands of a command of git are. Git takes a revision, a path or an address in the same place; a revision is
// harmless as a path below the working folder, so every operand is judged as the path that it could be.
import { HOLE, type ListedWord } from '../shell/listing.ts';
import { judgeRepositories, judgeRepository } from './addresses.ts';
import type { Operands } from './operands.ts';
import { judgePath, type PathUse, type Verdict } from './paths.ts';
import { different } from './special.ts';

/** `ext::` and its like start a program to talk to. */
const isTransport = ({ value }: ListedWord): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9+.-]*::/.test(value) || (/::/.test(value) && !/:\/\//.test(value));

const isAddress = ({ value }: ListedWord): boolean =>
  (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || /^([\w.-]+@)?[\w.-]+:/.test(value)) &&
  !/(^|\/)\.\.(\/|$)/.test(value);

const isOutward = ({ value }: ListedWord): boolean =>
  /^(\/|~|\.\.)/.test(value) || value.includes(`${HOLE}/`) || /\/\.\.(\/|$)/.test(value);

/** Git reads patterns itself, also those that are quoted for the shell. */
const asPattern = (word: ListedWord): ListedWord =>
  word.kind === 'exact' && /[*?[]/.test(word.value) ? { ...word, kind: 'glob' } : word;

const WHOLE: ListedWord = { text: '.', value: '.', kind: 'exact' };

const isFloor = ({ rule }: Verdict): boolean => rule.startsWith('floor.');

/** What is Countersign's own counts wherever it is named, and in every folder above it. */
const floorsBelow = (words: readonly ListedWord[], { listed, facts }: Operands): readonly Verdict[] =>
  different(words).flatMap((word) => judgePath(asPattern(word), 'deep', listed, facts).filter(isFloor));

function judgeTransports({ given }: Operands): readonly Verdict[] {
  return different(given.operands)
    .filter(isTransport)
    .map((word) => ({
      rule: 'git.transport',
      tier: 'elevated',
      why: `${word.text} starts a program to talk to`,
    }));
}

/** What `git merge -s` has within. Any other name is a program, `git-merge-<name>`; those of `git notes` never are. */
const STRATEGIES = new Set(['ort', 'recursive', 'resolve', 'octopus', 'ours', 'subtree']);

function judgeStrategies({ given, row }: Operands): readonly Verdict[] {
  if (row.name === 'git notes') return [];
  return given.options.flatMap(({ name, kind, value }): readonly Verdict[] => {
    const names = kind === 'value' && (name === '--strategy' || name === '-s');
    const strategy = value?.value ?? '';
    if (!names || STRATEGIES.has(strategy)) return [];
    return [
      {
        rule: 'git.strategy',
        tier: 'elevated',
        why: `${row.name} ${name} starts the program git-merge-${strategy.replaceAll(HOLE, '…')}`,
      },
    ];
  });
}

/** `git add -A` and `git stash -u` take the whole folder. */
const takesAll = ({ given, row }: Operands): boolean =>
  /^git (add|stage|stash)/.test(row.name) &&
  given.operands.length === 0 &&
  given.options.some(({ name }) => /^(-[Aau]|--(all|include-untracked|no-ignore-removal))$/.test(name));

/** The folder that a clone or a submodule becomes: the one that is named, or the last name of the address. */
function becomes({ given, row }: Operands): readonly ListedWord[] {
  if (!/^git (clone|submodule add)$/.test(row.name)) return [];
  const [address, folder] = given.operands;
  if (folder !== undefined || address === undefined) return folder === undefined ? [] : [folder];
  const value = /([^/:]+?)(?:\.git)?\/*$/.exec(address.value.replace(/\/+(?:\.git\/*)?$/, ''))?.[1] ?? '';
  return /^\.{0,2}$/.test(value) ? [] : [{ text: value, value, kind: address.kind }];
}

/** Commands that take files into the repository: what leads out of the folder counts, and what is Countersign's own. */
export function judgeGitPaths(asked: Operands): readonly Verdict[] {
  const { given, listed, facts } = asked;
  return [
    ...judgeTransports(asked),
    ...judgeRepositories(asked),
    ...judgeStrategies(asked),
    ...becomes(asked).flatMap((word) => judgePath(word, 'writes', listed, facts)),
    ...different(given.operands.filter(isOutward)).flatMap((word) =>
      judgePath(word, 'writes', listed, facts),
    ),
    ...floorsBelow(takesAll(asked) ? [WHOLE] : given.operands, asked),
  ];
}

/** Commands that make a folder or a file of a name they are given. */
export function judgeGitWrites(asked: Operands): readonly Verdict[] {
  const { given, listed, facts } = asked;
  const paths = given.operands.filter((word) => !isAddress(word));
  return [
    ...judgeTransports(asked),
    ...judgeRepositories(asked),
    ...different([...paths, ...becomes(asked)]).flatMap((word) => judgePath(word, 'writes', listed, facts)),
    ...floorsBelow(paths, asked),
  ];
}

/** Names and addresses of other repositories. */
export function judgeGitRemotes(asked: Operands): readonly Verdict[] {
  const { given, listed, facts } = asked;
  return [
    ...judgeTransports(asked),
    ...judgeRepositories(asked),
    ...different(given.operands.filter((word) => isOutward(word) && !isAddress(word))).flatMap((word) =>
      judgePath(word, 'deep', listed, facts),
    ),
    ...floorsBelow(asked.given.operands, asked),
  ];
}

/** Commands that print what stands in files: `HEAD`, `src/a.ts`, `HEAD:src/a.ts`. */
export function judgeGitReads(asked: Operands): readonly Verdict[] {
  return [...judgeTransports(asked), ...looks(asked, asked.given.operands, 'reads')];
}

/** Outside a repository, or with a path that leads out of it, `git diff` compares any two files or folders. */
export function judgeGitDiffs(asked: Operands): readonly Verdict[] {
  return looks(asked, asked.given.operands, 'deep');
}

/** The first operand is what it searches for, unless an option brought that. Outside a repository it searches the folder. */
export function judgeGitGrep(asked: Operands): readonly Verdict[] {
  const { given, listed, facts } = asked;
  const brought = given.options.some(({ name }) => name === '-e' || name === '-f');
  // Before `--` stand revisions; without a path behind it the whole folder is searched.
  const rest = brought ? given.operands : given.operands.slice(1);
  return [
    ...looks(asked, rest, 'deep'),
    ...(rest.length === 0 ? judgePath(WHOLE, 'deep', listed, facts) : []),
  ];
}

function looks({ listed, facts }: Operands, words: readonly ListedWord[], use: PathUse): readonly Verdict[] {
  return different(words).flatMap((word) => {
    const inRepository = insideOf(word);
    return [
      ...judgePath(asPattern(word), use, listed, facts),
      // What it is called in the repository is below its top folder, wherever that is.
      ...(inRepository === null
        ? []
        : judgePath(asPattern(inRepository), 'reads', listed, facts).filter(
            (verdict) => verdict.rule === 'path.secret' || isFloor(verdict),
          )),
    ];
  });
}

/** `HEAD:config/.env`, `:0:.env` and `:(top).env` name a file of the repository. */
function insideOf(word: ListedWord): ListedWord | null {
  const colon = word.value.indexOf(':');
  if (colon === -1 || word.value.includes('://')) return null;
  const value = word.value
    .slice(colon + 1)
    .replace(/^\d:/, '')
    .replace(/^\((?!exclude)[^)]*\)/, '')
    .replace(/^\/+/, '');
  return value === '' ? null : { ...word, value, text: word.text };
}

export function judgeCheckout({ given, listed }: Operands): readonly Verdict[] {
  const creates = given.options.some((option) => option.name === '-b' || option.name === '--orphan');
  const separated = listed.words.some((word) => word.value === '--');
  const path = given.operands.some((word) => /^\.{1,2}(\/|$)|[*?]/.test(word.value) || word.kind !== 'exact');
  const several = given.operands.length > 1 && !creates;
  return separated || path || several
    ? [
        {
          rule: 'git.checkout',
          tier: 'destructive',
          why: 'git checkout of files throws away what was changed in them',
        },
      ]
    : [];
}

// Whole names: `pull.twohead` and `branch.x.mergeoptions` name a strategy, which is a program. Whoever makes a section of a
// name of their own, `color.x.fsmonitor`, may rename it to one that git obeys.
const SAFE_SETTING =
  /^(user\.(name|email)|color\.(advice|blame|branch|decorate|diff|grep|interactive|pager|push|remote|showbranch|status|transport|ui)(\.[a-z]+)?|core\.(autocrlf|quotepath|filemode|ignorecase)|init\.defaultbranch|branch\..+\.(merge|remote|rebase)|pull\.(rebase|ff)|push\.default|fetch\.prune|merge\.conflictstyle|advice\.[a-z0-9]+)$/i;

const REMOTE_OF_BRANCH = /^branch\..+\.remote$/is;

export function judgeSettingOfGit(asked: Operands): readonly Verdict[] {
  const { given } = asked;
  const section = given.options.find(({ name }) => /^--(rename|remove)-section$/.test(name));
  if (section !== undefined)
    return [
      {
        rule: 'git.config',
        tier: 'elevated',
        why: `git config ${section.name} gives settings another meaning that were harmless by their name`,
      },
    ];
  const [key, value] = given.operands.filter(
    (word) => !['get', 'set', 'list', 'unset', 'edit'].includes(word.value),
  );
  if (key === undefined) return [];
  if (key.kind === 'exact' && SAFE_SETTING.test(key.value)) {
    return value !== undefined && REMOTE_OF_BRANCH.test(key.value)
      ? [
          ...judgeTransports(asked),
          ...judgeRepository(value, asked),
          ...(isOutward(value) && !isAddress(value)
            ? judgePath(value, 'deep', asked.listed, asked.facts)
            : []),
        ]
      : [];
  }
  const persists = given.options.some((option) => option.name === '--global' || option.name === '--system');
  return [
    {
      rule: 'git.config',
      tier: persists ? 'destructive' : 'elevated',
      why: `the setting ${key.text} can name a program or a place that git trusts later`,
    },
  ];
}
