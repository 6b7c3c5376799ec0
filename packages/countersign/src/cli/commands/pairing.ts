// `countersign pairing …`: the people at the door. What is typed is looked up first, and the decision is made on the id
// that was found: never on a name, never on "the latest" (R22).
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { PEOPLE_NOT_DEVICES } from '../nouns.ts';
import { examples } from './examples.ts';
import { type DecideOptions, type Decision, decide } from './pairing-decide.ts';
import { type ListOptions, listPairings } from './pairing-list.ts';
import { type ResetOptions, type RevokeOptions, reset, revoke } from './pairing-undo.ts';

export function define(noun: Command, cli: Cli): void {
  noun
    .description('who asks to talk to the agent, and your yes or no')
    .addHelpText('after', `\n${PEOPLE_NOT_DEVICES}`);

  const list = noun
    .command('list [channel]')
    .description('who is waiting, with code, age and first words')
    .option('--approved', 'who may talk')
    .option('--blocked', 'who is refused for good')
    .option('--all', 'every request, decided ones too')
    .option('--account <name>', 'only this account of the channel')
    .action((channel: string | undefined, options: ListOptions) => listPairings(cli, channel, options));
  examples(
    list,
    ['countersign pairing list', 'countersign pairing list telegram --approved --json'],
    PEOPLE_NOT_DEVICES,
  );

  decision(noun, cli, 'approve', 'let a person talk to the agent')
    .option('--for <duration>', 'for how long: 24h, 30d; without it, until you revoke it')
    .option('--name <name>', 'what to call them in your list');
  decision(noun, cli, 'deny', 'say no to a request; the person is told');
  decision(noun, cli, 'block', 'say no for good, in silence');
  decision(noun, cli, 'unblock', 'end a block; the person may ask again');

  const undo = guarded(noun.command('revoke <channel> <identifier>'), cli)
    .description('take back a yes')
    .option('--account <name>', 'the account of the channel, where there are several')
    .action((channel: string, identifier: string, options: RevokeOptions) =>
      revoke(cli, channel, identifier, options),
    );
  examples(undo, ['countersign pairing revoke telegram 123456789'], PEOPLE_NOT_DEVICES);

  const clear = noun
    .command('reset [channel] [identifier]')
    .description('forget open requests and past denials; who may talk or is blocked stays as it is')
    .option('--account <name>', 'only this account of the channel')
    .option('--yes', 'do not ask')
    .action((channel: string | undefined, identifier: string | undefined, options: ResetOptions) =>
      reset(cli, { channel, identifier, account: options.account }, options),
    );
  examples(clear, ['countersign pairing reset telegram --yes'], PEOPLE_NOT_DEVICES);
}

function decision(noun: Command, cli: Cli, verb: Decision, what: string): Command {
  const named = noun.command(`${verb} [channel] [code-or-identifier...]`);
  const command = (verb === 'block' ? guarded(named, cli) : named)
    .description(what)
    .option('--account <name>', 'the account of the channel, where there are several')
    .option('--yes', 'do not ask')
    .action((first: string | undefined, rest: string[], options: DecideOptions) =>
      decide(cli, verb, [...(first === undefined ? [] : [first]), ...rest], options),
    );
  const lines = [
    `countersign pairing ${verb} telegram ABC-123-DEF`,
    `countersign pairing ${verb} telegram 123456789`,
    `countersign pairing ${verb} ABC123DEF`,
  ];
  const pick = `countersign pairing ${verb}   (pick from a list)`;
  examples(command, verb === 'unblock' ? lines.slice(1, 2) : [...lines, pick], PEOPLE_NOT_DEVICES);
  return command;
}
