// `channels login`: shows the picture to scan, or the code to type, until a phone has linked us. The picture is drawn on
// stderr and replaced when it ends: whoever scans it links their own phone.
import type { LoginStepRow } from '@countersign/protocol/channel-login';
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { examples } from './examples.ts';

interface LoginOptions {
  readonly account?: string;
  readonly phone?: string;
  readonly force?: boolean;
}

export function defineLogin(noun: Command, cli: Cli): void {
  const login = guarded(noun.command('login <channel>'), cli)
    .description('link an account by a phone: a picture to scan, or a code to type into it')
    .option('--account <name>', 'a further account of the channel, by a name of your own')
    .option('--phone <number>', 'link by a code typed into the phone of this number')
    .option('--force', 'start over, whatever is linked')
    .action((channel: string, options: LoginOptions) => run(cli, channel, options));
  examples(
    login,
    [
      'countersign channels login whatsapp',
      'countersign channels login whatsapp --phone +15555550123',
      'countersign channels login whatsapp --force',
    ],
    'On the phone: WhatsApp, Settings, Linked devices, Link a device. Read docs/channels/whatsapp.md first.',
  );

  const logout = guarded(noun.command('logout <channel>'), cli)
    .description('unlink an account, and remove its keys here')
    .option('--account <name>', 'which account of the channel')
    .action(async (channel: string, { account }: Pick<LoginOptions, 'account'>) => {
      const client = await cli.client();
      const done = await client.channels.logout(channel, account === undefined ? {} : { account });
      cli.terminal.result(done, () => [`${nameOf(done)} is logged out`]);
      if (!done.told)
        cli.terminal.hint('the service was not told: remove the device on the phone, under Linked devices');
    });
  examples(logout, ['countersign channels logout whatsapp']);
}

async function run(
  cli: Cli,
  channel: string,
  { account, phone, force = false }: LoginOptions,
): Promise<void> {
  const { terminal } = cli;
  const client = await cli.client();
  let row = await client.channels.login(channel, {
    force,
    ...(account === undefined ? {} : { account }),
    ...(phone === undefined ? {} : { phone }),
  });
  const { id } = row;
  for (let shown = 0; row.state !== 'linked' && row.state !== 'failed'; ) {
    if (row.step > shown) await show(cli, row);
    shown = row.step;
    row = await client.channels.loginStep(id, shown);
  }
  if (row.problem !== undefined) {
    const { code, detail, hint } = row.problem;
    throw Problem.fromDocument({ code, detail, ...(hint === undefined ? {} : { hint }) });
  }
  const { channel: of, account: at, login } = row;
  const done = { channel: of, account: at, ...(login === undefined ? {} : { login }) };
  terminal.result(done, () => [
    `${nameOf(row)} is linked${login === undefined ? '' : ` as ${visible(login)}`}`,
  ]);
  if (!cli.running()) terminal.hint('no gateway is running: countersign gateway start');
  else terminal.hint('whether it is connected: countersign channels status --probe');
}

async function show({ terminal, env }: Cli, { state, text, expiresAt }: LoginStepRow): Promise<void> {
  if (state === 'starting') return terminal.talk('asking the service …');
  if (state === 'finishing') return terminal.talk('the phone has said yes; finishing …');
  if (text === undefined) return;
  // A program has no eyes: it is given what to draw, a line for each step, beside the result.
  if (terminal.json) return terminal.err(JSON.stringify({ state, text, expiresAt }));
  if (state === 'code') {
    terminal.talk(`type this code into the phone: ${text.slice(0, 4)}-${text.slice(4)}`);
    terminal.talk('Settings, Linked devices, Link a device, Link with phone number instead');
    return;
  }
  const { qrLines } = await import('../qr.ts');
  for (const line of await qrLines(text, env)) terminal.talk(line);
  terminal.talk(
    'scan it: Settings, Linked devices, Link a device. It is replaced when it ends; show it to nobody',
  );
}

function nameOf({ channel, account }: { readonly channel: string; readonly account: string }): string {
  return account === 'default' ? channel : `${channel}:${account}`;
}
