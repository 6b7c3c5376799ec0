// `countersign sessions …`: the conversations of the agent, and whose they are.
import { visible } from '@countersign/protocol/display';
import type { Command } from 'commander';
import { allPages, type Cli, confirmed, declined } from '../cli.ts';
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
              items.map((row) => [
                row.id,
                row.endedAt === undefined ? row.key : `${row.key} (ended)`,
                row.person,
                relative(row.lastTurnAt, cli.clock.now()),
              ]),
            ),
      );
      if (items.length === 0)
        cli.terminal.hint(
          'one begins with the first message of somebody who was let in: countersign pairing list',
        );
    });
  examples(list, ['countersign sessions list', 'countersign sessions list --json']);

  const revoke = noun
    .command('revoke <session>')
    .description('end a session: what was said in it is gone, and the next message begins a new one')
    .option('--yes', 'do not ask')
    .action(async (ref: string, { yes = false }: { yes?: boolean }) => {
      const { sessions } = await cli.client();
      const session = await sessions.get(ref);
      const question = `end ${session.id} (${visible(session.key)})? What was said in it is deleted here`;
      if (!yes && !(await confirmed(cli, question))) throw declined();
      const ended = await sessions.revoke(session.id);
      cli.terminal.result(ended, () => [`${ended.id} has ended; the next message begins a new one`]);
    });
  examples(
    revoke,
    ['countersign sessions revoke ses_k7q', 'countersign sessions revoke ses_k7q --yes --json'],
    'By id, its beginning, or key. The person stays who they are; what they wrote last is not answered.',
  );
}
