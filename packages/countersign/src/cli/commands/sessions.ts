// `countersign sessions …`: the conversations of the agent, and whose they are.
import type { Command } from 'commander';
import { allPages, type Cli } from '../cli.ts';
import { table } from '../table.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  const list = noun
    .command('list')
    .description('every session: its key, its person, its last turn')
    .option('--person <id>', 'only of this person')
    .action(async ({ person }: { person?: string }) => {
      const client = await cli.client();
      const whose = person === undefined ? {} : { person };
      const items = await allPages((page) => client.sessions.list({ ...page, ...whose }));
      cli.terminal.result({ items }, () =>
        items.length === 0
          ? ['no sessions yet']
          : table(
              ['ID', 'KEY', 'PERSON', 'LAST TURN'],
              items.map((row) => [row.id, row.key, row.person, relative(row.lastTurnAt, cli.clock.now())]),
            ),
      );
    });
  examples(list, ['countersign sessions list', 'countersign sessions list --json']);
}
