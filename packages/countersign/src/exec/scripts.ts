// Which files a command is given to run: approval.md 2.4. A wide net, by what the files are and not by what a program would
// do with its words: one hash too many binds a little more, one too few lets a script be changed after the yes (H44).
import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename, normalize } from 'node:path';
import type { HashedFile } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { hashed, isExecutable, isMarked, isSame, type OpenFile, withFile } from './file.ts';
import { bounded, linesIn, looseWordsOf, runsWhatComes, wordsOfLine } from './line.ts';
import { ANYWHERE_OPTION, FileOptions, type Named } from './named-files.ts';
import { Reading } from './reading.ts';
import { commandsOf, type Word } from './shell-words.ts';
import { pathOf, refuseTooDeep, workFolders } from './work-folders.ts';

/** A script, and where it was looked for. */
export interface Script extends Omit<OpenFile, 'handle' | 'head'> {
  readonly file: HashedFile;
  /** An interpreter is started with it as its first word, or `sed -f` with it: it is read at once, and by its path. */
  readonly isRead: boolean;
  /** Nothing says that it is run: a word only looks as if it named it so. */
  readonly isGuess: boolean;
}

const MOST = 64;
/** In so many places files are looked for. */
const MOST_LOOKS = 100_000;
/** PATH_MAX of Linux: what is longer, the system opens by no name. */
const LONGEST = 4_096;
/** A guess that is larger is no script: an archive, an image of a disk. */
const MOST_GUESSED = 67_108_864n;
const INTERPRETER =
  /^(?:\.|source|eval|(?:ba|da|z|k|mk|a|fi|c|tc)?sh|busybox|node|nodejs|deno|bun|tsx|ts-node|(?:python|pypy|ruby|perl|php|lua|guile)[\d.]*|luajit|rscript|julia|groovy|scala|osascript|tclsh|wish|expect|[gmn]?awk|pwsh|powershell|crontab)(?:\.exe)?$/i;
const SCRIPT =
  /\.(?:sh|bash|zsh|ksh|fish|command|py|pyw|js|mjs|cjs|ts|mts|cts|rb|pl|pm|php|lua|r|jl|tcl|awk|sed|ps1|bat|cmd|vbs|scpt|groovy|mk)$/i;

/** What reads the program that an option names before it does anything, and would not write to it. */
const READS_FIRST =
  /^(?:[gmn]?awk|original-awk|bwk|g?sed|ssed|jq|gojq|jaq|yq|php[\d.]*|guile[\d.]*|expect|octave|gnuplot|psql)(?:\.exe)?$/i;

/** One file with many names: it is what it was called. */
const MANY_NAMED = /^(?:busybox|coreutils|toybox)$/;
/** What some look for where they are told less: `node main`, `ruby -r ./lib`, `gawk -f prog`, `python3 folder`. */
const ENDINGS = [
  ...['.js', '.cjs', '.mjs', '.ts', '.json', '.rb', '.lua', '.awk'],
  ...['/index.js', '/package.json', '/__main__.py'],
];

/**
 * @param run a line, or all words but the program, as they stand.
 * @param program as it was typed, and where its real file is.
 * @throws Problem `usage`: too many to be asked about, or one that is no file.
 */
export async function scriptsOf(
  run: string | readonly string[],
  {
    program,
    cwd,
    home,
    reading = new Reading(),
  }: {
    program: readonly [typed: string, real: string];
    cwd: string;
    home: string | undefined;
    reading?: Reading;
  },
): Promise<Script[]> {
  const own = typeof run === 'string' ? [] : run;
  const first = typeof run === 'string' ? run : '';
  const given = first === '' ? own : wordsOfLine(first);
  const lines = new Set(first === '' ? [] : [first]);
  for (const line of await linesIn(given, reading)) lines.add(line);
  const commands: { readonly words: readonly Word[]; readonly isExpanded: boolean }[] = [];
  const all = [...own];
  const loose: Word[] = [];
  // Any of its files may be what comes.
  let isFed = false;
  for (const line of lines) {
    const isExpanded = /[$`]/.test(line);
    for (const words of commandsOf(line)) {
      await reading.turn();
      commands.push({ words, isExpanded });
      for (const { text } of words) all.push(text);
      isFed ||= readsWhatComes(words);
    }
    for (const text of looseWordsOf(line)) {
      loose.push(told(text));
      all.push(text);
    }
    isFed ||= runsWhatComes(line);
    bounded(all.length);
    await reading.turn();
  }
  const folders = await workFolders(all, { cwd, home, reading });
  const search = new Search({ folders, home, isFed, reading });
  await search.through(own.map(told), program);
  const expects = search.expects;
  for (const { words, isExpanded } of commands) await search.through(words, ['', ''], { isExpanded });
  await search.through(loose, ['', ''], { expects, isLoose: true });
  return search.found;
}

/** `cat prog | sed -f -` */
function readsWhatComes(command: readonly Word[]): boolean {
  const options = new FileOptions();
  return command.some(({ text }) => {
    options.meet(basename(text));
    return options
      .named(text)
      .some(
        ({ name, as }) =>
          as !== 'guess' && /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/.test(name),
      );
  });
}

function told(text: string): Word {
  return { text, isTarget: false };
}

/** How sure it is that a file is run; null: by what it is alone. */
type Wanted = 'surely' | 'perhaps' | null;

interface How {
  readonly wanted: Wanted;
  readonly isRead: boolean;
  /** What an option is given. */
  readonly isValue?: boolean;
}

interface Where {
  readonly folders: readonly string[];
  readonly home: string | undefined;
  readonly isFed: boolean;
  readonly reading: Reading;
}

class Search {
  readonly #where: Where;
  /** By the path it was looked for: any of them may be led elsewhere. */
  readonly #found = new Map<string, Script>();
  /** By its real path. */
  readonly #known = new Map<string, Script>();
  readonly #missing = new Set<string>();
  /** By how it was looked for, and then by its name: most words come more than once. */
  readonly #looked = new Map<string, Map<string, Script | null>>();
  #looks = 0;
  /** Straight after an interpreter the first file is what it runs, whatever it is called. */
  expects = false;

  constructor(where: Where) {
    this.#where = where;
  }

  get found(): Script[] {
    return [...this.#found.values()];
  }

  /** @param program whose words they are; empty where the first of them is it. */
  async through(
    words: readonly Word[],
    program: readonly [typed: string, real: string],
    { expects = false, isLoose = false, isExpanded = false } = {},
  ): Promise<void> {
    const { isFed, reading } = this.#where;
    const options = new FileOptions();
    // Where there are several, whose option it is is not told apart.
    let programs = 0;
    const meet = (...names: readonly string[]) => {
      if (isLoose) return;
      const isKnown = names.map((name) => options.meet(name)).includes(true);
      if (isKnown || isInterpreter(names[0] ?? '', names[1] ?? '')) programs += 1;
    };
    if (program[0] !== '') meet(basename(program[0]), basename(program[1]));
    const hasOption = words.some(({ text }) => ANYWHERE_OPTION.test(text));
    this.expects = expects || isFed || isInterpreter(...program);
    const readsFirst = program.some((name) => READS_FIRST.test(basename(name)));
    /** Behind an option whose value it may be, a file need not be the one that is run. */
    let isUnsure = false;
    let before = '';
    for (const [at, { text, isTarget }] of words.entries()) {
      await reading.turn();
      const isRead = at === 0 && program[0] !== '' && this.expects;
      // `sed -f >out prog`
      const { isValue, script: named } = await this.#named(isTarget ? [] : options.named(text), {
        ...{ text, isRead, readsFirst, isOnly: programs === 1 },
      });
      // `sed -f $NOTHING prog`
      if (isExpanded && !isTarget && named === null) options.passOver();
      let script = named;
      if (!text.startsWith('-') && !(isValue && script !== null)) {
        const wanted =
          this.expects || (hasOption && options.isAnywhere) ? 'surely' : isUnsure ? 'perhaps' : null;
        script = await this.#look(text, { wanted, isRead });
        if (script !== null && !isTarget) {
          isUnsure = !isLoose && /^-(?!-$)./.test(before);
          this.expects = isFed;
        }
      }
      if (isInterpreter(text, script?.path ?? '')) {
        this.expects = true;
        isUnsure = false;
      }
      meet(basename(text), basename(script?.path ?? ''));
      if (!isTarget) before = text;
      if (this.#known.size > MOST) throw tooMany();
    }
  }

  /** What an option names. */
  async #named(
    named: readonly Named[],
    {
      text,
      isRead,
      readsFirst,
      isOnly,
    }: { text: string; isRead: boolean; readsFirst: boolean; isOnly: boolean },
  ): Promise<{ isValue: boolean; script: Script | null }> {
    let found: Script | null = null;
    for (const { name, as } of named) {
      const isGuess = as === 'guess' && !this.expects;
      const script = await this.#look(name, {
        wanted: isGuess ? 'perhaps' : 'surely',
        isRead: isRead || (readsFirst && as === 'run'),
        isValue: as !== 'guess',
      });
      if (script === null) continue;
      found = script;
      if (as === 'run' && isOnly) this.expects = this.#where.isFed;
    }
    return { isValue: named.some(({ name, as }) => name === text && as !== 'guess'), script: found };
  }

  async #look(name: string, how: How): Promise<Script | null> {
    const key = JSON.stringify(how);
    const looked = this.#looked.get(key) ?? new Map<string, Script | null>();
    this.#looked.set(key, looked);
    const known = looked.get(name);
    if (known !== undefined) return known;
    const found = await this.#lookFor(name, how);
    looked.set(name, found);
    return found;
  }

  async #lookFor(name: string, { wanted, isRead, isValue = false }: How): Promise<Script | null> {
    const { folders, home, isFed } = this.#where;
    const short = shortened(name);
    if (short.length > LONGEST) return null;
    let found: Script | null = null;
    for (const path of new Set(folders.map((folder) => pathOf(short, folder, home)))) {
      // Most long words are text: where it is not said that they name a file, only a deep folder makes one of them.
      if (wanted === 'surely' || path.length - short.length > LONGEST / 2) refuseTooDeep(path, short);
      const script = await this.#at(path, wanted, isRead);
      found ??= script;
      if (wanted !== 'surely') continue;
      if (script === null && !this.#missing.has(path)) refuseStream(path);
      // Behind an option the name with an ending may be looked for first.
      if (isFed || (script !== null && !isValue)) continue;
      for (const ending of ENDINGS) {
        const longer = await this.#at(`${path}${ending}`, wanted, isRead);
        found ??= longer;
      }
    }
    return found;
  }

  async #at(asked: string, wanted: Wanted, isRead: boolean): Promise<Script | null> {
    if (this.#missing.has(asked)) return null;
    // In a deep folder each of them takes longer.
    this.#looks += 1 + Math.floor(asked.length / 256);
    if (this.#looks > MOST_LOOKS) throw tooManyLooks();
    await this.#where.reading.turn();
    // Most words name nothing: to find that out is as quick as it can be.
    if (!isNamed(asked)) {
      this.#missing.add(asked);
      return null;
    }
    const script = await withFile(asked, (opened) => this.#read(opened, wanted, isRead));
    if (script === null) return null;
    const before = this.#found.get(asked);
    const isGuess = script.isGuess && (before?.isGuess ?? true);
    this.#found.set(asked, { ...script, isGuess, isRead: script.isRead || before?.isRead === true });
    return script;
  }

  async #read(opened: OpenFile, wanted: Wanted, isRead: boolean): Promise<Script | null> {
    const { asked, path, seen } = opened;
    const isSure =
      wanted === 'surely' ||
      isExecutable(opened) ||
      isMarked(opened) ||
      SCRIPT.test(path) ||
      SCRIPT.test(asked);
    if (!isSure && (wanted === null || seen.size > MOST_GUESSED)) return null;
    // One file with two names is read once.
    const known = this.#known.get(path);
    const isKnown = known !== undefined && isSame(known.seen, seen);
    const file = isKnown ? known.file : await hashed(opened, this.#where.reading);
    const script = { asked, path, seen, isRead, isGuess: !isSure, file };
    if (!isKnown) this.#known.set(path, script);
    return script;
  }
}

function tooMany(): Problem {
  return new Problem('usage', {
    detail: `it is given more than ${MOST} programs and scripts to run`,
    hint: 'put it into a script of its own, and run that',
    members: { field: 'script' },
  });
}

function tooManyLooks(): Problem {
  return new Problem('usage', {
    detail: 'its words name more places than can be looked through for scripts',
    hint: 'put it into a script of its own, and run that',
    members: { field: 'script' },
  });
}

/** Without what leads nowhere: a program may take `./` out before it opens what no system would. */
function shortened(name: string): string {
  if (name.length <= LONGEST) return name;
  return name.startsWith('~/') ? `~/${normalize(name.slice(2))}` : normalize(name);
}

/** By the name of the real file, too: a link named `ls` that leads to a shell reads its first word as a shell does. */
function isInterpreter(typed: string, real: string): boolean {
  const name = basename(real);
  return INTERPRETER.test(basename(typed)) || (INTERPRETER.test(name) && !MANY_NAMED.test(name));
}

/** A named pipe or a socket for a script: what comes out of it, nobody has seen. */
function refuseStream(path: string): void {
  const stat = statOf(path);
  // Our own descriptors are looked at elsewhere: the first is what it reads, and no other goes along.
  if (stat === undefined || /^\/(?:dev|proc)\//.test(path) || !(stat.isFIFO() || stat.isSocket())) return;
  throw new Problem('usage', {
    detail: `${JSON.stringify(path)} is no file: what would come out of it, nobody can be asked about`,
    hint: 'write the script into a file',
    members: { field: 'script' },
  });
}

/** False: nothing has that name, not even a link. */
function isNamed(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Undefined: nothing is there that this user could open. A word need be no name of a file at all. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
