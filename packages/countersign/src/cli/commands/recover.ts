// `countersign recover`: everything lost. It is announced first and carried out ten minutes later by a second command, so
// that whoever took this machine cannot take an owner's factors in silence.
import type { RecoveryRow } from '@countersign/protocol/factor';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import { type Cli, confirmed, declined } from '../cli.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

interface Options {
  readonly stop?: string;
  readonly finish?: string;
  readonly yes?: boolean;
}

export function define(noun: Command, cli: Cli): void {
  noun
    .argument('[person]', 'who lost every factor')
    .option('--stop <id>', 'stop one that was announced')
    .option('--finish <id>', 'carry out one that was announced, after its ten minutes')
    .option('--yes', 'do not ask')
    .description('end the factors, recovery codes and devices of somebody who lost them all')
    .action((person: string | undefined, options: Options) => recover(cli, person, options));
  examples(
    noun,
    [
      'countersign recover Ana',
      'countersign recover --finish rec_k7q --yes',
      'countersign recover --stop rec_k7q',
    ],
    'Nothing changes at first: every owner chat is told, and can stop it with /notme for ten minutes.',
  );
}

async function recover(cli: Cli, person: string | undefined, options: Options): Promise<void> {
  const { stop, finish, yes = false } = options;
  const [first, second] = [person, stop, finish].filter((one) => one !== undefined);
  if (first === undefined || second !== undefined) {
    throw new Problem('usage', {
      detail: 'name a person to begin, or one recovery to stop or finish',
      hint: 'countersign recover <person>, --stop <id> or --finish <id>',
    });
  }
  const { recoveries } = await cli.client();
  if (stop !== undefined) {
    const row = await recoveries.stop(stop);
    cli.terminal.result(row, () => [`${row.id} is stopped; nothing changed`]);
  } else if (finish !== undefined) {
    const question = `end every factor, recovery code and device of that person (${finish})?`;
    if (!yes && !(await confirmed(cli, question))) throw declined();
    sayDone(cli, await recoveries.finish(finish));
  } else if (person !== undefined) sayBegun(cli, await recoveries.start(person));
}

function sayBegun({ terminal, clock }: Cli, row: RecoveryRow): void {
  terminal.result(row, () => [`${row.id} is announced for ${row.person}; nothing has changed yet`]);
  terminal.talk('every owner chat was told, and can stop it');
  terminal.talk(`it would end: ${ends(row)}`);
  terminal.talk(
    `${relative(row.readyAt, clock.now())} or later: countersign recover --finish ${row.id}; to stop it: countersign recover --stop ${row.id}`,
  );
}

function sayDone({ terminal }: Cli, row: RecoveryRow): void {
  terminal.result(row, () => [`${row.id} is carried out; ended: ${ends(row)}`]);
  terminal.hint(`within half an hour: countersign factors enroll totp --for ${row.person}`);
}

function ends({ ends: { factors, recoveryCodes, devices } }: RecoveryRow): string {
  return [count(factors, 'factor'), count(recoveryCodes, 'recovery code'), count(devices, 'device')].join(
    ', ',
  );
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
