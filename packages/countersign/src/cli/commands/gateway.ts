// `countersign gateway …`: the process itself.
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  const run = noun
    .command('run')
    .description('run the gateway in this terminal until Ctrl-C')
    .addOption(noun.createOption('--detached', 'as the child of `gateway start`').hideHelp())
    .action(async ({ detached }: { detached?: boolean }) => {
      const { runDetached, runHere } = await import('./gateway-run.ts');
      await (detached === true ? runDetached(cli) : runHere(cli));
    });
  examples(run, ['countersign gateway run', 'COUNTERSIGN_PORT=9000 countersign gateway run']);

  const start = noun
    .command('start')
    .description('start the gateway in the background, and wait until it is ready')
    .action(async () => (await import('./gateway-background.ts')).startGateway(cli));
  examples(start, ['countersign gateway start'], 'A gateway that runs already is left alone, exit 0.');

  const stop = noun
    .command('stop')
    .description('stop the gateway, and wait until it is gone')
    .action(async () => (await import('./gateway-background.ts')).stopGateway(cli));
  examples(
    stop,
    ['countersign gateway stop'],
    'Answers in flight are finished first. No gateway running: exit 0.',
  );

  const restart = noun
    .command('restart')
    .description('stop the gateway and start it in the background')
    .action(async () => (await import('./gateway-background.ts')).restartGateway(cli));
  examples(restart, ['countersign gateway restart']);

  const status = noun
    .command('status')
    .description('whether the gateway runs, where, and what waits for you')
    .action(async () => (await import('./gateway-status.ts')).showStatus(cli));
  const codes = 'No gateway running: exit 0, and `running: false` under --json.';
  examples(status, ['countersign gateway status', 'countersign gateway status --json'], codes);
}
