// The tables, read once. A row: `programs | tier | what its words are | options that are harmless | what it does`.
// Several programs stand side by side, or with commas when they are a program and its command. An empty options cell
// names none, `*` any: in a row of tier `read` or `write` only where no option starts, writes or opens anything. Marks behind
// an option: `:` text, `?` text after `=`, `<` a path it reads, `>` a path it writes, `^` code or a program, `!` a shell line.
// A `+` row raises by options, a `+?` row lowers when no other option is there (`+?*`: with operands too; `none`: without
// options). A tier with `!` is the floor: no rule of the owner goes below it.
import { isAtLeast, TIERS, type Tier } from '@countersign/protocol/tier';
import { type OptionTable, optionTable } from '../shell/options.ts';
import { LOOKING } from './tables/looking.ts';
import { REACHING } from './tables/reaching.ts';
import { RULING } from './tables/ruling.ts';
import { RUNNING } from './tables/running.ts';
import { VERSIONING } from './tables/versioning.ts';

/** What the operands of a program are. */
export const OPERANDS = [
  'none',
  'reads',
  'names',
  'deep',
  'pattern',
  'roots',
  'inout',
  'writes',
  'removes',
  'copies',
  'moves',
  'links',
  'mode',
  'tar',
  'archive',
  'unpack',
  'text',
  'code',
  'data',
  'urls',
  'wget',
  'hosts',
  'kill',
  'push',
  'checkout',
  'gitconfig',
  'gitpaths',
  'gitreads',
  'gitdiffs',
  'gitgrep',
  'gitremotes',
  'gitwrites',
  'formula',
  'package',
  'remote',
  'container',
  'cluster',
  'cloud',
  'folder',
  'pids',
  'service',
  'build',
] as const;
export type Operand = (typeof OPERANDS)[number];

export interface Raise {
  readonly flags: readonly string[];
  readonly tier: Tier;
  readonly why: string;
}

export interface Lower extends Raise {
  readonly operands: boolean;
  readonly none: boolean;
}

export interface Row {
  readonly name: string;
  readonly tier: Tier;
  readonly floor: boolean;
  readonly operands: readonly Operand[];
  readonly options: OptionTable;
  readonly why: string;
  readonly raises: readonly Raise[];
  readonly lowers: readonly Lower[];
}

interface Group {
  names: string[];
  row: Omit<Row, 'name' | 'raises' | 'lowers' | 'options'>;
  options: string;
  raises: Raise[];
  lowers: Lower[];
}

const isTier = (text: string): text is Tier => (TIERS as readonly string[]).includes(text);
const isOperand = (text: string): text is Operand => (OPERANDS as readonly string[]).includes(text);

/** Reads a table; throws when a row is not well-formed, since a row that is lost is a door that is open. */
export function readTable(text: string): ReadonlyMap<string, Row> {
  const groups: Group[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const cells = line.split('|').map((cell) => cell.trim());
    const last = groups.at(-1);
    const mark = /^\+(\?\*?)? /.exec(line);
    if (mark !== null) {
      const [flags = '', tier = '', why = ''] = cells;
      if (cells.length !== 3 || !isTier(tier) || last === undefined)
        throw new Error(`a row of the risk tables: ${line}`);
      const names = flags
        .slice(mark[0].length)
        .split(' ')
        .filter((flag) => flag !== '');
      if (mark[1] === undefined) last.raises.push({ flags: names, tier, why });
      else
        last.lowers.push({
          flags: names,
          tier,
          why,
          operands: mark[1] === '?*',
          none: names.includes('none'),
        });
      continue;
    }
    const [programs = '', tier = '', operands = '', options = '', why = ''] = cells;
    const kinds = operands.split(' ');
    const plain = tier.replace('!', '');
    if (cells.length !== 5 || !isTier(plain) || !kinds.every(isOperand))
      throw new Error(`a row of the risk tables: ${line}`);
    groups.push({
      names: programs.split(programs.includes(',') ? /,\s*/ : /\s+/).filter((name) => name !== ''),
      row: { tier: plain, floor: tier.endsWith('!'), operands: kinds.filter(isOperand), why },
      options,
      raises: [],
      lowers: [],
    });
  }
  const rows = new Map<string, Row>();
  for (const { names, row, options, raises, lowers } of groups) {
    // Options that raise or lower are known options; an option of a table row may stand in both cells.
    const own = new Set(options.split(' ').map((option) => option.replace(/[:?<>^!]$/, '')));
    const more = [...raises, ...lowers]
      .flatMap(({ flags }) => flags)
      .filter((flag) => flag !== 'none' && !own.has(flag));
    const table = optionTable(`${options} ${more.join(' ')}`);
    for (const name of names) {
      // Of two rows for one name the later stands, but never the milder one.
      const before = rows.get(name);
      if (before !== undefined && !isAtLeast(row.tier, before.tier)) continue;
      rows.set(name, { ...row, name, options: table, raises, lowers });
    }
  }
  return rows;
}

export const ROWS: ReadonlyMap<string, Row> = readTable(LOOKING + RUNNING + VERSIONING + REACHING + RULING);

/** First words that some row has. */
export const PROGRAMS: ReadonlySet<string> = new Set(
  [...ROWS.keys()].map((name) => name.split(' ')[0] ?? name),
);

/** The row for the longest beginning of a path of commands, and how much of the path it names. */
export function rowFor(path: readonly string[]): { readonly row: Row; readonly length: number } | null {
  for (let length = path.length; length > 0; length -= 1) {
    const row = ROWS.get(length === 1 ? (path[0] ?? '') : path.slice(0, length).join(' '));
    if (row !== undefined) return { row, length };
  }
  return null;
}
