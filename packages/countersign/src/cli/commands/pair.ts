// `countersign pair`: an invitation for one device. The setup code is a result, so it goes to stdout once and nowhere else;
// it lets a device ask, and nothing more (R24).
import type { DeviceRow, Setup } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { PEOPLE_NOT_DEVICES } from '../nouns.ts';
import { relative } from '../times.ts';
import { ROLES } from './devices.ts';
import { examples } from './examples.ts';

type Scope = DeviceRow['scopes'][number];

interface Options {
  readonly role: DeviceRow['role'];
  readonly scope?: Scope[];
}

const SCOPES: readonly Scope[] = ['read', 'pairing', 'approvals', 'manage', 'node'];

export function define(noun: Command, cli: Cli): void {
  guarded(noun, cli)
    .addOption(noun.createOption('--role <role>', 'what it is for').choices(ROLES).default('operator'))
    .addOption(
      noun
        .createOption('--scope <scope...>', 'the most it can ask for; all of its role otherwise')
        .choices(SCOPES),
    )
    .description('print a setup code, and its QR picture, for one device')
    .action((options: Options) => pair(cli, options));
  examples(
    noun,
    ['countersign pair', 'countersign pair --role node --json', 'countersign pair --scope read pairing'],
    `A device that shows the code asks to be paired; nothing is given before you approve it.\n${PEOPLE_NOT_DEVICES}`,
  );
}

async function pair(cli: Cli, { role, scope }: Options): Promise<void> {
  const { terminal } = cli;
  const client = await cli.client();
  const setup = await client.devices.setup({ role, ...(scope === undefined ? {} : { scopes: scope }) });
  const { setupCode, expiresAt } = setup;
  const { qrLines } = await import('../qr.ts');
  const drawn = terminal.isTTY && !terminal.json ? await qrLines(setupCode, cli.env) : [];
  terminal.result({ setupCode, expiresAt }, () => [...drawn, setupCode]);
  for (const line of about(setup, cli.clock.now())) terminal.talk(line);
  if (!cli.running())
    terminal.talk('no gateway is running, so no device can show it yet: countersign gateway start');
  terminal.hint('once the device has asked: countersign devices list --pending');
}

function about({ setupCode, expiresAt, asks = [] }: Setup, now: number): string[] {
  return [
    ...asks.map((ask) => `with it one device can ask to: ${ask}`),
    `it works once and ends ${relative(expiresAt, now)}; whoever has it can ask, and you still say yes or no`,
    ...where(setupCode),
  ];
}

/** A code names the address it was made for: better said now than tried in vain from a phone. */
function where(setupCode: string): string[] {
  const { url }: { url: string } = JSON.parse(Buffer.from(setupCode, 'base64').toString('utf8'));
  const isHere = new URL(url).hostname === 'localhost';
  return isHere
    ? [`for a device on this machine, at ${visible(url)}; from elsewhere it takes a gateway.publicUrl`]
    : [`for a device that reaches ${visible(url)}`];
}
