// `people map`: which users of your tools people are, one by one or from a CSV file, all of it or nothing.
import { readFileSync } from 'node:fs';
import { Problem } from '@countersign/protocol/problem';
import type { PersonMapping, PersonUser } from '@countersign/protocol/user-map';
import type { Command } from 'commander';
import { allPages, type Cli, shellWord } from '../cli.ts';
import { type CsvRow, readCsv } from '../csv.ts';
import { guarded } from '../guarded.ts';
import { table } from '../table.ts';
import { examples } from './examples.ts';

interface Options {
  readonly tenant?: string;
  readonly attribute?: readonly string[];
  readonly import?: string;
  readonly clear?: boolean;
}

/** What is sent at once; a longer file is several. */
const MAX_ROWS = 5_000;
const HEAD_HINT = 'the first line is the head, with commas: person,user,tenant';
const COLUMNS: readonly string[] = ['person', 'user', 'tenant'];

export function defineMap(noun: Command, cli: Cli): void {
  const map = guarded(noun.command('map [person] [user]'), cli)
    .description('say which user of your tools a person is: what bearers call them')
    .option('--tenant <tenant>', 'of which of your tenants')
    .addOption(
      noun
        .createOption('--attribute <name=value...>', 'what else may be said of them, as users.claims says')
        .argParser((one: string, before: readonly string[] = []) => [...before, one]),
    )
    .option('--import <file>', 'a CSV file with the columns person, user, tenant; any other is an attribute')
    .option('--clear', 'they are no user any more')
    .action((person: string | undefined, user: string | undefined, options: Options) =>
      run(cli, person, user, options),
    );
  examples(
    map,
    [
      'countersign people map',
      'countersign people map prn_k7q u-4711 --tenant acme',
      'countersign people map telegram:123456789 u-4711 --attribute department=sales',
      'countersign people map --import users.csv',
      'countersign people map prn_k7q --clear',
    ],
    'Without a user it shows who they are, and without a person everybody who is one.',
  );
}

async function run(
  cli: Cli,
  person: string | undefined,
  user: string | undefined,
  options: Options,
): Promise<void> {
  const { terminal } = cli;
  if (options.import !== undefined) {
    if (person !== undefined) throw usage('--import takes its people from the file');
    return importFile(cli, options.import);
  }
  if (person === undefined) return list(cli, options);
  const { people } = await cli.client();
  if (options.clear === true) {
    const answer = await people.unmap(person);
    return terminal.result(answer, () => [`${answer.unmapped} is no user of your tools`]);
  }
  if (user === undefined) {
    const found = await people.user(person);
    return terminal.result(found, () => [`${found.person} is ${found.user} of ${found.tenant}`]);
  }
  const { tenant, attribute = [] } = options;
  const attributes = Object.fromEntries(attribute.map(readAttribute));
  return send(cli, [{ person, user, ...(tenant === undefined ? {} : { tenant }), attributes }]);
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { tenant, attribute, clear } = options;
  if (tenant !== undefined || attribute !== undefined || clear === true) throw usage('name the person');
  const { people } = await cli.client();
  const items = await allPages((page) => people.users(page));
  cli.terminal.result({ items }, () =>
    items.length === 0
      ? ['nobody is a user of your tools: bearers call people by our own ids']
      : shown(items),
  );
  if (items.length === 0) cli.terminal.hint('countersign people map <person> <user>, or --import users.csv');
}

function shown(items: readonly PersonUser[]): string[] {
  return table(
    ['PERSON', 'USER', 'TENANT', 'ATTRIBUTES'],
    items.map(({ person, user, tenant, attributes }) => [
      person,
      user,
      tenant,
      Object.entries(attributes)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(' '),
    ]),
  );
}

async function importFile(cli: Cli, file: string): Promise<void> {
  const rows = readRows(file);
  try {
    await send(cli, rows.map(readRow));
  } catch (cause) {
    throw cause instanceof Problem ? asLines(cause, rows) : cause;
  }
}

/** The gateway counts entries, and whoever wrote the file counts its lines. */
function asLines(problem: Problem, rows: readonly CsvRow[]): Problem {
  const { mistakes } = problem.members;
  const inLines = (text: string) =>
    text.replaceAll(/\bentry (\d+):/g, (whole, n) => {
      const line = rows[Number(n) - 1]?.line;
      return line === undefined ? whole : `line ${line}:`;
    });
  return new Problem(problem.code, {
    detail: inLines(problem.message),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    members: {
      ...problem.members,
      ...(Array.isArray(mistakes)
        ? { mistakes: mistakes.map((one) => (typeof one === 'string' ? inLines(one) : one)) }
        : {}),
    },
    cause: problem,
  });
}

async function send(cli: Cli, items: readonly PersonMapping[]): Promise<void> {
  const { people } = await cli.client();
  const answer = await people.map(items);
  cli.terminal.result(answer, () => shown(answer.items));
  const [only] = answer.items;
  if (answer.items.length === 1 && only !== undefined)
    cli.terminal.talk(`undo: countersign people map ${shellWord(only.person)} --clear`);
}

function readRows(file: string): readonly CsvRow[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Problem('usage', { detail: `${file} cannot be read`, cause });
  }
  const rows = readCsv(text);
  if (rows.length > MAX_ROWS) throw usage(`${file} has ${rows.length} rows; ${MAX_ROWS} go at once`);
  if (rows.length === 0)
    throw new Problem('request_malformed', { detail: `${file} names nobody`, hint: HEAD_HINT });
  return rows;
}

function readRow({ line, fields }: CsvRow): PersonMapping {
  const [person, user, tenant] = COLUMNS.map((name) => fields.get(name) ?? '');
  if (person === undefined || user === undefined || person === '' || user === '')
    throw new Problem('request_malformed', {
      detail: `line ${line}: person and user are needed`,
      hint: HEAD_HINT,
    });
  const others = [...fields].filter(([name, value]) => !COLUMNS.includes(name) && value !== '');
  return {
    person,
    user,
    ...(tenant === undefined || tenant === '' ? {} : { tenant }),
    attributes: Object.fromEntries(others),
  };
}

function readAttribute(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage('an attribute is written name=value');
  return [text.slice(0, at), text.slice(at + 1)];
}

function usage(detail: string): Problem {
  return new Problem('usage', { detail });
}
