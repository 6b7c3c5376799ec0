// `countersign claim`: a new claim link while nobody owns the gateway. It goes to stdout of this terminal and nowhere else.
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun
    .description('print a new link for the first owner; the link before it stops working')
    .action(async () => {
      const { terminal, clock } = cli;
      const link = await (await cli.client()).gateway.claimLink();
      terminal.result(link, () => [link.url]);
      terminal.talk(
        `whoever opens it first owns this gateway; it works once and ends ${relative(link.expiresAt, clock.now())}`,
      );
      if (!cli.running()) terminal.hint('no gateway is running yet: countersign gateway start');
    });
  examples(noun, ['countersign claim'], 'Exit 13 when the gateway has an owner already.');
}
