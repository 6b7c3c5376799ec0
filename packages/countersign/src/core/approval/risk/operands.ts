// What the operands of a program are, by the third column of its row. One function for each kind that is more than a path.
import { HOLE, type Listed, type ListedWord } from '../shell/listing.ts';
import type { Given } from '../shell/options.ts';
import { judgePackages, judgeRepositories } from './addresses.ts';
import { judgeArrivals, judgeMeant } from './arrivals.ts';
import { judgeScriptText } from './code.ts';
import { judgeContainer } from './container.ts';
import { judgeFind } from './find.ts';
import {
  judgeCheckout,
  judgeGitDiffs,
  judgeGitGrep,
  judgeGitPaths,
  judgeGitReads,
  judgeGitRemotes,
  judgeGitWrites,
  judgeSettingOfGit,
} from './git.ts';
import { judgeInterpreter } from './interpreter.ts';
import { judgeHost, judgeUrl } from './network.ts';
import { judgePath, type PathFacts, type PathUse, type Verdict, written } from './paths.ts';
import type { Operand, Row } from './rules.ts';
import {
  different,
  judgeCloud,
  judgeFormulas,
  judgeKill,
  judgeMode,
  judgePids,
  judgePush,
  judgeSaved,
} from './special.ts';
import { judgeTar } from './tar.ts';

export interface Operands {
  readonly row: Row;
  readonly given: Given;
  readonly listed: Listed;
  readonly facts: PathFacts;
}

interface Found {
  readonly verdicts: readonly Verdict[];
  readonly code: readonly string[];
}

export function judgeOperands(asked: Operands): Found {
  const { row } = asked;
  const verdicts: Verdict[] = [];
  const code: string[] = [];
  for (const kind of row.operands) {
    const found = BY_KIND[kind](asked);
    verdicts.push(...found.verdicts);
    code.push(...found.code);
  }
  return { verdicts, code };
}

const only = (verdicts: readonly Verdict[]): Found => ({ verdicts, code: [] });
const NOTHING: Found = { verdicts: [], code: [] };

function all(
  asked: Operands,
  use: PathUse,
  words: readonly ListedWord[] = asked.given.operands,
): readonly Verdict[] {
  return different(words).flatMap((word) => judgePath(word, use, asked.listed, asked.facts));
}

/** The last operand is where it goes, unless an option says where. */
function sourcesAndTarget({ given }: Operands): {
  sources: readonly ListedWord[];
  target: ListedWord | undefined;
} {
  const named = given.options.some((option) => option.name === '-t' || option.name === '--target-directory');
  if (named) return { sources: given.operands, target: undefined };
  return { sources: given.operands.slice(0, -1), target: given.operands.at(-1) };
}

function isRemote(word: ListedWord): boolean {
  return /^[^/]*[^/\\]:|^rsync:/.test(word.value) && !/^[A-Za-z]:[\\/]/.test(word.value);
}

/** The first operand is not a path when no option brought it (`grep -e x`). */
function afterPattern({ given, row }: Operands): {
  pattern: ListedWord | undefined;
  rest: readonly ListedWord[];
} {
  const names =
    row.name === 'jq' || row.name === 'awk'
      ? ['-f', '--from-file', '--file']
      : ['-e', '-f', '--regexp', '--file', '--expression', '--files', '-x'];
  const brought = given.options.some((option) => names.includes(option.name));
  return brought
    ? { pattern: undefined, rest: given.operands }
    : { pattern: given.operands[0], rest: given.operands.slice(1) };
}

const BY_KIND: Record<Operand, (asked: Operands) => Found> = {
  none: () => NOTHING,
  text: (asked) => only(all(asked, 'reads')),
  reads: (asked) => only(asked.row.operands.includes('pattern') ? [] : all(asked, 'reads')),
  names: (asked) =>
    only(
      asked.row.operands.includes('pattern')
        ? all(asked, 'names', afterPattern(asked).rest)
        : all(asked, 'names'),
    ),
  deep: (asked) => only(asked.row.operands.includes('pattern') ? [] : all(asked, 'deep')),
  pattern: pattern,
  roots: (asked) => only(judgeFind(asked)),
  inout: (asked) => {
    const [source, second] = asked.given.operands;
    // `uniq *` writes into the second file.
    const target = second ?? (source?.splits === true ? source : undefined);
    const read = source === undefined ? [] : judgePath(source, 'reads', asked.listed, asked.facts);
    return only([...read, ...(target === undefined ? [] : written(target, asked.listed, asked.facts))]);
  },
  writes: (asked) => only(all(asked, 'writes')),
  removes: (asked) => {
    const operands = different(asked.given.operands);
    const many = operands.filter((word) => word.kind === 'glob' || word.kind === 'input');
    const verdicts = many.map(
      (word): Verdict => ({
        rule: 'path.many',
        tier: 'destructive',
        why: `removes whatever ${word.text} is when it runs`,
      }),
    );
    const root = operands.some((word) => /^\.{0,2}\/?$/.test(word.value) && word.value !== '');
    if (root) verdicts.push({ rule: 'path.many', tier: 'destructive', why: 'removes the folder itself' });
    return only([...verdicts, ...all(asked, 'removes', operands)]);
  },
  copies: (asked) => {
    const { sources, target } = sourcesAndTarget(asked);
    const local = sources.filter((word) => !(asked.row.operands.includes('remote') && isRemote(word)));
    const into =
      target !== undefined && !(asked.row.operands.includes('remote') && isRemote(target))
        ? written(target, asked.listed, asked.facts)
        : [];
    return only([...all(asked, 'deep', local), ...into, ...judgeArrivals(asked, { sources, target })]);
  },
  remote: ({ given }) =>
    only(
      given.operands.some((word) => isRemote(word) || word.value.startsWith(HOLE))
        ? [{ rule: 'network.remote', tier: 'elevated', why: 'copies to or from another machine' }]
        : [],
    ),
  moves: (asked) => {
    const { sources, target } = sourcesAndTarget(asked);
    return only([
      ...all(asked, 'moves', sources),
      ...(target === undefined ? [] : written(target, asked.listed, asked.facts)),
      ...judgeArrivals(asked, { sources, target }),
    ]);
  },
  links: (asked) => {
    const { sources, target } = sourcesAndTarget(asked);
    const from = sources.length === 0 && target !== undefined ? [target] : sources;
    return only([
      ...all(asked, 'leads', from),
      ...judgeMeant(asked, { sources, target }),
      ...(sources.length === 0 || target === undefined ? [] : all(asked, 'writes', [target])),
    ]);
  },
  mode: (asked) => only([...judgeMode(asked), ...all(asked, 'writes', asked.given.operands.slice(1))]),
  tar: (asked) => {
    const { verdicts, code } = judgeTar(asked);
    return { verdicts: [...loose(asked), ...verdicts], code };
  },
  archive: (asked) =>
    only([
      ...loose(asked),
      ...all(asked, 'writes', asked.given.operands.slice(0, 1)),
      ...all(asked, 'deep', asked.given.operands.slice(1)),
    ]),
  unpack: (asked) => only(all(asked, 'reads', asked.given.operands.slice(0, 1))),
  code: judgeInterpreter,
  data: ({ given, listed }) => ({
    verdicts: [],
    code: [
      ...given.operands.map((word) => word.value),
      ...(listed.input.kind === 'text' ? [listed.input.text] : []),
    ],
  }),
  urls: (asked) => {
    const { given, listed, facts, row } = asked;
    const words =
      row.name === 'http' || row.name === 'https' ? given.operands.slice(0, 2) : different(given.operands);
    const named = given.options.some(({ name }) => /^(-O|--remote-name(-all)?)$/.test(name));
    const saved = named ? judgeSaved(asked) : [];
    return only([...saved, ...words.flatMap((word) => judgeUrl(word, facts.context, listed, facts))]);
  },
  wget: (asked) => {
    const { given, listed, facts } = asked;
    // With `-O` it is the option that writes.
    const elsewhere = given.options.some(({ name }) => /^(-O|--output-document|--spider)$/.test(name));
    const saved = elsewhere ? [] : judgeSaved(asked);
    return only([
      ...saved,
      ...different(given.operands).flatMap((word) => judgeUrl(word, facts.context, listed, facts)),
    ]);
  },
  hosts: ({ given, facts, listed }) => only(judgeHost(given.operands, listed, facts)),
  kill: ({ row, listed, facts }) => only(judgeKill(row.name, listed, facts.context)),
  push: (asked) => only([...judgePush(asked.given.operands), ...judgeRepositories(asked)]),
  checkout: (asked) => only(judgeCheckout(asked)),
  gitconfig: (asked) => only(judgeSettingOfGit(asked)),
  build: ({ row, listed }) => {
    const stdin = listed.words.some(
      ({ value, kind }, at) =>
        at > 1 &&
        (value === '-' || value === '/dev/stdin' || kind === 'pipe') &&
        /^(-[a-zA-Z]*f|--(make)?file)$/.test(listed.words[at - 1]?.value ?? ''),
    );
    if (!stdin) return NOTHING;
    if (listed.input.kind === 'text') return { verdicts: [], code: [listed.input.text] };
    return only([
      { rule: 'code.piped', tier: 'destructive', why: `${row.name} runs whatever comes out of the pipe` },
    ]);
  },
  container: ({ listed, facts }) => only(judgeContainer(listed, facts)),
  cluster: ({ listed }) =>
    only(
      // `-o jsonpath-file=x` reads x.
      listed.words.some(({ value }) => /secret|^--raw|file=/i.test(value))
        ? [{ rule: 'secret.cluster', tier: 'elevated', why: 'looks at secrets of a cluster, or at a file' }]
        : [],
    ),
  cloud: ({ listed }) => only(judgeCloud(listed)),
  folder: (asked) => only(all(asked, 'names').filter(({ rule }) => rule.startsWith('floor.'))),
  pids: ({ listed, facts }) => only(judgePids(listed, facts.context)),
  service: ({ listed }) =>
    only(
      listed.words.some(({ value }) => /countersign/i.test(value) || value.startsWith(HOLE))
        ? [{ rule: 'floor.countersign', tier: 'destructive', why: "may be Countersign's own service" }]
        : [],
    ),
  gitpaths: (asked) => transported(asked, judgeGitPaths(asked)),
  gitwrites: (asked) => transported(asked, judgeGitWrites(asked)),
  gitremotes: (asked) => transported(asked, judgeGitRemotes(asked)),
  gitreads: (asked) => transported(asked, judgeGitReads(asked)),
  gitdiffs: (asked) => only(judgeGitDiffs(asked)),
  gitgrep: (asked) => only(judgeGitGrep(asked)),
  formula: ({ given }) => only(judgeFormulas(given.operands)),
  package: (asked) => only(judgePackages(asked)),
};

/** An address that starts a program is a text that runs. */
function transported({ given }: Operands, verdicts: readonly Verdict[]): Found {
  const starts = verdicts.some(({ rule }) => rule === 'git.transport');
  return { verdicts, code: starts ? given.operands.map(({ value }) => value) : [] };
}

/** Names that only the run knows, for programs that start others by an option. */
function loose({ given, row }: Operands): readonly Verdict[] {
  return given.loose.map((word) => ({
    rule: 'option.loose',
    tier: 'elevated',
    why: `${word.text} may become an option of ${row.name} when it runs`,
  }));
}

function pattern(asked: Operands): Found {
  const { pattern: text, rest } = afterPattern(asked);
  const use: PathUse = asked.row.operands.includes('deep')
    ? 'deep'
    : asked.row.operands.includes('names')
      ? 'names'
      : 'reads';
  const edits =
    asked.row.name === 'sed' &&
    asked.given.options.some(
      (option) => option.name === '-i' || option.name === '--in-place' || option.name === '-I',
    );
  const scripts = [
    text,
    ...asked.given.options
      .filter(({ name }) => name === '-e' || name === '--expression')
      .map(({ value }) => value ?? undefined),
  ];
  const found = scripts.flatMap((word) =>
    word === undefined ? [] : [judgeScriptText(asked.row.name, word)],
  );
  const written_: Verdict[] = edits
    ? [{ rule: 'path.write', tier: 'write', why: 'edits files in place' }]
    : [];
  const file =
    asked.given.options.some(({ name }) => name === '-f' || name === '--file') &&
    /^(sed|awk)$/.test(asked.row.name);
  const fromFile: Verdict[] = file
    ? [{ rule: 'code.file', tier: 'elevated', why: `runs a script of ${asked.row.name} from a file` }]
    : [];
  return {
    verdicts: [
      ...found.flatMap(({ verdicts }) => verdicts),
      ...fromFile,
      ...written_,
      ...all(asked, edits ? 'writes' : use, rest),
    ],
    code: found.flatMap(({ code: text_ }) => text_),
  };
}
