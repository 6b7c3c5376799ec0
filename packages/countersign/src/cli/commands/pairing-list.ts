// `pairing list`: grouped by channel. The immutable id comes first; names and words are claims by the sender, so they
// follow it, escaped and in quotes (R67).
import { firstGraphemes, quotedName, visible } from '@countersign/protocol/display';
import type { PairingRow, PairingShow } from '@countersign/protocol/pairing';
import { Problem } from '@countersign/protocol/problem';
import { allPages, type Cli } from '../cli.ts';
import { relative } from '../times.ts';

export interface ListOptions {
  readonly approved?: boolean;
  readonly blocked?: boolean;
  readonly all?: boolean;
  readonly account?: string;
}

const HEADS: Readonly<Record<PairingShow, string>> = {
  open: 'Pending pairing requests:',
  approved: 'Approved:',
  blocked: 'Blocked:',
  all: 'Pairing requests:',
};
const EMPTY: Readonly<Record<PairingShow, readonly [string, string]>> = {
  open: ['nobody is waiting', 'a person who writes to the agent for the first time appears here'],
  approved: ['nobody is approved yet', 'countersign pairing list shows who is waiting'],
  blocked: ['nobody is blocked', 'countersign pairing block refuses a person for good'],
  all: ['there are no pairing requests', 'a person who writes to the agent for the first time appears here'],
};

export async function listPairings(
  cli: Cli,
  channel: string | undefined,
  options: ListOptions,
): Promise<void> {
  const { terminal, clock } = cli;
  const show = shown(options);
  const items = await fetchPairings(cli, { channel, account: options.account, show });
  const [empty, next] = EMPTY[show];
  terminal.result({ items }, () =>
    items.length === 0 ? [empty] : [HEADS[show], ...groups(items, (row) => pairingLine(row, clock.now()))],
  );
  if (items.length === 0) terminal.hint(next);
  else if (show === 'open') terminal.hint('countersign pairing approve <channel> <code>, or deny');
}

export async function fetchPairings(
  cli: Cli,
  query: { channel?: string | undefined; account?: string | undefined; show: PairingShow },
): Promise<PairingRow[]> {
  const client = await cli.client();
  return allPages((page) => client.pairings.list({ ...page, ...query }));
}

function shown({ approved, blocked, all }: ListOptions): PairingShow {
  const wanted = [
    approved === true && 'approved',
    blocked === true && 'blocked',
    all === true && 'all',
  ] as const;
  const [show, another] = wanted.filter((name) => name !== false);
  if (another !== undefined) {
    throw new Problem('usage', {
      detail: `--${show} and --${another} exclude each other`,
      hint: '--all shows both',
    });
  }
  return show ?? 'open';
}

function groups(items: readonly PairingRow[], line: (row: PairingRow) => string): string[] {
  const byPlace = Map.groupBy(items, placeName);
  return [...byPlace].flatMap(([place, rows]) => ['', `${place}:`, ...rows.map((row) => `  ${line(row)}`)]);
}

function placeName({ channel, account }: PairingRow): string {
  return account === 'default' ? channel : `${channel} (account ${account})`;
}

/** `123456789 (@ana) "Ana" - Code: ABC-123-DEF - Requested: 2 minutes ago - "hello there"` */
export function pairingLine(row: PairingRow, now: number): string {
  const parts = [whoIs(row)];
  if (row.state === 'pending')
    parts.push(row.code === undefined ? 'Code: hidden' : `Code: ${visible(row.code)}`);
  else parts.push(`State: ${row.state}`);
  if (row.state === 'pending' || row.state === 'waiting')
    parts.push(`Requested: ${relative(row.createdAt, now)}`);
  else if (row.decidedAt !== undefined) parts.push(`Decided: ${relative(row.decidedAt, now)}`);
  if (row.accessUntil !== undefined) parts.push(`Access ends: ${relative(row.accessUntil, now)}`);
  if (row.firstWords !== undefined) parts.push(words(row.firstWords));
  return parts.join(' - ');
}

/** The id, then what the sender claims to be called. */
export function whoIs({ identifier, alias, hidden, username, displayName }: PairingRow): string {
  const beside = alias !== undefined ? `, ${visible(alias)}` : hidden === true ? ', number hidden' : '';
  const handle = username === undefined ? '' : ` (@${visible(firstGraphemes(username, 64))})`;
  const name = displayName === undefined ? '' : ` ${quotedName(displayName)}`;
  return `${visible(identifier)}${beside}${handle}${name}`;
}

function words(text: string): string {
  return `"${visible(firstGraphemes(text, 80)).replaceAll('"', '\\"')}"`;
}
