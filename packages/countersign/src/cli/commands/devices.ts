// `countersign devices …`: browsers, phones and nodes with a key of their own.
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { PEOPLE_NOT_DEVICES } from '../nouns.ts';
import {
  type ApproveOptions,
  approveDevice,
  rejectDevice,
  renameDevice,
  revokeDevice,
} from './device-decide.ts';
import { type ListOptions, listDevices } from './device-list.ts';
import { examples } from './examples.ts';

export const ROLES = ['operator', 'node'] as const;

export function define(noun: Command, cli: Cli): void {
  const list = noun
    .command('list')
    .description('paired devices, and before them what asks to be paired')
    .option('--pending', 'only what asks')
    .option('--all', 'also what is over: decided requests, ended devices')
    .addOption(noun.createOption('--role <role>', 'only these').choices(ROLES))
    .action((options: ListOptions) => listDevices(cli, options));
  examples(
    list,
    ['countersign devices list', 'countersign devices list --pending --json'],
    PEOPLE_NOT_DEVICES,
  );

  defineApprove(noun.command('approve <requestId>'), cli, 'devices');

  const reject = noun
    .command('reject <requestId>')
    .description('say no to a request')
    .action((ref: string) => rejectDevice(cli, ref));
  examples(reject, ['countersign devices reject devreq_k7qd2mx4'], PEOPLE_NOT_DEVICES);

  const revoke = noun
    .command('revoke <id>')
    .description('end a device at once, with its tokens and sockets')
    .action((ref: string) => revokeDevice(cli, ref));
  examples(revoke, [
    'countersign devices revoke dev_k7qd2mx4',
    "countersign devices revoke 'kitchen tablet'",
  ]);

  const rename = noun
    .command('rename <id> <name>')
    .description('call a device something else in the list')
    .action((ref: string, name: string) => renameDevice(cli, ref, name));
  examples(rename, ["countersign devices rename dev_k7qd2mx4 'kitchen tablet'"]);
}

export function defineApprove(
  command: Command,
  cli: Cli,
  noun: 'devices' | 'nodes',
  only?: (typeof ROLES)[number],
): void {
  const approve = guarded(command, cli)
    .description('say yes to a request: what it will be able to do is shown first')
    .option('--for <person>', 'whose it becomes; the only owner otherwise')
    .option('--yes', 'do not ask')
    .action((ref: string, options: ApproveOptions) => approveDevice(cli, ref, options, only));
  examples(
    approve,
    [`countersign ${noun} approve devreq_k7qd2mx4`, `countersign ${noun} approve devreq_k7qd2mx4 --for Ana`],
    `The id stands on the device and in the list. Without a terminal the whole id is a yes; a beginning of it needs --yes.\n${PEOPLE_NOT_DEVICES}`,
  );
}
