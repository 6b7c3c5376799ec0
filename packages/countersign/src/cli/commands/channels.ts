// `countersign channels …`: where people write. P-14: green is not enough, the last message that came in is shown.
import type { AccountStatus } from '@countersign/protocol/gateway';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { table } from '../table.ts';
import { relative } from '../times.ts';
import { type AddOptions, addChannel } from './channels-add.ts';
import { defineLogin } from './channels-login.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  const list = noun
    .command('list')
    .description('the channels and accounts of the configuration')
    .action(async () => {
      const { items } = await (await cli.client()).channels.list();
      cli.terminal.result({ items }, () =>
        items.length === 0
          ? ['no channels are configured']
          : table(
              ['CHANNEL', 'ACCOUNT', 'ENABLED', 'DM POLICY'],
              items.map((row) => [row.channel, row.account, row.enabled ? 'yes' : 'no', row.dmPolicy]),
            ),
      );
    });
  examples(list, ['countersign channels list']);

  defineAdd(noun, cli);
  defineLogin(noun, cli);

  const status = noun
    .command('status')
    .description('whether each account is connected, and when somebody last wrote')
    .option('--probe', 'ask each service now')
    .action(async ({ probe }: { probe?: boolean }) => {
      const { items } = await (await cli.client()).channels.status(probe === true ? { probe } : {});
      cli.terminal.result({ items }, () => statusTable(items, cli.clock.now()));
      if (!cli.running())
        cli.terminal.hint('no gateway is running, so nothing is connected: countersign gateway start');
    });
  examples(status, ['countersign channels status --probe']);
}

function defineAdd(noun: Command, cli: Cli): void {
  const add = guarded(noun.command('add [channel]'), cli)
    .description('log in to a channel and write it into the configuration; without a name, what can be added')
    .option('--account <name>', 'a further account of the channel, by a name of your own')
    .option('--token-env <name>', 'the token is in this variable, where the gateway runs')
    .option('--token-file <path>', 'the token is in this file')
    .option('--api-root <url>', 'another address of the service')
    .option('--local-api', 'that address is a server of your own on this machine, and may be plain http')
    .option('--no-check', 'write it without asking the service')
    .option('--set <key=value>', 'another key of the account; may be given again', collect, [])
    .option(
      '--secret-env <key=NAME>',
      'another secret, in that environment variable of the gateway',
      collect,
      [],
    )
    .option('--secret-file <key=PATH>', 'another secret, in that file', collect, [])
    .action((channel: string | undefined, options: AddOptions) => addChannel(cli, channel, options));
  examples(add, [
    'countersign channels add telegram',
    'countersign channels add telegram --token-env TELEGRAM_BOT_TOKEN',
    'countersign channels add telegram --account support --token-file support.token',
    'countersign channels add twilio --token-env TWILIO_AUTH_TOKEN --set accountSid=AC… --set from=+15555550123',
  ]);
}

export function statusTable(items: readonly AccountStatus[], now: number): string[] {
  const ago = (time: string | undefined) => (time === undefined ? 'never' : relative(time, now));
  return table(
    ['CHANNEL', 'ACCOUNT', 'STATE', 'DM POLICY', 'LAST IN', 'LAST OUT', ''],
    items.map((row) => [
      ...[row.channel, row.account, row.state, row.dmPolicy, ago(row.lastInboundAt), ago(row.lastOutboundAt)],
      [...new Set([row.probe, row.detail, row.hint])].filter((text) => text !== undefined).join('; '),
    ]),
  );
}

function collect(one: string, before: readonly string[]): readonly string[] {
  return [...before, one];
}
