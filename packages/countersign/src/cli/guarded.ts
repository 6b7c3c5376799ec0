// The options of every verb that may ask for an owner's factor. Loaded with its noun, so it stays small.
import type { Command } from 'commander';
import type { Cli } from './cli.ts';

/** @param whose the option that names the owner; another one where `--as` means something else. */
export function guarded(command: Command, cli: Cli, whose: '--as' | '--by' = '--as'): Command {
  command
    .option('--totp <code>', 'a code of an owner’s app, once one has a factor')
    .option('--recovery <code>', 'a recovery code of theirs instead')
    .option(`${whose} <owner>`, 'whose factor it is, where several owners have one');
  return command.hook('preAction', (_, action) => {
    const { totp, recovery, [whose.slice(2)]: as } = action.opts<Record<string, string | undefined>>();
    cli.proveWith({ totp, recovery, as });
  });
}
