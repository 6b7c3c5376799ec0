// `channels add`: asks for the token without showing it, hands it to the gateway, and says what to do next. The token is
// printed nowhere, stands in no argument, and ends up in no history of the shell.
import { isAbsolute, resolve } from 'node:path';
import { visible } from '@countersign/protocol/display';
import type { ChannelAdd, ChannelAdded } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { type Cli, declined, shellWord } from '../cli.ts';
import { table } from '../table.ts';

export interface AddOptions {
  readonly account?: string;
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
  readonly apiRoot?: string;
  readonly localApi?: boolean;
  readonly check: boolean;
}

export async function addChannel(cli: Cli, channel: string | undefined, options: AddOptions): Promise<void> {
  const client = await cli.client();
  const { items } = await client.channels.addable();
  if (channel === undefined) {
    cli.terminal.result({ items }, () =>
      table(
        ['CHANNEL', 'NEEDS'],
        items.map((one) => [one.channel, one.needs]),
      ),
    );
    cli.terminal.hint('countersign channels add <channel>');
    return;
  }
  const known = items.find((one) => one.channel === channel);
  if (known === undefined) {
    throw new Problem('unknown_channel', {
      detail: `this build cannot add a channel ${visible(channel)}`,
      hint: 'countersign channels add lists what it can',
    });
  }
  const { account, apiRoot, localApi = false, check } = options;
  const wanted: ChannelAdd = {
    channel,
    token: await tokenOf(cli, channel, known.needs, options),
    localApi,
    check,
    ...(account === undefined ? {} : { account }),
    ...(apiRoot === undefined ? {} : { apiRoot }),
  };
  say(cli, await client.channels.add(wanted));
}

async function tokenOf(
  { terminal }: Cli,
  channel: string,
  needs: string,
  { tokenEnv, tokenFile }: AddOptions,
): Promise<ChannelAdd['token']> {
  if (tokenEnv !== undefined && tokenFile !== undefined) {
    throw new Problem('usage', {
      detail: '--token-env and --token-file exclude each other',
      hint: 'give one of them',
    });
  }
  if (tokenEnv !== undefined) return { env: tokenEnv };
  // The gateway reads it: what is relative here is not relative there.
  if (tokenFile !== undefined) return { file: isAbsolute(tokenFile) ? tokenFile : resolve(tokenFile) };
  if (!terminal.interactive) {
    throw new Problem('usage', {
      detail: 'the token is missing, and nobody is here to type it',
      hint: `countersign channels add ${channel} --token-env NAME, or --token-file PATH`,
    });
  }
  terminal.talk(`it needs ${needs}`);
  const { password, isCancel } = await import('@clack/prompts');
  const typed = await password({ message: 'the token (not shown)', output: process.stderr });
  if (isCancel(typed) || typed.trim() === '') throw declined();
  return typed.trim();
}

function say({ terminal }: Cli, added: ChannelAdded): void {
  const { channel, account, path, login, running } = added;
  const name = account === 'default' ? channel : `${channel}:${account}`;
  terminal.result(added, () => [
    ...(login === undefined ? [] : [`${visible(login)} is yours`]),
    `${name} is in ${path}`,
  ]);
  if (login === undefined) terminal.talk('nobody asked the service whether the token is right');
  if (!running) terminal.hint('no gateway is running: countersign gateway start');
  const place = account === 'default' ? channel : `${channel} --account ${shellWord(account)}`;
  for (const line of [
    'what comes next:',
    `  1. write to ${login === undefined ? 'the bot' : visible(login)}; it answers with a code`,
    '  2. if that was you, make that chat yours, and an owner: countersign people link <you> <code> --as owner',
    `  3. let others in as they write: countersign pairing approve ${place} <code>`,
  ])
    terminal.talk(line);
}
