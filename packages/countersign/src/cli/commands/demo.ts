// `countersign demo`: the story in the terminal.
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun
    .description('tell the whole story in this terminal: real code, no account, nothing is kept')
    .action(async () => {
      const { runDemo } = await import('../../demo/demo.ts');
      await runDemo({ terminal: cli.terminal });
    });
  examples(noun, ['countersign demo']);
}
