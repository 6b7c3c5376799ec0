// `countersign audit …`: what happened, and the proof that nothing was changed since.
import type { AuditEvent, AuditVerdict } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { table } from '../table.ts';
import { relative } from '../times.ts';
import type { Witness } from './audit-witness.ts';
import { examples } from './examples.ts';

interface ListOptions {
  readonly session?: string;
  readonly person?: string;
  readonly type?: string;
  readonly about?: readonly string[];
  readonly outcome?: AuditEvent['outcome'];
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly after?: string;
}

interface ExportOptions {
  readonly receipt?: string;
  readonly force?: boolean;
}

/** A whole chain is read and hashed; a long one takes its time. */
const VERIFY_PATIENCE_MS = 600_000;
const KEEP = 'keep the store as it is, and compare it with an export or a backup';

export function define(noun: Command, cli: Cli): void {
  const { terminal } = cli;
  const list = noun
    .command('list')
    .description('the latest events, newest first')
    .option('--session <id>', 'only of this session')
    .option('--person <id>', 'only about this person')
    .option('--about <id...>', 'only about, or done by, this id of any kind; two: both')
    .option(
      '--type <types>',
      'only of these types, like pairing.approved,person. (a dot at the end: all that begin so)',
    )
    .addOption(
      noun.createOption('--outcome <outcome>', 'only what ended so').choices(['ok', 'denied', 'failed']),
    )
    .option('--since <time>', 'only at that time or later, like 2026-11-25T08:00Z')
    .option('--until <time>', 'only before that time')
    .option('--limit <n>', 'how many, at most 1000', '50')
    .option('--after <cursor>', 'the page after this `next`')
    .action(async ({ type, since, until, limit, ...options }: ListOptions) => {
      const page = await (await cli.client()).audit.list({
        ...options,
        types: type,
        since: moment('--since', since),
        until: moment('--until', until),
        limit: count(limit),
      });
      terminal.result(page, () => eventTable(page.items, cli.clock.now(), options.session !== undefined));
      if (page.next !== undefined) terminal.hint(`older ones: countersign audit list --after ${page.next}`);
    });
  examples(list, [
    'countersign audit list',
    'countersign audit list --session ses_k7q',
    'countersign audit list --type pairing.approved --json',
    'countersign audit list --about prn_k7qd2mx4 --outcome denied --since 2026-11-25',
  ]);

  const verify = noun
    .command('verify')
    .description('check every link of the chain; broken: exit 17')
    .option('--head <hash>', 'a hash noted earlier must still be in the chain')
    .option('--against <export>', 'every event of an earlier export must still be there')
    .action(async (witness: Witness) => {
      const verdict = await (await cli.client({ timeoutMs: VERIFY_PATIENCE_MS })).audit.verify();
      const asked = witness.head !== undefined || witness.against !== undefined;
      const why =
        verdict.ok && asked ? await (await import('./audit-witness.ts')).contradicts(cli, witness) : null;
      terminal.result(why === null ? verdict : { ...verdict, ok: false, why }, () =>
        why === null ? verdictLines(verdict) : [],
      );
      if (!verdict.ok) throw broken(verdict);
      if (why !== null) throw new Problem('audit_broken', { detail: why, hint: KEEP });
    });
  examples(verify, [
    'countersign audit verify',
    'countersign audit verify --head "$(cat head.txt)"',
    'countersign audit verify --against audit.ndjson',
  ]);

  const exported = noun
    .command('export [file]')
    .description(
      'the heads, then every event as it is hashed, one JSON line each, to stdout or a private file',
    )
    .option('--receipt <id>', 'of one approval: a signed document that others check without this gateway')
    .option('--force', 'also over a file that is there')
    .action(async (file: string | undefined, { receipt, force = false }: ExportOptions) => {
      const { exportAudit, exportReceipt, refuseExisting } = await import('./audit-export.ts');
      if (file !== undefined && !force) refuseExisting(file);
      await (receipt === undefined ? exportAudit(cli, file) : exportReceipt(cli, receipt, file));
    });
  examples(exported, [
    'countersign audit export audit.ndjson',
    'countersign audit export | gzip > audit.ndjson.gz',
    'countersign audit export --receipt K7QD2 receipt.json',
  ]);
}

function count(text: string | undefined): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1000) return number;
  throw new Problem('usage', { detail: '--limit takes a number from 1 to 1000', hint: '--limit 100' });
}

/** As the gateway takes it: the host's own clock where no zone is named. */
function moment(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new Problem('usage', { detail: `${flag} takes a time`, hint: `${flag} 2026-11-25T08:00Z` });
}

/** @param ofSession whether all of them are of the session that was asked for: it is said in no line then. */
function eventTable(items: readonly AuditEvent[], now: number, ofSession: boolean): string[] {
  if (items.length === 0) return ['no such events'];
  return table(
    ['WHEN', 'TYPE', 'BY', 'OUTCOME', 'ABOUT'],
    items.map((event) => [
      relative(event.at, now),
      event.type,
      event.actor,
      event.reason === undefined ? event.outcome : `${event.outcome} (${event.reason})`,
      about(event, ofSession),
    ]),
  );
}

function about({ subject, personal }: AuditEvent, ofSession: boolean): string {
  const plain = Object.entries(subject).filter(
    ([name, value]) => value !== null && !(ofSession && name === 'session'),
  );
  const named = Object.entries(personal ?? {}).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const shown = plain.map(
    ([name, value]) => [name, typeof value === 'string' ? value : shownAs(name, value)] as const,
  );
  return [...shown, ...named].map(([name, value]) => `${name}=${value}`).join(' ');
}

/** A moment is read by people here; `--json` keeps the number. */
function shownAs(name: string, value: unknown): string {
  if (typeof value === 'number' && /At$/.test(name)) return isoTime(value);
  return JSON.stringify(value);
}

function verdictLines({ ok, events, heads }: AuditVerdict): string[] {
  if (!ok) return [];
  const many = events === 1 ? '1 event' : `${events} events`;
  return [
    `the chain verifies: ${many}`,
    ...heads.map((head) => `  head ${head.writer} ${head.seq} ${head.hash}`),
  ];
}

function broken({ broken: where }: AuditVerdict): Problem {
  if (where === undefined)
    return new Problem('audit_broken', { detail: 'the chain does not verify', hint: KEEP });
  if (where.why === 'head' || where.why === 'kept')
    return new Problem('audit_broken', {
      detail: contradicted(where),
      hint: `${KEEP}; to go on with what is there, remove keys/audit-head.json`,
    });
  const detail = `the chain breaks at ${where.writer} ${where.seq}: ${where.why}`;
  return new Problem('audit_broken', { detail, hint: KEEP });
}

/** keys/audit-head.json is written by the gateway alone, and what stood in it stays in the chain for ever. */
function contradicted({ writer, seq, why }: NonNullable<AuditVerdict['broken']>): string {
  return why === 'head'
    ? `event ${seq} of ${writer} was there and is gone: the store was cut, rewritten or put back to an older copy`
    : 'keys/audit-head.json was not written by this gateway, or was changed';
}
