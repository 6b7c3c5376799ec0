// `countersign approvals …`: what agents want to do, and your yes or no. A yes is a yes to what was shown: the request is
// printed whole before it is asked about, and what is approved is that very request, which never changes (R21, R37).
import type { ApprovalRow } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import { approvalLines, approvalTable, detailLines, pausedLine, pauseLines } from '../approval-lines.ts';
import { type Cli, confirmed, declined, isDeclined } from '../cli.ts';
import { examples } from './examples.ts';

const REF =
  'By id, or an unambiguous beginning of it or of the ten letters, from three on. No word stands for the latest: say which one.';

interface DecideOptions {
  readonly totp?: string;
  readonly recovery?: string;
  readonly as?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

export function define(noun: Command, cli: Cli): void {
  const list = noun
    .command('list')
    .description('what waits for a yes or a no')
    .option('--agent <name>', 'only of this agent')
    .option('--all', 'also what is over')
    .action((options: { agent?: string; all?: boolean }) =>
      listApprovals(cli, options.all === true ? 'all' : 'open', options),
    );
  examples(list, ['countersign approvals list', 'countersign approvals list --agent main --json']);

  const history = noun
    .command('history')
    .description('what is over, and how it ended')
    .option('--agent <name>', 'only of this agent')
    .option('--decided', 'only what somebody said yes or no to')
    .option('--limit <number>', 'the newest so many')
    .action((options: Filter) => listApprovals(cli, 'history', options));
  examples(history, [
    'countersign approvals history --limit 20',
    'countersign approvals history --decided --json',
  ]);

  const show = noun
    .command('show <id>')
    .description('one request, whole: what would run, why it is that risky, who decides')
    .action(async (ref: string) => {
      const row = await (await cli.client()).approvals.get(ref);
      cli.terminal.result(row, () => [...approvalLines(row, cli.clock.now()), ...detailLines(row)]);
      if (row.hint !== undefined) cli.terminal.hint(row.hint);
    });
  examples(show, ['countersign approvals show K7QD2', 'countersign approvals show K7QD2 --json'], REF);

  const approve = noun
    .command('approve <id>')
    .description('say yes to one request, after reading all of it')
    .option('--totp <code>', 'a code of your authenticator app')
    .option('--recovery <code>', 'a recovery code instead')
    .option('--as <person>', 'whose word it is, where several may decide')
    .option('--yes', 'do not ask again')
    .action((ref: string, options: DecideOptions) => approveOne(cli, ref, options));
  examples(
    approve,
    ['countersign approvals approve K7QD2', 'countersign approvals approve K7QD2 --as Ana --yes --json'],
    'By id, or a beginning of it or of the ten letters, from five on, that fits nothing else, and nothing that ended within a day.',
  );

  const deny = noun
    .command('deny <id>')
    .description('say no to one request, or to `all`; needs no proof')
    .option('--reason <text>', 'why not: the agent is told')
    .option('--as <person>', 'whose word it is, where several may decide')
    .action((ref: string, options: DecideOptions) => denyOne(cli, ref, options));
  examples(
    deny,
    ['countersign approvals deny K7QD2 --reason "use the lock file"', 'countersign approvals deny all'],
    REF,
  );
}

interface Filter {
  readonly agent?: string;
  readonly decided?: boolean;
  readonly limit?: string;
}

const PAGE = 500;

/** @throws Problem `usage`. */
function numberOf(limit: string): number {
  if (/^[1-9]\d{0,8}$/.test(limit)) return Number(limit);
  throw new Problem('usage', { detail: '--limit is a number from 1 on', hint: '--limit 20' });
}

async function listApprovals(
  cli: Cli,
  show: 'open' | 'history' | 'all',
  { agent, decided = false, limit }: Filter,
): Promise<void> {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : numberOf(limit);
  const client = await cli.client();
  const whose = agent === undefined ? {} : { agent };
  const items: ApprovalRow[] = [];
  let after: string | undefined;
  do {
    const from = after === undefined ? {} : { after };
    const page = await client.approvals.list({ ...from, show, ...whose, limit: PAGE });
    items.push(...page.items.filter(({ decisions }) => !decided || decisions.length > 0));
    after = page.next;
  } while (after !== undefined && items.length < most);
  items.splice(most);
  cli.terminal.result({ items }, () =>
    items.length === 0
      ? [
          show === 'open'
            ? 'nothing waits for a decision'
            : decided
              ? 'nobody decided anything yet'
              : 'nothing was asked yet',
        ]
      : approvalTable(items, cli.clock.now()),
  );
  if (show !== 'open') return;
  cli.terminal.hint(
    items.length === 0
      ? 'what would be asked: countersign policy test "npm install left-pad"'
      : 'countersign approvals show <id>, then approve or deny',
  );
}

async function approveOne(cli: Cli, ref: string, options: DecideOptions): Promise<void> {
  const { totp, recovery, as, yes = false } = options;
  cli.proveWith({ as });
  const { approvals } = await cli.client();
  const row = await approvals.get(ref, 'yes');
  const factor =
    totp !== undefined
      ? ({ kind: 'totp', value: totp } as const)
      : recovery !== undefined
        ? ({ kind: 'recovery', value: recovery } as const)
        : undefined;
  try {
    if (row.state === 'pending') await sure(cli, row, ref, yes);
    const done = await approvals.decide(row.id, {
      decision: 'approve',
      ...(factor === undefined ? {} : { factor }),
    });
    cli.terminal.result(done, () => [
      done.state === 'pending'
        ? `${done.short}: your yes counts, others are still asked`
        : `${done.short} is ${done.state}`,
    ]);
  } catch (failure) {
    throw isDeclined(failure) ? notApproved(row) : failure;
  }
}

/** No answer is no denial: whoever asked still waits for one. */
function notApproved({ short, state }: Pick<ApprovalRow, 'short' | 'state'>): Problem {
  return state === 'pending'
    ? new Problem('policy_denied', {
        detail: `${short} is not approved; it still waits`,
        hint: `to say no: countersign approvals deny ${short}`,
      })
    : declined();
}

/** Who typed the whole id, or said --yes, means it: a script has nobody to answer. */
async function sure(cli: Cli, row: ApprovalRow, ref: string, yes: boolean): Promise<void> {
  const { terminal } = cli;
  for (const line of approvalLines(row, cli.clock.now())) terminal.talk(line);
  if (yes || (!terminal.interactive && (ref === row.id || ref.replace('-', '').length >= 5))) return;
  if (!(await confirmed(cli, `approve ${row.short} (${row.tier})?`))) throw declined();
}

async function denyOne(cli: Cli, ref: string, { reason, as, totp, recovery }: DecideOptions): Promise<void> {
  if (totp !== undefined || recovery !== undefined)
    throw new Problem('usage', { detail: 'a no needs no proof', hint: 'leave the code out' });
  cli.proveWith({ as });
  const { approvals } = await cli.client();
  const why = reason === undefined ? {} : { reason };
  if (ref === 'all') {
    const done = await approvals.denyAll(why);
    cli.terminal.result(done, () => [
      done.denied === 1 ? 'one request was denied' : `${done.denied} requests were denied`,
      ...(done.paused ?? []).map((one) => pausedLine(one, cli.clock.now())),
    ]);
    return;
  }
  const row = await approvals.get(ref);
  const done = await approvals.decide(row.id, { decision: 'deny', ...why });
  cli.terminal.result(done, () => [`${done.short} is ${done.state}`, ...pauseLines(done, cli.clock.now())]);
}
