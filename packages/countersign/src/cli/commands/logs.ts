// `countersign logs`: the file itself, so that it works when nothing else does.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { readLog } from '../log-reader.ts';
import { durationOption } from '../times.ts';
import { examples } from './examples.ts';
import { prettyLine } from './logs-pretty.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly since?: string;
}

export function define(noun: Command, cli: Cli): void {
  noun
    .description("the gateway's log; the last 200 lines unless --since says otherwise")
    .option('-f, --follow', 'wait for new lines, until Ctrl-C')
    .option('--since <duration>', 'only the last 10m, 2h, 1d')
    .action(async ({ follow, since }: LogsOptions) => {
      const { terminal, clock, home } = cli;
      const path = join(home, 'logs', 'gateway.log');
      const from = since === undefined ? undefined : clock.now() - durationOption('--since', since);
      if (!existsSync(path)) {
        terminal.talk(`there is no log at ${path} yet`);
        terminal.hint('countersign gateway start');
        if (follow !== true) return;
      }
      for await (const line of readLog(path, { follow: follow === true, since: from })) {
        terminal.out(terminal.json ? line : prettyLine(line, terminal));
      }
    });
  examples(noun, ['countersign logs --follow', 'countersign logs --since 10m --json']);
}
