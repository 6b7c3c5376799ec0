// One listed command against the tables: its row, its options, its operands. The reasons name the row that fired.
import { isAtLeast, type Tier } from '@countersign/protocol/tier';
import { resolvePath } from '../shell/folders.ts';
import { HOLE, type Input, type Listed, type ListedWord } from '../shell/listing.ts';
import { baseName, programName } from '../shell/names.ts';
import { type Given, type OptionTable, readOptions } from '../shell/options.ts';
import { type Subcommand, subcommandOf } from '../shell/subcommands.ts';
import { SHELLS, WRAPPERS } from '../shell/wrappers.ts';
import { judgeContainer } from './container.ts';
import { judgeLoose, worstOption } from './loose.ts';
import { mannersOf } from './manners.ts';
import { judgeOperands } from './operands.ts';
import { isCountersign } from './own.ts';
import { judgePath, type PathFacts, type Verdict, written } from './paths.ts';
import { PROGRAMS, type Raise, ROWS, type Row, rowFor } from './rules.ts';

export interface ProgramFacts extends PathFacts {
  /** Something the command wraps was listed in a row of its own. */
  readonly wraps: boolean;
}

export interface Judged {
  readonly verdicts: readonly Verdict[];
  /** Text of another language that the command runs. */
  readonly code: readonly string[];
  /** Lines that a shell runs and that are not listed in rows of their own. */
  readonly scripts: readonly ListedWord[];
  /** No row knows the program. */
  readonly unknown: boolean;
}

const OWN_VARIABLE = /^(-[a-zA-Z]*u=?|--unset=)?COUNTERSIGN_[A-Z_]+(=|$)/i;
const OWN_LENGTH = 'COUNTERSIGN_'.length;
const TRUSTED =
  /^\/(usr\/(local\/)?(s?bin|libexec|games)|s?bin|opt\/homebrew\/(s?bin)|opt\/local\/bin|run\/current-system\/sw\/bin)\/[^/]+$/;

/** Everything the tables say of one command. */
export function judgeProgram(listed: Listed, facts: ProgramFacts): Judged {
  const [first] = listed.words;
  if (first === undefined) return { verdicts: [], code: [], scripts: [], unknown: false };
  const verdicts: Verdict[] = [];
  if (listed.words.some(({ value }) => value.length > OWN_LENGTH && OWN_VARIABLE.test(value))) {
    verdicts.push({
      rule: 'floor.countersign',
      tier: 'destructive',
      why: "names one of Countersign's variables",
    });
  }
  const plain = programName(first.value);
  const lower = plain.toLowerCase();
  const known = PROGRAMS.has(plain.includes(' ') ? (plain.split(' ')[0] ?? plain) : plain);
  const name = known ? plain : lower;
  if (first.value.includes('/') && !TRUSTED.test(first.value)) {
    verdicts.push({
      rule: 'program.brought',
      tier: 'elevated',
      why: `runs ${first.text}, a program that is not the system's own`,
    });
    verdicts.push(
      ...judgePath(first, 'names', listed, facts).filter(({ rule }) => rule === 'floor.countersign'),
    );
  }
  if (isCountersign(name)) {
    verdicts.push(...countersign(listed.words));
    return { verdicts, code: [], scripts: [], unknown: false };
  }
  const command = subcommandOf(name, listed.words);
  const found = rowFor(command.path);
  if (found === null) {
    // Another's function of this line is not a program that nobody knows.
    if (listed.calls !== undefined) return { verdicts, code: [], scripts: [], unknown: false };
    verdicts.push({
      rule: 'program.unknown',
      tier: 'elevated',
      why: `no rule knows the program ${JSON.stringify(baseName(first.value))}`,
    });
    return { verdicts: [...verdicts, ...anyPath(listed, facts)], code: [], scripts: [], unknown: true };
  }
  if (name !== plain) {
    verdicts.push({
      rule: 'program.case',
      tier: 'elevated',
      why: `${first.text} is another program where letters count`,
    });
  }
  return withRow(listed, found.row, command, found.length, facts, verdicts);
}

function withRow(
  listed: Listed,
  row: Row,
  command: Subcommand,
  length: number,
  facts: ProgramFacts,
  verdicts: Verdict[],
): Judged {
  // A command of a command that no row names is read as an operand of the row that was found.
  const from =
    length === command.path.length
      ? command.at + 1
      : placeOf(listed.words, command.path[length - 1] ?? '', length);
  const wrapped = wrapperOf(row);
  const read = readOptions(listed.words, wrapped ?? row.options, { from, stop: wrapped !== null });
  const manners = mannersOf(row, read, listed, facts);
  const { given } = manners;
  verdicts.push(...manners.verdicts);
  const code: string[] = [];
  // Who asks a program for its version gives it nothing to read.
  const isFed = row.operands.includes('code') && !isQuiet(listed.input);
  const lowered = isFed ? null : lowers(row, given);
  const tier =
    lowered ??
    (facts.wraps && isWrapper(row) && !isAtLeast(row.tier, 'destructive') && row.name === 'env'
      ? 'read'
      : row.tier);
  if (tier !== 'read') {
    verdicts.push({
      rule: row.floor ? `floor.${row.name}` : `program.${row.name}`,
      tier,
      why: `${row.name}: ${row.why}`,
    });
  }
  if (length < command.path.length && row.tier === 'read') {
    verdicts.push({
      rule: 'program.command',
      tier: 'elevated',
      why: `no rule knows ${command.path.join(' ')}`,
    });
  }
  if (command.unknown) {
    verdicts.push({
      rule: 'program.command',
      tier: 'elevated',
      why: `which command of ${row.name} it is, only the run knows`,
    });
    verdicts.push(...anyCommand(command.path.join(' '), listed, facts));
  }
  // Without a command of its own they are options of the row itself.
  for (const option of command.path.length > 1 ? command.before : []) {
    if (option.kind === 'code') verdicts.push(...codeOption(row, option.name, option.value));
    if (option.value !== null && (option.kind === 'reads' || option.name === '-C')) {
      verdicts.push(...judgePath(option.value, 'names', listed, facts));
    }
    if (option.value !== null)
      verdicts.push(
        ...judgePath(option.value, 'deep', listed, facts).filter(({ rule }) => rule.startsWith('floor.')),
      );
    if (option.value !== null && option.kind === 'writes')
      verdicts.push(...written(option.value, listed, facts));
    if (option.kind === 'unknown') verdicts.push(unknownOption(row, option.name));
  }
  for (const option of given.options) {
    const raise = raised(row, option.name);
    if (raise !== null && lowered === null) {
      verdicts.push({
        rule: `option.${row.name} ${option.name}`,
        tier: raise.tier,
        why: `${row.name} ${option.name}: ${raise.why}`,
      });
    }
    if (option.kind === 'unknown') {
      verdicts.push(unknownOption(row, option.name));
      if (option.value !== null)
        verdicts.push(
          ...judgePath(option.value, 'deep', listed, facts).filter(({ rule }) => rule.startsWith('floor.')),
        );
      if (option.name.includes(HOLE)) verdicts.push(...worstOption(row, option.name));
    }
    if ((option.kind === 'code' || (option.kind === 'script' && wrapped === null)) && option.value !== null) {
      code.push(option.value.value);
      if (UNREAD.has(option.value.kind)) {
        verdicts.push({
          rule: 'code.unread',
          tier: 'destructive',
          why: `${row.name} ${option.name} runs a text that cannot be read here`,
        });
      }
      verdicts.push({
        rule: `option.${row.name} ${option.name}`,
        tier: 'elevated',
        why: `${row.name} ${option.name} runs what follows it`,
      });
    }
    if (option.value === null) continue;
    if (option.kind === 'reads') verdicts.push(...judgePath(option.value, 'reads', listed, facts));
    else if (option.kind === 'writes') verdicts.push(...written(option.value, listed, facts));
    else if (
      option.kind === 'attached' &&
      /[/~]|^\.|\.(pem|key)$/.test(option.value.value) &&
      row.tier !== 'destructive'
    ) {
      verdicts.push(...judgePath(option.value, 'reads', listed, facts));
    }
  }
  verdicts.push(...judgeLoose(row, given, listed, facts));
  if (lowered !== null && row.operands.includes('code'))
    return { verdicts, code, scripts: [], unknown: false };
  const placed = insideFolder(listed, command);
  const operands = judgeOperands({ row, given, listed: placed, facts });
  verdicts.push(...operands.verdicts);
  if (facts.brought === 'all' && row.name.startsWith('git') && isDeep(placed, facts)) verdicts.push(INNER);
  code.push(...operands.code);
  return { verdicts, code, scripts: manners.scripts, unknown: false };
}

/** `git -C sub diff x` means `sub/x`. Each folder is meant from the one before it. */
function insideFolder(listed: Listed, { before }: Subcommand): Listed {
  let { folders } = listed;
  for (const { name, value } of before) {
    if (!ENTERS.has(name) || value === null) continue;
    folders =
      value.kind === 'exact' ? (folders?.map((folder) => resolvePath(folder, value.value)) ?? null) : null;
    // Longer than a system takes: each is read from its beginning again.
    if (folders?.some(({ length }) => length > LONGEST)) folders = null;
  }
  return folders === listed.folders ? listed : { ...listed, folders };
}

/** Below the folder that a clone becomes there may be another repository, with settings of whoever made it. */
const isDeep = ({ folders }: Listed, { cwd }: PathFacts): boolean =>
  folders === null ||
  folders.some((folder) => folder.startsWith(`${cwd}/`) && folder.slice(cwd.length + 1).includes('/'));

const INNER: Verdict = {
  rule: 'git.brought',
  tier: 'elevated',
  why: 'asks git in a folder that the same line has brought, whose settings may name programs',
};

const LONGEST = 4_096;
const ENTERS: ReadonlySet<string> = new Set(['-C', '--cwd', '--dir', '--directory']);

function placeOf(words: readonly ListedWord[], name: string, length: number): number {
  if (length === 1) return 1;
  const at = words.findIndex((word, index) => index > 0 && word.value === name);
  return at + 1;
}

/**
 * Options of a program that runs what its words say: they end where the command begins. Null for any other, and for those
 * that ask all the same.
 */
function wrapperOf(row: Row): OptionTable | null {
  if (row.tier !== 'read') return null;
  const known = WRAPPED.get(row.name);
  if (known !== undefined) return known;
  const wrapper = WRAPPERS.get(row.name);
  const runs = SHELLS.has(row.name) || (wrapper !== undefined && wrapper.rest !== 'none');
  const own = wrapper?.options;
  const table = !runs
    ? null
    : own === undefined
      ? row.options
      : {
          any: row.options.any || own.any,
          named: new Map([...row.options.named, ...own.named]),
          long: [...row.options.long, ...own.long],
        };
  WRAPPED.set(row.name, table);
  return table;
}
const WRAPPED = new Map<string, OptionTable | null>();

const isWrapper = (row: Row): boolean => row.name === 'env' || WRAPPERS.has(row.name) || SHELLS.has(row.name);

function raised(row: Row, name: string): Raise | null {
  let found: Raise | null = null;
  for (const raise of row.raises) {
    if (raise.flags.includes(name) && (found === null || isAtLeast(raise.tier, found.tier))) found = raise;
  }
  return found;
}

const isQuiet = (input: Input): boolean =>
  input.kind === 'inherited' || (input.kind === 'file' && input.word.value === '/dev/null');

/** The tier of a `+?` row when only its options are there. */
function lowers(row: Row, given: Given): Tier | null {
  if (given.options.some((option) => row.raises.some(({ flags }) => flags.includes(option.name))))
    return null;
  for (const lower of row.lowers) {
    if (given.options.length === 0 && !(lower.none && given.operands.length === 0)) {
      const [word] = given.operands;
      if (!lower.operands || word === undefined || !lower.flags.includes(word.value)) continue;
    }
    if (!lower.operands && given.operands.length > 0) continue;
    if (given.loose.length > 0) continue;
    if (given.options.every((option) => lower.flags.includes(option.name))) return lower.tier;
  }
  return null;
}

const unknownOption = (row: Row, name: string): Verdict => ({
  rule: 'option.unknown',
  tier: 'elevated',
  why: `no rule knows ${row.name} ${name.replaceAll(HOLE, '…')}`,
});

const UNREAD: ReadonlySet<string> = new Set(['variable', 'output', 'input', 'pipe', 'found']);

/** A command of a program that only the run knows: the worst that any of them makes of the same words. */
function anyCommand(program: string, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  if (/^(docker|kubectl)/.test(program)) verdicts.push(...judgeContainer(listed, facts));
  const worst = [...ROWS.values()]
    .filter(({ name }) => name.startsWith(`${program} `))
    .flatMap(({ name, raises }) => raises.map((raise) => ({ name, raise })))
    .find(
      ({ raise }) =>
        raise.tier === 'destructive' && listed.words.some(({ value }) => raise.flags.includes(value)),
    );
  if (worst === undefined) return verdicts;
  return [
    ...verdicts,
    {
      rule: 'program.command',
      tier: 'destructive',
      why: `may be ${worst.name} with the same words: ${worst.raise.why}`,
    },
  ];
}

function codeOption(row: Row, name: string, value: ListedWord | null): readonly Verdict[] {
  const key = value?.value.split('=')[0]?.toLowerCase() ?? '';
  // git -c user.name=x and the like say nothing about programs.
  if (
    row.name.startsWith('git') &&
    name === '-c' &&
    /^(user\.(name|email)|color\.[a-z.]+|core\.(quotepath|autocrlf|longpaths)|advice\.[a-z]+|log\.[a-z]+|commit\.gpgsign|init\.defaultbranch)$/.test(
      key,
    )
  ) {
    return [];
  }
  return [
    {
      rule: `option.${row.name} ${name}`,
      tier: 'elevated',
      why: `${name} ${key} may name a program or a place that ${row.name} trusts`,
    },
  ];
}

/** Words of a program that nobody knows: what they name is looked at all the same. */
function anyPath(listed: Listed, facts: PathFacts): readonly Verdict[] {
  return listed.words.slice(1, 64).flatMap((word) => {
    const value = word.value.startsWith('-') ? word.value.slice(word.value.indexOf('=') + 1) : word.value;
    return judgePath({ ...word, value }, 'deep', listed, facts).filter(
      ({ rule }) => rule === 'floor.countersign' || rule === 'path.secret',
    );
  });
}

const ASKING = new Set(['exec', 'version', '--version', '--help', 'help', 'hook', 'mcp', 'completion']);

/** Its client asks for itself; everything else of it decides, shows or changes. */
function countersign(words: readonly ListedWord[]): readonly Verdict[] {
  const verb = words[1];
  const second = words[2]?.value ?? '';
  const asks =
    verb?.kind === 'exact' && (ASKING.has(verb.value) || (verb.value === 'policy' && second === 'test'));
  const redirected =
    words.some((word) => /^--cl/.test(word.value)) ||
    (verb?.value === 'hook' && /^(un)?install/.test(second));
  if (asks && !redirected) return [];
  return [{ rule: 'floor.countersign', tier: 'destructive', why: "uses Countersign's own program" }];
}
