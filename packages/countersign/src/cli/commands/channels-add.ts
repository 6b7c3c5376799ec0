// `channels add`: asks for the token, and whatever else the channel needs, without showing what is secret, hands it to the
// gateway, and says what to do next. The token is printed nowhere, stands in no argument, and ends up in no history of the
// shell.
import { isAbsolute, resolve } from 'node:path';
import { visible } from '@countersign/protocol/display';
import type { Addable, ChannelAdd, ChannelAdded } from '@countersign/protocol/gateway';
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
  readonly set: readonly string[];
  readonly secretEnv: readonly string[];
  readonly secretFile: readonly string[];
}

type Field = Addable['fields'][number];
type Token = ChannelAdd['token'];

const LOGIN = 'countersign channels login whatsapp';

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
    cli.terminal.hint(`countersign channels add <channel>; whatsapp by a phone: ${LOGIN}`);
    return;
  }
  const known = items.find((one) => one.channel === channel);
  if (known === undefined) {
    throw new Problem('unknown_channel', {
      ...(channel === 'whatsapp'
        ? { detail: 'whatsapp has no token: a phone links it', hint: LOGIN }
        : {
            detail: `this build cannot add a channel ${visible(channel)}`,
            hint: 'countersign channels add lists what it can',
          }),
    });
  }
  const { account, apiRoot, localApi = false, check } = options;
  const wanted: ChannelAdd = {
    channel,
    token: await tokenOf(cli, channel, known.needs, options),
    ...(await fieldsOf(cli, channel, known.fields, options)),
    localApi,
    check,
    ...(account === undefined ? {} : { account }),
    ...(apiRoot === undefined ? {} : { apiRoot }),
  };
  say(cli, await client.channels.add(wanted));
}

/** What was given, and what is asked for where somebody is here to answer. */
async function fieldsOf(
  cli: Cli,
  channel: string,
  fields: readonly Field[],
  { set, secretEnv, secretFile }: AddOptions,
): Promise<Pick<ChannelAdd, 'settings' | 'secrets'>> {
  const settings = pairsOf('--set', set);
  const secrets: Record<string, Token> = {};
  for (const [key, name] of Object.entries(pairsOf('--secret-env', secretEnv))) secrets[key] = { env: name };
  for (const [key, path] of Object.entries(pairsOf('--secret-file', secretFile)))
    secrets[key] = { file: isAbsolute(path) ? path : resolve(path) };
  for (const { key, needs, secret, optional } of fields) {
    if (optional || key in settings || key in secrets) continue;
    const typed = await askFor(cli, channel, { key, needs, secret });
    if (secret) secrets[key] = typed;
    else settings[key] = typed;
  }
  return {
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  };
}

function pairsOf(option: string, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at > 0) return [one.slice(0, at), one.slice(at + 1)];
      throw new Problem('usage', {
        detail: `${option} is written as key=value`,
        hint: `${option} from=+15555550123`,
      });
    }),
  );
}

async function askFor(
  { terminal }: Cli,
  channel: string,
  { key, needs, secret }: Pick<Field, 'key' | 'needs' | 'secret'>,
): Promise<string> {
  if (!terminal.interactive) {
    throw new Problem('usage', {
      detail: `${channel} needs ${key}: ${needs}`,
      hint: secret ? `--secret-env ${key}=NAME, or --secret-file ${key}=PATH` : `--set ${key}=…`,
    });
  }
  terminal.talk(`${key}: ${needs}`);
  const { password, text, isCancel } = await import('@clack/prompts');
  const typed = secret
    ? await password({ message: `${key} (not shown)`, output: process.stderr })
    : await text({ message: key, output: process.stderr });
  if (isCancel(typed) || typed.trim() === '') throw declined();
  return typed.trim();
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
  const { channel, account, path, login, running, webhook } = added;
  const name = account === 'default' ? channel : `${channel}:${account}`;
  terminal.result(added, () => [
    ...(login === undefined ? [] : [`${visible(login)} is yours`]),
    `${name} is in ${path}`,
  ]);
  if (login === undefined) terminal.talk('nobody asked the service whether the token is right');
  if (!running) terminal.hint('no gateway is running: countersign gateway start');
  const place = account === 'default' ? channel : `${channel} --account ${shellWord(account)}`;
  const whom = channel === 'telegram' ? (login === undefined ? 'the bot' : visible(login)) : 'that number';
  const steps = [
    ...(webhook === undefined
      ? channel === 'telegram'
        ? []
        : [
            'give the gateway an address that the platform reaches: countersign config set gateway.publicUrl \'"https://…"\'',
          ]
      : [`tell the platform where to deliver (docs/channels/${channel}.md): ${webhook}`]),
    `write to ${whom}; it answers with a code`,
    'if that was you, make that chat yours, and an owner: countersign people link <you> <code> --as owner',
    `let others in as they write: countersign pairing approve ${place} <code>`,
  ];
  terminal.talk('what comes next:');
  for (const [n, step] of steps.entries()) terminal.talk(`  ${n + 1}. ${step}`);
}
