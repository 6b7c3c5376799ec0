// `devices list`, `nodes pending`: what waits comes first, with what a yes would give in words. What a device calls itself
// is a claim, so it follows the id, escaped and in quotes (R67).
import type { DeviceRow } from '@countersign/protocol/device';
import { quotedName, visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import { allPages, type Cli } from '../cli.ts';
import { table } from '../table.ts';
import { relative } from '../times.ts';

export interface ListOptions {
  readonly all?: boolean;
  readonly pending?: boolean;
  readonly role?: DeviceRow['role'];
}

export async function listDevices(cli: Cli, options: ListOptions, noun = 'devices'): Promise<void> {
  const { terminal, clock } = cli;
  const { all = false, pending = false, role } = options;
  if (all && pending)
    throw new Problem('usage', {
      detail: '--all and --pending exclude each other',
      hint: '--all shows both',
    });
  const show = all ? 'all' : pending ? 'pending' : 'live';
  const client = await cli.client();
  const items = await allPages((page) => client.devices.list({ ...page, show, role }));
  const waiting = items.filter(({ state }) => state === 'pending');
  const rest = items.filter(({ state }) => state !== 'pending');
  terminal.result({ items }, () => {
    if (items.length === 0) return [pending ? 'nothing waits' : 'no devices'];
    return [...waitingLines(waiting, clock.now()), ...deviceLines(rest, clock.now())];
  });
  if (waiting.length > 0) terminal.hint(`countersign ${noun} approve <request id>`);
  else if (items.length === 0) terminal.hint('countersign pair invites one');
}

/** A request in a line, and under it what it asks to be able to do. */
export function requestLines(row: DeviceRow, now: number): string[] {
  const { id, name, role, address, createdAt, expiresAt, asks = [] } = row;
  const from = address === undefined ? '' : ` - from ${visible(address)}`;
  const ends = expiresAt === undefined ? '' : `, ends ${relative(expiresAt, now)}`;
  return [
    `${id} ${quotedName(name)} (${role})${from} - asked ${relative(createdAt, now)}${ends}`,
    ...asks.map((ask) => `  it would be able to: ${ask}`),
  ];
}

function waitingLines(rows: readonly DeviceRow[], now: number): string[] {
  if (rows.length === 0) return [];
  return [
    'Waiting for your yes or no:',
    ...rows.flatMap((row) => requestLines(row, now)).map((line) => `  ${line}`),
  ];
}

function deviceLines(rows: readonly DeviceRow[], now: number): string[] {
  if (rows.length === 0) return [];
  return table(
    ['ID', 'STATE', 'ROLE', 'MAY', 'PERSON', 'LAST SEEN', 'NAME'],
    rows.map((row) => [
      row.id,
      row.state,
      row.role,
      mayOf(row),
      row.person ?? '-',
      row.lastSeenAt === undefined ? '-' : relative(row.lastSeenAt, now),
      quotedName(row.name),
    ]),
  );
}

/** What waits for a factor is shown, too: why a paired device is refused must not be a riddle. */
function mayOf({ active = [], scopes, state }: DeviceRow): string {
  if (state !== 'paired') return '-';
  const held = scopes.filter((scope) => !active.includes(scope));
  const now = active.length === 0 ? 'nothing' : active.join(',');
  return held.length === 0 ? now : `${now} (not now: ${held.join(',')})`;
}
