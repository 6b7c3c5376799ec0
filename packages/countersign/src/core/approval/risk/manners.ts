// What single programs make of their words beyond what a row can say: options with two words, operands that are options,
// texts that a shell runs.
import type { Listed, ListedWord } from '../shell/listing.ts';
import { type Given, part } from '../shell/options.ts';
import { judgeScriptText } from './code.ts';
import { backup, csplit, curl, packer, sed, split } from './made.ts';
import { judgeSent } from './network.ts';
import { judgePath, type PathFacts, type Verdict, written } from './paths.ts';
import { ROWS, type Row } from './rules.ts';
import { judgeBits } from './special.ts';

export interface Manners {
  readonly given: Given;
  readonly verdicts: readonly Verdict[];
  /** Lines that a shell runs, or reads as one would. */
  readonly scripts: readonly ListedWord[];
}

export function mannersOf(row: Row, given: Given, listed: Listed, facts: PathFacts): Manners {
  const found = BY_NAME.get(row.name)?.(given, listed, facts);
  return {
    given: found?.given ?? given,
    verdicts: [...(found?.verdicts ?? []), ...judgeSent(row, given)],
    scripts: [...scriptsOf(given), ...(found?.scripts ?? [])],
  };
}

export type Manner = (given: Given, listed: Listed, facts: PathFacts) => Partial<Manners>;

/** `split --filter='rm -rf x'`, `mapfile -C 'rm -rf x'`. */
function scriptsOf(given: Given): readonly ListedWord[] {
  return given.options.flatMap(({ kind, value }) => (kind === 'script' && value !== null ? [value] : []));
}

const raised = (rule: string, why: string): Verdict => ({ rule, tier: 'elevated', why });

/** `jobs -x rm -rf d`: the words behind it are a command. */
const jobs: Manner = ({ options }, listed) => {
  const option = options.find(({ name }) => name === '-x');
  const rest = option === undefined ? [] : listed.words.slice(option.at + 1);
  if (rest.length === 0) return {};
  const text = rest.map((word) => word.text).join(' ');
  const kind = rest.find((word) => word.kind !== 'exact')?.kind ?? 'exact';
  return { scripts: [{ text, value: text, kind }] };
};

/** `--arg name value` has two words; the second is no program, and that of `--rawfile` is a file. */
const jq: Manner = (given, listed, facts) => {
  const verdicts: Verdict[] = [];
  const second = new Set<number>();
  for (const { name, at } of given.options) {
    if (!/^--(arg|argjson|slurpfile|rawfile|argfile)$/.test(name)) continue;
    second.add(at + 2);
    const file = listed.words[at + 2];
    if (!name.startsWith('--arg') && file !== undefined)
      verdicts.push(...judgePath(file, 'reads', listed, facts));
    // What it reads as an option by itself is none here, and the other way round.
    if (file?.value.startsWith('-') === true || listed.words[at + 1]?.value.startsWith('-') === true)
      verdicts.push(raised('option.unknown', `no rule knows jq ${name} with such a name or value`));
  }
  return second.size === 0 ? {} : { given: without(given, second), verdicts };
};

/** `yq eval '.a' file`: the command may be left out. */
const yq: Manner = (given, listed, facts) => {
  const [first] = given.operands;
  const place = given.places[0];
  const named = first !== undefined && /^(e|ea|eval|eval-all)$/.test(first.value);
  const rest = named && place !== undefined ? without(given, new Set([place])) : given;
  const edits = given.options.some(({ name }) => name === '-i' || name === '--inplace');
  const verdicts = edits ? rest.operands.slice(1).flatMap((word) => written(word, listed, facts)) : [];
  return { given: rest, verdicts };
};

/** An operand without a plus sets the clock. */
const date: Manner = ({ options, operands }) => {
  const sets =
    operands.some(({ value }) => !value.startsWith('+')) && !options.some(({ name }) => name === '-j');
  return sets ? { verdicts: [{ rule: 'date.sets', tier: 'destructive', why: 'date: sets the clock' }] } : {};
};

/** `ps e`, `ps auxe`, `ps -o environ`; what stands behind `ps axo` are names of columns. */
const ps: Manner = ({ options, operands }) => {
  const columns = [
    ...operands.filter((_, at) => /[oOkptqU]$/.test(operands[at - 1]?.value ?? '')),
    ...options.flatMap(({ name, value }) =>
      /^-[oO]$|^--format$/.test(name) && value !== null ? [value] : [],
    ),
  ];
  const letters = operands.filter((word) => !columns.includes(word) && word.kind !== 'number');
  const shows =
    letters.some(({ value }) => !/^[abcdf-zA-DF-Z0-9,]*$/.test(value)) ||
    columns.some(({ value, kind }) => /env/i.test(value) || (kind !== 'exact' && kind !== 'number'));
  return shows ? { verdicts: [raised('secret.environment', 'ps: shows the environment of programs')] } : {};
};

/** The first word of `flock` is a file, which it makes where there is none. */
const flock: Manner = ({ operands }, listed, facts) => {
  const [file] = operands;
  const verdicts = file === undefined ? [] : written(file, listed, facts);
  return { verdicts };
};

/** `@file` is a file of further options. */
const further: Manner = ({ operands }) =>
  operands.some(({ value, kind }) => (kind === 'glob' ? /^[@*?[]/ : /^@/).test(value))
    ? { verdicts: [raised('option.file', 'takes options from a file')] }
    : {};

/** `-TTcmd`, `-rTT cmd`: an option of two letters, wherever it stands in a word. */
const zip: Manner = (_, { words }) => {
  const at = words.findIndex(({ value }) => /^-[^-].*TT|^-TT/.test(value));
  const word = words[at];
  if (word === undefined) return {};
  const attached = word.value.slice(word.value.indexOf('TT') + 2);
  const value = attached === '' ? words[at + 1] : { ...word, text: attached, value: attached };
  return {
    verdicts: [raised('option.zip -TT', 'zip -TT runs what follows it')],
    scripts: value === undefined ? [] : [value],
  };
};

/** A page by its name; by a path it is any file, and what it includes is shown, too. */
const page: Manner = ({ options, operands }, { words: [program] }) => {
  const named =
    operands.some(({ value }) => value.includes('/')) ||
    options.some(({ name }) => name === '-l' || name === '--local-file') ||
    (program?.value.endsWith('info') === true && options.some(({ name }) => name === '-f'));
  return named
    ? { verdicts: [raised('path.page', 'shows a file as a page, and what the file includes')] }
    : {};
};

/** The names of the files to show are in another file, or come out of a pipe. */
const list: Manner = ({ options }) =>
  options.some(({ name }) => name === '--files0-from')
    ? { verdicts: [raised('option.file', 'shows the files that a list names')] }
    : {};

/** `cpio -o`, `pax -w`: which files it packs is read from its input. */
const fed: Manner = ({ options, operands }, { words: [program] }) => {
  const packs = options.some(({ name }) => /^-[op]$|^--(create|pass-through)$/.test(name));
  const asked = program?.value.endsWith('pax') === true ? operands.length === 0 : packs;
  return asked ? { verdicts: [raised('option.file', 'packs the files that its input names')] } : {};
};

/** Names of hosts are asked of a server. */
const getent: Manner = ({ operands: [database, ...keys] }) => {
  const asks =
    database === undefined || database.kind !== 'exact' || /^(a?hosts|networks)/.test(database.value);
  if (database !== undefined && (database.kind !== 'exact' || /^g?shadow/.test(database.value)))
    return { verdicts: [raised('path.secret', 'looks at what is usually secret')] };
  return asks && keys.some(({ kind }) => kind !== 'exact' && kind !== 'number')
    ? { verdicts: [raised('network.unknown', 'what it asks a server for is only known when it runs')] }
    : {};
};

/** Without a name, or behind a dash, it asks for whatever it reads. */
const nslookup: Manner = ({ operands: [name] }, { input }) =>
  (name === undefined || name.value === '-') && input.kind !== 'inherited'
    ? { verdicts: [raised('network.unknown', 'asks a server for what it reads')] }
    : {};

/** Text of one line that has an ending: `src/a.ts` in `-L 1,5:src/a.ts`. */
const lines: Manner = ({ options }, listed, facts) => ({
  verdicts: options.flatMap(({ name, value }) => {
    const colon = name === '-L' && value !== null ? value.value.lastIndexOf(':') : -1;
    return value === null || colon === -1 ? [] : judgePath(part(value, colon + 1), 'reads', listed, facts);
  }),
});

/** `git show --stdin` shows files, too. */
const shown: Manner = (given, listed, facts) => {
  const { verdicts = [] } = lines(given, listed, facts);
  return given.options.some(({ name }) => name === '--stdin')
    ? { verdicts: [...verdicts, raised('option.file', 'shows what its input names')] }
    : { verdicts };
};

/** Anything but a branch is a file of the repository: `git symbolic-ref config refs/heads/x`. */
const symbolic: Manner = ({ operands }) => {
  const [name, target] = operands;
  const isBranch = name?.kind === 'exact' && /^(HEAD|refs\/(?!.*\.\.).+)$/.test(name.value);
  return target === undefined || isBranch
    ? {}
    : { verdicts: [raised('path.later', 'writes into what git keeps of the repository')] };
};

/** Another host: what speaks for somebody is sent there. And its `--jq` knows the environment. */
const github: Manner = ({ options }) => ({
  verdicts: options.flatMap(({ name, value }): readonly Verdict[] => {
    if (value === null) return [];
    if (/^(-R|--repo)$/.test(name) && /:|\/.*\//.test(value.value))
      return [raised('network.address', 'gh: asks another server than its own')];
    return /^(-q|--jq)$/.test(name) ? judgeScriptText('jq', value).verdicts : [];
  }),
});

/** `docker top box e`: what stands behind the name are options of ps. */
const top: Manner = ({ operands }) =>
  operands.slice(1).every(({ value, kind }) => kind === 'exact' && /^[abcdf-zA-DF-Z0-9,]*$/.test(value))
    ? {}
    : { verdicts: [raised('secret.environment', 'docker top: shows the environment of programs')] };

const dump: Manner = ({ operands }) =>
  operands.length > 0 ? { verdicts: [raised('secret.cluster', 'prints what a cluster holds')] } : {};

/** `sed -i '' script file`: BSD takes the ending as a word of its own. */
const edited: Manner = (given, listed, facts) => {
  const found = sed(given, listed, facts).verdicts ?? [];
  const [suffix, script] = given.operands;
  const apart =
    script !== undefined &&
    given.options.some(({ name, value }) => /^(-i|-I)$/.test(name) && value === null) &&
    !given.options.some(({ name }) => /^(-e|-f|--expression|--file)$/.test(name)) &&
    /^$|^\./.test(suffix?.value ?? '-');
  return { verdicts: [...found, ...(apart ? judgeScriptText('sed', script).verdicts : [])] };
};

/** `install -m 4755`, `mkdir -m 777`. */
const mode: Manner = ({ options }) => ({
  verdicts: options.flatMap(({ name, value }) =>
    value !== null && /^(-m|--mode)$/.test(name) ? judgeBits(value.value) : [],
  ),
});

const installed: Manner = (given, listed, facts) => ({
  verdicts: [mode, backup].flatMap((manner) => manner(given, listed, facts).verdicts ?? []),
});

function without(given: Given, places: ReadonlySet<number>): Given {
  const kept = given.places.map((place) => !places.has(place));
  return {
    ...given,
    operands: given.operands.filter((_, at) => kept[at] === true),
    places: given.places.filter((_, at) => kept[at] === true),
  };
}

const BY_NAME: ReadonlyMap<string, Manner> = new Map<string, Manner>([
  ['jobs', jobs],
  ['flock', flock],
  ['jq', jq],
  ['yq', yq],
  ['date', date],
  ['ps', ps],
  ['zip', zip],
  ['man', page],
  ['info', page],
  ['sort', list],
  ['cpio', fed],
  ['pax', fed],
  ['getent', getent],
  ['nslookup', nslookup],
  ['git log', lines],
  ['git show', shown],
  ['git whatchanged', lines],
  ['git rev-list', lines],
  ['git symbolic-ref', symbolic],
  ['mkdir', mode],
  ['mkfifo', mode],
  ...[...ROWS.keys()]
    .filter((name) => name.startsWith('gh '))
    .map((name): [string, Manner] => [name, github]),
  ['sed', edited],
  ['docker top', top],
  ['kubectl cluster-info', dump],
  ['split', split],
  ['csplit', csplit],
  ['curl', curl],
  ['curlie', curl],
  ...called(further, 'nm objdump readelf size strings ar jar 7z 7za 7zr rar unrar'),
  ...called(backup, 'cp mv ln rsync'),
  ['install', installed],
  ...called(packer, 'gzip gunzip pigz compress uncompress bzip2 bunzip2 pbzip2'),
  ...called(packer, 'xz unxz lzma unlzma zstd unzstd lz4 brotli'),
]);

function called(manner: Manner, names: string): readonly [string, Manner][] {
  return names.split(' ').map((name) => [name, manner]);
}
