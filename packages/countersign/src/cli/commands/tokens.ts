// `countersign tokens …`: what programs of yours prove themselves with.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { TokenCreate, TokenMade, TokenRow } from '@countersign/protocol/service-token';
import type { Command } from 'commander';
import { allPages, type Cli, confirmed, declined } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { facts, table } from '../table.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

const SCOPES = ['request', 'runtime', 'ingress', 'backend', 'read'] as const;
const SCOPE_NOTE = [
  'request   an agent asks for approvals as itself',
  'runtime   an agent runtime exchanges session handles for bearers, and calls /v1',
  'ingress   your own ingress says who wrote, on the accounts named with --account',
  'backend   a backend asks whether a bearer of its --audience is good',
  'read      a monitor reads status and metrics',
  'The token is shown once and kept nowhere. No token ever decides, pairs or manages.',
].join('\n');

interface CreateOptions {
  readonly scope: TokenCreate['scope'];
  readonly for?: string;
  readonly account?: string[];
  readonly audience?: string[];
  readonly name?: string;
  readonly expires?: string;
  readonly client?: string;
  readonly url?: string;
}

export function define(noun: Command, cli: Cli): void {
  const several = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  const create = guarded(noun.command('create'), cli)
    .description('make a token for a program; it is shown once')
    .addOption(noun.createOption('--scope <scope>', 'what it may').choices(SCOPES).makeOptionMandatory())
    .option('--for <agent>', 'the agent it speaks for: request and runtime')
    .option('--account <channel:account>', 'ingress: whose senders it may assert; again for more', several)
    .option('--audience <name>', 'runtime, backend: one of bearer.audiences; again for more', several)
    .option('--name <name>', 'what the list calls it')
    .option('--expires <duration>', 'how long it is good, such as 90d; otherwise until it is revoked')
    .option('--client <path>', 'also write a client.json for the program: address, token, pinned key')
    .option('--url <url>', 'in that file: this address instead of the agent socket')
    .action((options: CreateOptions) => createToken(cli, options));
  examples(
    create,
    [
      'countersign tokens create --scope runtime --for main --audience tools.example',
      'countersign tokens create --scope ingress --account telegram:own --json',
      'countersign tokens create --scope backend --audience tools.example --expires 90d',
    ],
    SCOPE_NOTE,
  );

  const list = noun
    .command('list')
    .description('tokens that are good now: what each may, and when it was last used')
    .option('--all', 'also what was revoked or has run out')
    .action(async ({ all = false }: { all?: boolean }) => {
      const client = await cli.client();
      const items = await allPages((page) =>
        client.tokens.list({ ...page, ...(all ? { show: 'all' } : {}) }),
      );
      cli.terminal.result({ items }, () => listed(items, cli));
      if (items.length === 0)
        cli.terminal.hint('countersign tokens create --help says what each scope is for');
    });
  examples(list, ['countersign tokens list', 'countersign tokens list --all --json']);

  const revoke = noun
    .command('revoke <id>')
    .description('end a token at once, and every bearer that was made for it')
    .option('--yes', 'do not ask')
    .action(async (ref: string, { yes = false }: { yes?: boolean }) => {
      const { tokens } = await cli.client();
      const row = await tokens.get(ref);
      if (!yes && !(await confirmed(cli, `end ${row.id} (${row.name})? Its program is refused from then on`)))
        throw declined();
      const ended = await tokens.revoke(row.id);
      cli.terminal.result(ended, () => [`${ended.id} is revoked; its program is refused from now on`]);
    });
  examples(
    revoke,
    ['countersign tokens revoke tok_k7qd2mx4', 'countersign tokens revoke tok_k7q --yes --json'],
    'By id or its beginning; the token itself is never asked for.',
  );
}

async function createToken(cli: Cli, options: CreateOptions): Promise<void> {
  const { scope, account, audience, name, expires, client: path, url } = options;
  if (url !== undefined && path === undefined)
    throw new Problem('usage', { detail: '--url is for the file of --client', hint: 'add --client PATH' });
  const client = await cli.client();
  const made = await client.tokens.create({
    scope,
    ...(options.for === undefined ? {} : { for: options.for }),
    ...(account === undefined ? {} : { accounts: account }),
    ...(audience === undefined ? {} : { audiences: audience }),
    ...(name === undefined ? {} : { name }),
    ...(expires === undefined ? {} : { expires }),
  });
  const file = path === undefined ? null : writeClient(path, made, url);
  const { client: _, ...shown } = made;
  const document = file === null ? shown : { ...shown, client: file };
  cli.terminal.result(document, () => [
    ...facts([
      ['id', made.id],
      ['token', made.token],
      ...(made.hopSecret === undefined ? [] : [['hop secret', made.hopSecret] as const]),
      ...(file === null ? [] : [['written', file] as const]),
    ]),
  ]);
  cli.terminal.hint('it is shown this once: put it where the program reads it, and nowhere else');
  cli.terminal.talk(`undo: countersign tokens revoke ${made.id}`);
}

/** Only its owner can read it, and no file that is there is touched. @returns where it is. */
function writeClient(path: string, { client, token }: TokenMade, url: string | undefined): string {
  const file = resolve(path);
  const { gatewayKey, socket, host } = client;
  // Whoever comes by an address may sit on any machine: which one it is, it says itself.
  const where = url === undefined ? { socket, host } : { url };
  try {
    const text = `${JSON.stringify({ ...where, token, gatewayKey }, null, 2)}\n`;
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new Problem('state_conflict', {
      detail: 'the token was made, and its client file could not be written',
      hint: 'is there a file already? Revoke the token (countersign tokens list) and name another path',
      cause,
    });
  }
  return file;
}

function listed(items: readonly TokenRow[], cli: Cli): string[] {
  if (items.length === 0) return ['no tokens'];
  const now = cli.clock.now();
  return table(
    ['ID', 'NAME', 'SCOPE', 'FOR', 'LAST USED', 'STATE'],
    items.map((row) => [
      row.id,
      row.name,
      row.scope,
      [row.agent ?? [], row.accounts ?? [], row.audiences ?? []].flat().join(', '),
      row.lastUsedAt === undefined ? 'never' : relative(row.lastUsedAt, now),
      row.state === 'live' && row.expiresAt !== undefined ? `until ${row.expiresAt.slice(0, 10)}` : row.state,
    ]),
  );
}
