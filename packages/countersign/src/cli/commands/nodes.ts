// `countersign nodes pending|approve`: the older names of `devices list --pending --role node` and `devices approve`.
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { PEOPLE_NOT_DEVICES } from '../nouns.ts';
import { listDevices } from './device-list.ts';
import { defineApprove } from './devices.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  const pending = noun
    .command('pending')
    .description('machines that ask to run approved actions')
    .action(() => listDevices(cli, { pending: true, role: 'node' }, 'nodes'));
  examples(
    pending,
    ['countersign nodes pending'],
    `The same as: countersign devices list --pending --role node. ${PEOPLE_NOT_DEVICES}`,
  );
  defineApprove(noun.command('approve <requestId>'), cli, 'nodes', 'node');
}
