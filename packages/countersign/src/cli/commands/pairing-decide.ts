// `pairing approve|deny|block|unblock`: what was typed → exactly one request → the decision on its id. A name is looked
// up, but what is decided on is the id behind it, shown and confirmed (H01-H03: names change hands).
import type { Client } from '@countersign/protocol/client';
import type { PairingFound, PairingRow } from '@countersign/protocol/pairing';
import { Problem } from '@countersign/protocol/problem';
import { type Cli, confirmed, declined, shellWord } from '../cli.ts';
import { durationOption, relative } from '../times.ts';
import { fetchPairings, pairingLine, whoIs } from './pairing-list.ts';

export type Decision = 'approve' | 'deny' | 'block' | 'unblock';

export interface DecideOptions {
  readonly account?: string;
  readonly for?: string;
  readonly name?: string;
  readonly yes?: boolean;
}

export async function decide(
  cli: Cli,
  verb: Decision,
  words: readonly string[],
  options: DecideOptions,
): Promise<void> {
  if (options.for !== undefined) durationOption('--for', options.for);
  const client = await cli.client();
  const { channel, what } = await readWords(client, words);
  const { account } = options;
  const row =
    what === undefined
      ? await pick(cli, verb, { channel, account })
      : await sure(cli, verb, await client.pairings.find({ what, channel, account }), options);
  await carryOut(cli, client, verb, row, options);
}

/** One word is a channel if a channel has that name. A code may have been typed in groups, as it is read aloud. */
async function readWords(
  client: Client,
  words: readonly string[],
): Promise<{ channel?: string | undefined; what?: string | undefined }> {
  const [first, ...rest] = words;
  if (first === undefined) return {};
  const { items } = await client.channels.list();
  if (items.some(({ channel }) => channel === first)) {
    return { channel: first, what: rest.length === 0 ? undefined : rest.join(' ') };
  }
  if (rest.length === 0 || isGroupedCode(words)) return { what: words.join(' ') };
  return { channel: first, what: rest.join(' ') };
}

/** `ABC 123 DEF`: short pieces of one length. No channel's name is lost to it, they were asked first. */
function isGroupedCode(words: readonly string[]): boolean {
  const length = words[0]?.length ?? 0;
  return length <= 4 && words.every((word) => word.length === length && /^[a-z\d]+$/i.test(word));
}

async function pick(
  cli: Cli,
  verb: Decision,
  where: { channel?: string | undefined; account?: string | undefined },
): Promise<PairingRow> {
  if (!cli.terminal.interactive) {
    throw new Problem('usage', {
      detail: 'the argument code-or-identifier is missing, and nobody is here to pick from a list',
      hint: `countersign pairing ${verb} ${where.channel ?? '<channel>'} <code-or-identifier>`,
    });
  }
  const rows = await fetchPairings(cli, { ...where, show: verb === 'unblock' ? 'blocked' : 'open' });
  if (rows.length === 0) {
    throw new Problem('not_found', {
      detail: verb === 'unblock' ? 'nobody is blocked' : 'nobody is waiting',
      hint: 'countersign pairing list --all shows every request',
    });
  }
  const { select, isCancel } = await import('@clack/prompts');
  const now = cli.clock.now();
  const chosen = await select({
    message: `whom do you want to ${verb}?`,
    options: rows.map((row) => ({ value: row.id, label: `${row.channel} ${pairingLine(row, now)}` })),
    output: process.stderr,
  });
  const row = isCancel(chosen) ? undefined : rows.find(({ id }) => id === chosen);
  if (row === undefined) throw declined();
  return row;
}

/** A name needs a look at the id behind it; everything else was exact. */
async function sure(
  cli: Cli,
  verb: Decision,
  { pairing, by }: PairingFound,
  { yes }: DecideOptions,
): Promise<PairingRow> {
  if (by !== 'username') return pairing;
  const { channel, identifier } = pairing;
  cli.terminal.talk(`that name is used by ${channel} ${whoIs(pairing)}`);
  if (yes === true) return pairing;
  if (!cli.terminal.interactive) {
    throw new Problem('usage', {
      detail: `a name can change hands, and this one is ${channel} ${identifier} now`,
      hint: `add --yes, or use the id: countersign pairing ${verb} ${channel} ${shellWord(identifier)}`,
    });
  }
  if (!(await confirmed(cli, `${verb} ${channel} ${whoIs(pairing)}?`))) throw declined();
  return pairing;
}

async function carryOut(
  cli: Cli,
  client: Client,
  verb: Decision,
  { id }: PairingRow,
  { for: lasting, name }: DecideOptions,
): Promise<void> {
  const { terminal } = cli;
  const body = {
    ...(lasting === undefined ? {} : { for: lasting }),
    ...(name === undefined ? {} : { name }),
  };
  const row = await (verb === 'approve' ? client.pairings.approve(id, body) : client.pairings[verb](id));
  terminal.result(row, () => [said(verb, row, cli.clock.now())]);
  for (const line of after(verb, row)) terminal.talk(line);
}

function said(verb: Decision, row: PairingRow, now: number): string {
  const who = `${row.channel} ${whoIs(row)}`;
  const until = row.accessUntil === undefined ? '' : `; access ends ${relative(row.accessUntil, now)}`;
  switch (verb) {
    case 'approve':
      return `approved: ${who} may now talk to the agent${until}`;
    case 'deny':
      return `denied: ${who} was told no`;
    case 'block':
      return `blocked: ${who} is refused from now on, in silence`;
    case 'unblock':
      return `unblocked: ${who} may ask again`;
    default:
      return verb satisfies never;
  }
}

function after(verb: Decision, row: PairingRow): string[] {
  const account = row.account === 'default' ? '' : ` --account ${shellWord(row.account)}`;
  const peer = `${row.channel} ${shellWord(row.identifier)}${account}`;
  if (verb === 'approve') return [`undo: countersign pairing revoke ${peer}`];
  if (verb === 'block') return [`undo: countersign pairing unblock ${peer}`];
  return [];
}
