// What a copy, a move or a link makes beside what its words say: `cp x/conftest.py .` writes `./conftest.py`, and a link means
// its target from where it lies itself.
import { resolvePath } from '../shell/folders.ts';
import type { ListedWord } from '../shell/listing.ts';
import type { Operands } from './operands.ts';
import { judgePath, type PathUse, type Verdict } from './paths.ts';
import { different } from './special.ts';

interface Going {
  readonly sources: readonly ListedWord[];
  /** The last word, or what `-t` says. */
  readonly target: ListedWord | undefined;
}

/** Only what is guarded by its name counts: that a file is written there has been said. */
const byName = ({ rule }: Verdict): boolean =>
  /^(floor\.|path\.(later|around|hooks|persists|shadows|secret|option)$)/.test(rule);

/** Where the sources come to lie, if the target is a folder. */
export function judgeArrivals(asked: Operands, going: Going): readonly Verdict[] {
  const { listed, facts } = asked;
  const folder = folderOf(asked, going);
  const links = asked.given.options.some(({ name }) => /^(-l|-s|--link|--symbolic-link)$/.test(name));
  // `cp --parents ../x ..` keeps the way that leads there, and goes it again from the target.
  const keeps =
    asked.given.options.some(({ name }) => /^(-R|--relative|--parents)$/.test(name)) && isWay(asked);
  return different(going.sources).flatMap((word) => {
    const name = keeps ? word.value : /([^/]+)\/*$/.exec(word.value)?.[1];
    const arrives = folder === undefined || name === undefined ? null : beside(folder, name, word);
    return [
      ...repository(word),
      ...(arrives === null
        ? []
        : keeps
          ? judgePath(arrives, 'writes', listed, facts)
          : judged(arrives, 'writes', asked)),
      ...(links ? judgePath(word, 'leads', listed, facts).filter(byName) : []),
    ];
  });
}

/** A link that says `hooks` in `.git` means `.git/hooks`. */
export function judgeMeant(asked: Operands, { sources, target }: Going): readonly Verdict[] {
  if (target === undefined) return [];
  const above = { ...target, value: target.value.replace(/[^/]*\/*$/, '') || '.' };
  return different(sources)
    .filter(({ value }) => !value.startsWith('/'))
    .flatMap((word) => [
      ...judgePath(beside(above, word.value, word), 'leads', asked.listed, asked.facts),
      ...judged(beside(target, word.value, word), 'leads', asked),
    ]);
}

/** `-R` of cp means something else. */
const isWay = ({ row, given }: Operands): boolean =>
  row.name === 'rsync' || given.options.some(({ name }) => name === '--parents');

const judged = (word: ListedWord, use: PathUse, { listed, facts }: Operands): readonly Verdict[] =>
  judgePath(word, use, listed, facts).filter(byName);

/** Two words as one path; as unknown as the less certain of them. */
function beside(folder: ListedWord, name: string, word: ListedWord): ListedWord {
  const value = `${folder.value}/${name}`;
  const kind = folder.kind === 'exact' ? word.kind : folder.kind;
  // Of several that each of the words may be, the patterns of the names are enough.
  return { text: value, value, kind: kind === 'among' || kind === 'found' ? 'variable' : kind };
}

function folderOf({ given, listed }: Operands, { sources, target }: Going): ListedWord | undefined {
  const named = given.options.find(({ name }) => name === '-t' || name === '--target-directory');
  if (named !== undefined) return named.value ?? undefined;
  if (target === undefined || given.options.some(({ name }) => /^(-T|--no-target-directory)$/.test(name)))
    return undefined;
  const inside = (listed.folders ?? []).some(
    (folder) => target.kind !== 'exact' || `${folder}/`.startsWith(`${resolvePath(folder, target.value)}/`),
  );
  // `conftest.py` beside `old.py` is a copy under another name; a name without an ending may be a folder.
  const mayBeFolder = sources.length > 1 || inside || !/[^/.][^/]*\.\w+$/.test(target.value);
  return mayBeFolder ? target : undefined;
}

/** A repository under another name has settings that name programs, and nobody guards them there. */
const repository = (word: ListedWord): readonly Verdict[] =>
  /(^|\/)[^/]*\.git(\/[^/]*)?\/*$/i.test(word.value)
    ? [
        {
          rule: 'git.copied',
          tier: 'elevated',
          why: `${word.text} is a repository, or the settings of one, under another name`,
        },
      ]
    : [];
