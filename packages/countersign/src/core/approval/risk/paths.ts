// What a path is, and what reading or writing it means. A path that only the run knows is taken for the worst it could be:
// who hides a name gains nothing by it.
import type { Tier } from '@countersign/protocol/tier';
import { resolvePath } from '../shell/folders.ts';
import { HOLE, type Listed, type ListedWord } from '../shell/listing.ts';
import { programName } from '../shell/names.ts';
import { matchesGlob } from './glob.ts';
import { homesOf } from './homes.ts';
import { climbsBack, realPaths } from './links.ts';
import { type Place, placesOf } from './places.ts';
import type { RiskContext } from './risk.ts';

/** `names`: only its name is shown. `deep`: with all below it. `leads`: a link is made to it. */
export type PathUse = 'names' | 'reads' | 'deep' | 'leads' | 'writes' | 'removes' | 'moves';

export interface Verdict {
  readonly rule: string;
  readonly tier: Tier;
  readonly why: string;
}

export interface PathFacts {
  readonly cwd: string;
  readonly context: RiskContext;
  /** The line has brought something before: what lies in the folder may be links. `writes`: only what is written counts. */
  readonly brought?: 'all' | 'writes';
  /** What the line has moved, links and all. */
  readonly moved?: readonly Moved[];
  /** Those of the line without that. */
  readonly first?: PathFacts;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** PATH_MAX: no file has a longer name, and nothing here has to read one. */
const MAX_PATH = 4_096;

const changes = (use: PathUse): boolean => use === 'writes' || use === 'removes' || use === 'moves';

/** What is to be said of one word that is a path; nothing when it is harmless. */
export function judgePath(
  word: ListedWord,
  use: PathUse,
  listed: Listed,
  facts: PathFacts,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const values = word.kind === 'number' ? [word.value.replaceAll(HOLE, '0')] : (word.among ?? [word.value]);
  for (const value of values) {
    if (value === '-' || value === '') continue;
    if (value.length > MAX_PATH) {
      verdicts.push(...unknown(HOLE, use, listed, facts));
      continue;
    }
    if (word.kind === 'pipe' && value === '/dev/fd/63') continue;
    const root = word.kind === 'found' ? value.replace(new RegExp(`/?${HOLE}.*$`, 's'), '') : value;
    if (word.kind === 'found' && changes(use)) {
      verdicts.push({
        rule: 'path.found',
        tier: 'destructive',
        why: 'changes or removes every file that is found',
      });
    }
    if (root.includes(HOLE) || climbsAfterPattern(root)) {
      verdicts.push(...unknown(root, use, listed, facts));
      continue;
    }
    const folders = root.startsWith('/') ? ['/'] : (listed.folders ?? [null]);
    for (const folder of folders) {
      if (folder === null) {
        if (listed.place === 'here') verdicts.push(...unknownFolder(root, use));
        verdicts.push(...anywhere(root, use, listed, facts));
        continue;
      }
      const path = resolvePath(folder, root);
      verdicts.push(...known(path, use, listed, facts, word));
      if (listed.place !== 'here') continue;
      for (const real of realPaths(folder, root, word, facts))
        if (real !== path) verdicts.push(...known(real, use, listed, facts, word));
      if (facts.context.realPath === undefined && use !== 'names' && climbsBack(root))
        verdicts.push({
          rule: 'path.unknown',
          tier: 'elevated',
          why: `where ${root} leads, only its links say`,
        });
    }
  }
  return verdicts;
}

/** Whether a folder is Countersign's own, by its name alone. */
export function judgeFolder(folder: string, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const plain = folder.startsWith('/') && !folder.includes(HOLE) && !/\/(\.|\/|$)/.test(folder);
  // What is not below the same first name is nobody's; the rest is asked in full.
  const near =
    !plain ||
    folder.startsWith('/proc/') ||
    facts.context.realPath !== undefined ||
    partsOf(facts.context.guarded).some((parts) => relate(folder, parts, false) === 'under');
  if (!near) return [];
  return judgePath({ text: folder, value: folder, kind: 'exact' }, 'names', listed, facts).filter(
    ({ rule }) => rule === 'floor.countersign',
  );
}

/** A path that is written by an option: the write counts by itself. */
export function written(word: ListedWord, listed: Listed, facts: PathFacts): readonly Verdict[] {
  if (word.value === '-' || /^\/dev\/(null|stdout|stderr)$/.test(word.value)) return [];
  return [
    { rule: 'path.write', tier: 'write', why: `writes ${word.text}` },
    ...judgePath(word, 'writes', listed, facts),
  ];
}

/** A star may be a link that leads elsewhere, and `..` is then somewhere else again. */
const climbsAfterPattern = (value: string): boolean =>
  value.includes('..') && /[*?[][^/]*\/(.*\/)?\.\.(\/|$)/.test(value);

function unknown(value: string, use: PathUse, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const rule = 'path.unknown';
  const names = value.split('/');
  const hidden = names.findLastIndex((name) => name.includes(HOLE) || /[*?[]/.test(name));
  const rest = names.slice(hidden + 1).join('/');
  const inside = rest === '' ? [] : anywhere(rest, use, listed, facts);
  if (!changes(use))
    return [{ rule, tier: 'elevated', why: 'which file it looks at is only known when it runs' }, ...inside];
  const tier = rest === '' || use !== 'writes' ? 'destructive' : 'elevated';
  return [{ rule, tier, why: 'which file it changes is only known when it runs' }, ...inside];
}

/** What a path is below a folder that only the run knows: that folder may be the home. */
function anywhere(rest: string, use: PathUse, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const supposed = { cwd: facts.cwd, context: elsewhere(facts.context) };
  // However far it climbs first, it is somewhere, too.
  const below = resolvePath('/', rest).slice(1);
  return known(resolvePath(SOMEWHERE, below), use, listed, supposed, {
    text: rest,
    value: rest,
    kind: 'variable',
  }).filter(({ rule }) => rule !== 'path.outside');
}

const SOMEWHERE = `/${HOLE}`;

/** The same host, as seen from a folder that may be the home. */
const ELSEWHERE = new WeakMap<RiskContext, RiskContext>();
function elsewhere(context: RiskContext): RiskContext {
  const known = ELSEWHERE.get(context);
  if (known !== undefined) return known;
  const { guarded } = context;
  const paths = guarded.paths.map((path) => `${SOMEWHERE}/${path.slice(path.lastIndexOf('/') + 1)}`);
  const supposed = { ...context, home: SOMEWHERE, guarded: { ...guarded, paths } };
  ELSEWHERE.set(context, supposed);
  return supposed;
}

function unknownFolder(value: string, use: PathUse): readonly Verdict[] {
  const tier = use === 'removes' || use === 'moves' ? 'destructive' : 'elevated';
  return [
    { rule: 'path.unknown', tier, why: `in which folder ${value} is meant is only known when it runs` },
  ];
}

function known(
  path: string,
  use: PathUse,
  listed: Listed,
  facts: PathFacts,
  word: ListedWord,
): readonly Verdict[] {
  const { context, cwd } = facts;
  const verdicts: Verdict[] = [];
  const glob = word.kind !== 'exact' && /[*?[]/.test(path);
  for (const guarded of partsOf(context.guarded)) {
    const relation = relate(path, guarded, glob);
    if (
      relation === 'under' ||
      (relation === 'above' && use !== 'names' && use !== 'reads' && use !== 'leads')
    ) {
      verdicts.push({
        rule: 'floor.countersign',
        tier: 'destructive',
        why:
          relation === 'under'
            ? "names Countersign's own files"
            : "reaches Countersign's own files, which are below it",
      });
    }
  }
  if (
    use !== 'names' &&
    path.endsWith('sock') &&
    /\/(docker|containerd|crio|podman)(\.|\/)?[^/]*\.?sock$/.test(path)
  ) {
    verdicts.push({
      rule: 'floor.escape',
      tier: 'destructive',
      why: 'the socket of a container engine, which has all rights of this machine',
    });
  }
  const pid = path.startsWith('/proc/') ? /^\/proc\/(\d+)(\/|$)/.exec(path) : null;
  if (pid !== null && context.guarded.pids.includes(Number(pid[1]))) {
    verdicts.push({ rule: 'floor.countersign', tier: 'destructive', why: "names Countersign's own process" });
  }
  const places = placesOf(path, homesOf(context), glob);
  verdicts.push(...byPlace(places, use, makesNothing(listed)));
  if (listed.place !== 'here') return verdicts;
  const inside = path === cwd || path.startsWith(cwd === '/' ? '/' : `${cwd}/`);
  if (inside && use === 'writes' && isTrap(path.slice(cwd.length), facts))
    verdicts.push({
      rule: 'path.option',
      tier: 'elevated',
      why: 'a name that becomes an option, or another name, where a star or a variable stands for it',
    });
  if (inside && facts.brought !== undefined && mayFollow(use, listed, facts) && !places.has('nowhere'))
    verdicts.push({
      rule: 'path.brought',
      tier: 'elevated',
      why: 'may be a link that the same line has brought, and lead anywhere',
    });
  if (inside || places.has('nowhere') || (!changes(use) && places.has('public'))) return verdicts;
  if (use === 'leads')
    verdicts.push({
      rule: 'path.outside',
      tier: 'elevated',
      why: 'a link that leads out of the working folder',
    });
  else if (use === 'removes' || use === 'moves') {
    verdicts.push({
      rule: 'path.outside',
      tier: 'destructive',
      why: 'takes something away outside the working folder',
    });
  } else if (use === 'writes') {
    verdicts.push({ rule: 'path.outside', tier: 'elevated', why: 'writes outside the working folder' });
  } else verdicts.push({ rule: 'path.outside', tier: 'elevated', why: 'looks outside the working folder' });
  return verdicts;
}

/** `-x`; and what is split at its spaces into an option or a name that is guarded: `a .env`. */
function isTrap(path: string, { cwd, context }: PathFacts): boolean {
  if (path.includes('/-')) return true;
  if (!/\s/.test(path)) return false;
  return path.split('/').some((name) =>
    name
      .split(/\s+/)
      .slice(1)
      .some((word) => /^-./.test(word) || placesOf(`${cwd}/${word}`, homesOf(context), false).has('secret')),
  );
}

const WRITING: readonly (readonly [Place, Tier, string])[] = [
  ['network', 'destructive', 'opens a connection out of the shell itself'],
  ['device', 'destructive', 'writes to a device'],
  ['system', 'destructive', "changes the system's own files"],
  ['persists', 'destructive', 'is run or believed later, without anybody asking'],
  ['shadows', 'destructive', 'is found in place of a program of the same name'],
  ['hooks', 'destructive', 'changes whether an agent asks at all'],
  ['later', 'elevated', 'is run later by tools that work in this folder'],
  ['around', 'elevated', 'holds what is run later, and what comes into it is not named here'],
  ['secret', 'elevated', 'changes a secret'],
];

/** An empty folder or file where tools look holds nothing yet. */
const EMPTY: ReadonlySet<string> = new Set(['mkdir', 'rmdir', 'touch']);
const isOf = (names: ReadonlySet<string>, { words: [program] }: Listed): boolean =>
  program !== undefined && names.has(programName(program.value));
const makesNothing = (listed: Listed): boolean => isOf(EMPTY, listed);

/** Whether what the line has brought is read or written as a link that it may be. */
function mayFollow(use: PathUse, listed: Listed, { brought }: PathFacts): boolean {
  if (use === 'writes') return !makesNothing(listed);
  return brought === 'all' && (use === 'deep' || (use === 'reads' && !isOf(UNPACKING, listed)));
}

/** They show nothing of what is no archive. */
const UNPACKING: ReadonlySet<string> = new Set(['tar', 'unzip']);

/** What comes into these is run or believed, also under another name that leads there. */
const TRUSTED: readonly Place[] = ['persists', 'shadows', 'hooks', 'later', 'around'];

function byPlace(places: ReadonlySet<Place>, use: PathUse, empty: boolean): readonly Verdict[] {
  if (places.size === 0) return [];
  if (changes(use)) {
    return WRITING.flatMap(([place, tier, why]) =>
      places.has(place) && !(empty && place === 'around') ? [{ rule: `path.${place}`, tier, why }] : [],
    );
  }
  const verdicts: Verdict[] = [];
  const trusted = use === 'leads' ? TRUSTED.find((place) => places.has(place)) : undefined;
  if (trusted !== undefined)
    verdicts.push({
      rule: `path.${trusted}`,
      tier: 'elevated',
      why: 'another name for what is run or believed later',
    });
  if (places.has('network'))
    verdicts.push({
      rule: 'path.network',
      tier: 'destructive',
      why: 'opens a connection out of the shell itself',
    });
  if (places.has('secret'))
    verdicts.push({ rule: 'path.secret', tier: 'elevated', why: 'looks at what is usually secret' });
  return verdicts;
}

/** Whether a path is a guarded one or below it, above it, or neither. Letters of either case are the same file here. */
function relate(path: string, wanted: GuardedPath, glob: boolean): 'under' | 'above' | null {
  if (wanted.parts.length === 0) return 'under';
  // A path as `resolvePath` makes it needs not be taken apart.
  if (!glob && !path.endsWith('/') && !path.includes('//')) {
    const lower = path.toLowerCase();
    if (lower.startsWith(wanted.whole))
      return lower.length === wanted.whole.length || lower.charCodeAt(wanted.whole.length) === SLASH
        ? 'under'
        : null;
    return wanted.whole.startsWith(lower) && wanted.whole.charCodeAt(lower.length) === SLASH ? 'above' : null;
  }
  const parts = split(path);
  const shared = Math.min(parts.length, wanted.parts.length);
  for (let at = 0; at < shared; at += 1) {
    const one = parts[at] ?? '';
    const other = wanted.parts[at] ?? '';
    if (one !== other && !(glob && matchesGlob(one, other))) return null;
  }
  return parts.length >= wanted.parts.length ? 'under' : 'above';
}

const SLASH = 47;

/** The guarded paths of a context, taken apart once. */
interface GuardedPath {
  readonly whole: string;
  readonly parts: readonly string[];
}
const PARTS = new WeakMap<object, readonly GuardedPath[]>();
function partsOf(guarded: RiskContext['guarded']): readonly GuardedPath[] {
  const known = PARTS.get(guarded.paths);
  if (known !== undefined) return known;
  const paths = guarded.paths.map((path) => {
    const parts = split(path);
    return { whole: `/${parts.join('/')}`, parts };
  });
  PARTS.set(guarded.paths, paths);
  return paths;
}

const split = (path: string): readonly string[] =>
  path
    .toLowerCase()
    .split('/')
    .filter((name) => name !== '');
