// `devices approve|reject|revoke|rename`. A yes is a yes to what was shown (R19, D-14): the request is looked up first, its
// words are printed, and what is approved is the id of that very request, which never changes (R21). Never "the latest".
import type { DeviceRow } from '@countersign/protocol/device';
import { quotedName } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import { type Cli, confirmed, declined } from '../cli.ts';
import { requestLines } from './device-list.ts';

export interface ApproveOptions {
  readonly for?: string;
  readonly yes?: boolean;
}

export async function approveDevice(
  cli: Cli,
  ref: string,
  { for: person, yes = false }: ApproveOptions,
  only?: DeviceRow['role'],
): Promise<void> {
  const { terminal } = cli;
  const { devices } = await cli.client();
  const request = await devices.get(ref, { as: 'request' });
  if (only !== undefined && request.role !== only)
    throw new Problem('usage', {
      detail: `that request is for an ${request.role} device, not for a ${only}`,
      hint: `countersign devices approve ${request.id}`,
    });
  // One that is decided, or late, is answered with by whom and when.
  if (request.state === 'pending') await sure(cli, request, ref, yes);
  const device = await devices.approve(request.id, person === undefined ? {} : { for: person });
  terminal.result(device, () => [
    `approved: ${device.id} ${quotedName(device.name)} is paired for ${device.scopes.join(', ')}`,
  ]);
  const { active = device.scopes } = device;
  const later = device.scopes.filter((scope) => !active.includes(scope));
  if (later.length > 0) terminal.talk(`once a factor of its person is proven on it: ${later.join(', ')}`);
  terminal.talk(`undo: countersign devices revoke ${device.id}`);
}

/** Who typed the whole id of a request means that request: a script is not asked, it has nobody to answer. */
async function sure(cli: Cli, request: DeviceRow, ref: string, yes: boolean): Promise<void> {
  const { terminal } = cli;
  for (const line of requestLines(request, cli.clock.now())) terminal.talk(line);
  if (yes || (!terminal.interactive && ref === request.id)) return;
  if (!(await confirmed(cli, `approve ${request.id} ${quotedName(request.name)}?`))) throw declined();
}

export async function rejectDevice(cli: Cli, ref: string): Promise<void> {
  const row = await (await cli.client()).devices.reject(ref);
  cli.terminal.result(row, () => [`rejected: ${row.id} ${quotedName(row.name)} gets nothing`]);
}

export async function revokeDevice(cli: Cli, ref: string): Promise<void> {
  const row = await (await cli.client()).devices.revoke(ref);
  cli.terminal.result(row, () => [`revoked: ${row.id} ${quotedName(row.name)}, with its tokens and sockets`]);
}

export async function renameDevice(cli: Cli, ref: string, name: string): Promise<void> {
  const row = await (await cli.client()).devices.rename(ref, name);
  cli.terminal.result(row, () => [`renamed: ${row.id} is ${quotedName(row.name)} now`]);
}
