// `gateway status`: one look at the house. It works without a gateway, and leaves no home behind where none was.
import { existsSync } from 'node:fs';
import { visible } from '@countersign/protocol/display';
import type { GatewayStatus } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import type { Cli } from '../cli.ts';
import { facts } from '../table.ts';
import { relative } from '../times.ts';
import { statusTable } from './channels.ts';

/** The status of the running gateway; undefined when none runs. */
export async function runningStatus(cli: Cli): Promise<GatewayStatus | undefined> {
  try {
    return await (await cli.client({ onlyRunning: true })).gateway.status();
  } catch (failure) {
    if (failure instanceof Problem && failure.code === 'gateway_down') return undefined;
    throw failure;
  }
}

export async function showStatus(cli: Cli): Promise<void> {
  const { terminal, home, clock } = cli;
  const running = await runningStatus(cli);
  if (running === undefined && !existsSync(home)) {
    terminal.result({ running: false, home }, () =>
      facts([
        ['running', 'no'],
        ['home', `${home} (not there yet)`],
      ]),
    );
    terminal.hint('countersign gateway start');
    return;
  }
  const status = running ?? (await (await cli.client()).gateway.status());
  const document = running === undefined ? { ...status, running: false } : status;
  terminal.result(document, () => statusLines(document, clock.now()));
  if (!document.running) terminal.hint('countersign gateway start');
  else if (!status.owned) terminal.hint('countersign claim prints the link that makes you the owner');
  if (status.pendingPairings > 0) terminal.hint('countersign pairing list shows who is waiting');
  if ((status.pendingApprovals ?? 0) > 0) terminal.hint('countersign approvals list shows what is asked');
  if (status.elevated !== undefined) terminal.hint('countersign elevate end');
  if (document.running) for (const line of trouble(status)) terminal.hint(line);
}

/** P-14: an account that is not connected, and one that is and never heard anybody. */
function trouble({ channels }: GatewayStatus): string[] {
  const enabled = channels.filter((row) => row.enabled);
  const away = enabled.filter(({ state }) => state !== 'connected');
  const silent = enabled.filter(
    ({ channel, state, lastInboundAt }) =>
      channel !== 'webchat' && state === 'connected' && lastInboundAt === undefined,
  );
  return [
    ...away.map(
      (row) =>
        `${nameOf(row)} is ${row.state}${row.detail === undefined ? '' : `: ${visible(row.detail)}`}; countersign channels status --probe`,
    ),
    ...silent.map(
      (row) =>
        `nothing came in from ${nameOf(row)} since it was started; write to it, or countersign channels status --probe`,
    ),
  ];
}

function nameOf({ channel, account }: GatewayStatus['channels'][number]): string {
  return account === 'default' ? channel : `${channel}:${account}`;
}

/** P-11: a stranger's words wait for a yes, and so does what an agent asks; nothing is lost in silence. */
function waitingText({ pendingPairings, pendingApprovals = 0 }: GatewayStatus): string {
  const held =
    pendingPairings === 1
      ? '1 message held, pairing pending'
      : `${pendingPairings} messages held, pairings pending`;
  const asked =
    pendingApprovals === 1 ? '1 request for approval' : `${pendingApprovals} requests for approval`;
  const waits = [...(pendingPairings > 0 ? [held] : []), ...(pendingApprovals > 0 ? [asked] : [])];
  return waits.length === 0 ? 'nobody' : waits.join('; ');
}

function statusLines(status: GatewayStatus, now: number): string[] {
  const since = status.startedAt === undefined ? '' : `, started ${relative(status.startedAt, now)}`;
  return [
    ...facts([
      ['running', status.running ? `yes, pid ${status.pid}${since}` : 'no'],
      ['version', status.version],
      ['home', status.home],
      ['addresses', status.addresses.length === 0 ? 'none' : status.addresses.join('  ')],
      ['store', status.store],
      ['agent', status.agent],
      ['owner', status.owned ? 'yes' : 'nobody yet'],
      ['waiting', waitingText(status)],
      ...(status.elevated ?? []).map(
        ({ agent, until }) => ['elevated', `${agent}, unasked, ends ${relative(until, now)}`] as const,
      ),
      ['pages', status.ui],
      ['isolation', `level ${status.isolation}`],
      ...(status.testEndpoints ? [['test endpoints', 'allowed (COUNTERSIGN_TEST_ENDPOINTS)'] as const] : []),
    ]),
    ...(status.channels.length === 0 ? [] : ['', ...statusTable(status.channels, now)]),
  ];
}
