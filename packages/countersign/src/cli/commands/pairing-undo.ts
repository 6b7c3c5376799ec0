// `pairing revoke` and `pairing reset`: taking back a yes, and clearing the door.
import { visible } from '@countersign/protocol/display';
import { type Cli, confirmed, declined } from '../cli.ts';

export interface RevokeOptions {
  readonly account?: string;
}

export interface ResetOptions extends RevokeOptions {
  readonly yes?: boolean;
}

export async function revoke(
  cli: Cli,
  channel: string,
  identifier: string,
  { account }: RevokeOptions,
): Promise<void> {
  const client = await cli.client();
  const peer = { channel, identifier, ...(account === undefined ? {} : { account }) };
  const answer = await client.pairings.revoke(peer);
  cli.terminal.result(answer, () => [
    `revoked: ${visible(channel)} ${visible(identifier)} may no longer talk to the agent`,
  ]);
  cli.terminal.talk('their next message asks for a pairing again');
}

export interface ResetWhere {
  readonly channel: string | undefined;
  readonly identifier: string | undefined;
  readonly account: string | undefined;
}

export async function reset(cli: Cli, where: ResetWhere, { yes }: ResetOptions): Promise<void> {
  const { channel, identifier, account } = where;
  const one = identifier === undefined ? {} : { identifier };
  const place = `${channel ?? 'all channels'}${account === undefined ? '' : ` account ${account}`}`;
  const whose = identifier === undefined ? `everybody in ${place}` : `${identifier} in ${place}`;
  const question = `forget the open requests and past denials of ${visible(whose)}?`;
  if (yes !== true && !(await confirmed(cli, question))) throw declined();
  const answer = await (await cli.client()).pairings.reset({ channel, account, ...one });
  cli.terminal.result(answer, () => [
    answer.removed === 1 ? '1 request was forgotten' : `${answer.removed} requests were forgotten`,
  ]);
}
