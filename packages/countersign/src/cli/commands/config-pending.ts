// `countersign config pending` and `accept`: what the file asks for and is not in force, and somebody's word for it.
import { visible } from '@countersign/protocol/display';
import type { PendingChange } from '@countersign/protocol/gateway';
import type { Command } from 'commander';
import { type Cli, shellWord } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { examples } from './examples.ts';

export function definePending(noun: Command, cli: Cli): void {
  const { terminal } = cli;
  const pending = noun
    .command('pending')
    .description('what the file asks for and is not in force')
    .action(async () => {
      const { items } = await (await cli.client()).config.pending();
      terminal.result({ items }, () => (items.length === 0 ? ['nothing waits'] : items.flatMap(lines)));
    });
  examples(
    pending,
    ['countersign config pending', 'countersign config pending --json'],
    [
      'Waiting are guarded keys changed by hand (agent.url, proxy, bearer.audiences, gateway.trustedProxies,',
      'gateway.publicUrl, channels.pairing.notifyOn, approvals, login) once an owner has a factor, and lists',
      'that lost much at once. Secrets are shown as [secret]. `config get` shows what the file says.',
    ].join('\n'),
  );

  const accept = guarded(noun.command('accept <path>'), cli)
    .description('put in force what waits there')
    .action(async (path: string) => {
      const answer = await (await cli.client()).config.accept(path);
      terminal.result(answer, () => [`${visible(answer.path)} is accepted`]);
    });
  examples(accept, [
    'countersign config accept channels.telegram.allowFrom',
    'countersign config accept agent.url --totp 123456',
  ]);
}

/** After an edit: what was written may wait all the same. */
export async function sayIfWaiting(cli: Cli, path: string): Promise<void> {
  const { items } = await (await cli.client()).config.pending();
  for (const one of items) {
    if (one.path !== path && !one.path.startsWith(`${path}.`) && !path.startsWith(`${one.path}.`)) continue;
    cli.terminal.talk(`it waits: ${reason(one)}`);
    cli.terminal.talk(`if it was meant: countersign config accept ${shellWord(one.path)}`);
  }
}

function lines(change: PendingChange): string[] {
  const { path, inForce, asked } = change;
  return [
    path,
    `  ${reason(change)}`,
    `  in force: ${JSON.stringify(inForce)}`,
    `  asked:    ${JSON.stringify(asked)}`,
    `  accept:   countersign config accept ${shellWord(path)}`,
  ].map((line) => visible(line));
}

function reason({ why, gone = [], inForce, account, channel }: PendingChange): string {
  if (why === 'guarded') return 'changed by hand';
  const all = Array.isArray(inForce) ? inForce.length : gone.length;
  const where =
    channel === undefined ? '' : ` of ${account === 'default' ? channel : `${channel}:${account}`}`;
  return `${gone.length} of ${all} people${where} are gone at once, and stay in: ${gone.slice(0, 5).join(', ')}${gone.length > 5 ? ', …' : ''}`;
}
