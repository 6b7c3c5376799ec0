// `countersign completion <shell>`, and the hidden `complete` that the script calls. Both see every verb: the frame loads
// all nouns for them.
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { examples } from './examples.ts';

/** Adds `completion` and `complete` to a program whose nouns are all loaded. */
export function completeWith(program: Command): void {
  tab(program, { completionCommandName: 'completion' });
  const completion = program.commands.find((command) => command.name() === 'completion');
  completion?.description('print a completion script for your shell');
  if (completion !== undefined) {
    examples(completion, [
      'source <(countersign completion bash)',
      'countersign completion fish > ~/.config/fish/completions/countersign.fish',
    ]);
  }
}
