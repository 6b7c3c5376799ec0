// `countersign elevate …`: an owner lets one agent do what is elevated unasked, for a while. It takes a proof each time; seeing
// it and ending it takes none.
import type { ElevationRow } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { table } from '../table.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

interface BeginOptions {
  readonly agent?: string;
  readonly session?: string;
  readonly totp?: string;
  readonly recovery?: string;
  readonly as?: string;
}

export function define(noun: Command, cli: Cli): void {
  noun
    .description(
      'let an agent do what is elevated unasked, for an hour at most; without a length: what lasts',
    )
    .argument('[length]', 'how long: 15m')
    .option('--agent <name>', 'which agent; this gateway’s own otherwise')
    .option('--session <id>', 'only what is asked in this conversation of the owner')
    .option('--totp <code>', 'a code of an owner’s app: it takes one each time')
    .option('--recovery <code>', 'a recovery code of theirs instead')
    .option('--as <owner>', 'whose word it is, where several own the gateway')
    .action((length: string | undefined, options: BeginOptions) =>
      length === undefined ? show(cli) : begin(cli, length, options),
    );
  examples(
    noun,
    ['countersign elevate 15m --totp 123456', 'countersign elevate', 'countersign elevate end'],
    'What is destructive is asked about as ever. It ends with its time, with a change of the policy, and with the owner’s rights.',
  );

  const end = noun
    .command('end [id]')
    .description('end one, or all that last; needs no proof')
    .action(async (id: string | undefined) => {
      const done = await (await cli.client()).elevations.end(id);
      cli.terminal.result(done, () => [
        done.ended === 0
          ? 'nothing was elevated'
          : `ended: ${done.ended}; what is elevated is asked about again`,
      ]);
    });
  // The options beside it are those of a beginning: here they would ask for a proof that none is needed for.
  end.configureHelp({
    ...end.configureHelp(),
    visibleGlobalOptions: (command) => {
      let top = command;
      while (top.parent !== null) top = top.parent;
      return top.options.filter(({ hidden }) => !hidden);
    },
  });
  examples(end, ['countersign elevate end', 'countersign elevate end elev_k7qd2mx4 --json']);
}

async function begin(
  cli: Cli,
  length: string,
  { agent, session, totp, recovery, as }: BeginOptions,
): Promise<void> {
  if (!/^[1-9]\d{0,3}[mh]$/.test(length)) throw await noLength(length);
  cli.proveWith({ totp, recovery, as });
  const row = await (await cli.client()).elevations.begin({
    for: length,
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
  });
  cli.terminal.result(row, () => lines([row], cli.clock.now()));
  cli.terminal.hint('countersign elevate end');
}

async function noLength(typed: string): Promise<Problem> {
  const { nearest } = await import('../../config/mistakes.ts');
  const isEnd = /^[a-z]+$/i.test(typed) && nearest(typed, ['end']) !== null;
  return new Problem('usage', {
    detail: 'how long is a number with m or h, an hour at most',
    hint: isEnd ? 'did you mean countersign elevate end?' : 'countersign elevate 15m --totp CODE',
  });
}

async function show(cli: Cli): Promise<void> {
  const list = await (await cli.client()).elevations.list();
  cli.terminal.result(list, () => lines(list.items, cli.clock.now()));
  if (list.items.length === 0) cli.terminal.hint('countersign elevate 15m --totp CODE');
}

function lines(rows: readonly ElevationRow[], now: number): string[] {
  if (rows.length === 0) return ['nothing is elevated'];
  return table(
    ['ID', 'AGENT', 'BY', 'FOR WHAT', 'ENDS'],
    rows.map(({ id, agent, by, name, session, until }) => [
      id,
      agent,
      name ?? by,
      session === null
        ? 'what they ask it for, and what is asked for nobody in particular'
        : `what they ask it for in session ${session}`,
      relative(until, now),
    ]),
  );
}
