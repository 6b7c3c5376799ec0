// `countersign factors …`: what proves a person besides this shell. Seeds and recovery codes are results: they go to
// stdout once, and nowhere else.
import { quotedName, visible } from '@countersign/protocol/display';
import type { FactorList, FactorRow, TotpEnrolled } from '@countersign/protocol/factor';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { table } from '../table.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

const FOR = ['--for <person>', 'whose, by id or name; the only owner otherwise'] as const;
const KINDS = ['totp', 'passkey'] as const;
/** A slip or two; then there is something wrong with the app or its clock. */
const TRIES = 3;

interface Whose {
  readonly for?: string;
}

export function define(noun: Command, cli: Cli): void {
  const { terminal } = cli;
  const list = noun
    .command('list')
    .description('the factors of a person, and how many recovery codes are left')
    .option(...FOR)
    .action(async ({ for: person }: Whose) => {
      const factors = await (await cli.client()).factors.list(person);
      terminal.result(factors, () => factorLines(factors, cli.clock.now()));
      if (factors.items.length === 0) terminal.hint('countersign factors enroll totp');
    });
  examples(list, ['countersign factors list', 'countersign factors list --for Ana --json']);

  const enroll = guarded(noun.command('enroll'), cli)
    .addArgument(noun.createArgument('<kind>', 'what to add').choices(KINDS))
    .description('add an authenticator app or a passkey')
    .option(...FOR)
    .option('--label <text>', 'what to call it in the list')
    .action((kind: (typeof KINDS)[number], options: Whose & { label?: string }) => enrol(cli, kind, options));
  examples(
    enroll,
    [
      'countersign factors enroll totp',
      'countersign factors enroll totp --for Ana --totp 123456',
      'countersign factors enroll totp --json',
    ],
    'An app counts once its first code was given to `factors confirm`. A passkey is made in a browser.',
  );

  const confirm = noun
    .command('confirm <id> <code>')
    .description('the first code of a new app; it is spent with it')
    .action(async (id: string, code: string) => {
      const factor = await (await cli.client()).factors.confirm(id, plainCode(code));
      terminal.result(factor, () => [added(factor)]);
      sayNext(cli);
    });
  examples(confirm, ['countersign factors confirm fac_k7q 123456']);

  const remove = guarded(noun.command('remove <id>'), cli)
    .description('remove a factor; its seed or key is destroyed')
    .action(async (id: string) => {
      const factor = await (await cli.client()).factors.remove(id);
      terminal.result(factor, () => [`${factor.id} ${quotedName(factor.label)} is removed`]);
    });
  examples(
    remove,
    ['countersign factors remove fac_k7q --totp 123456'],
    'The last factor of the last owner who has one stays. If it is lost: countersign recover <person>.',
  );

  const codes = guarded(noun.command('recovery-codes'), cli)
    .description('ten new recovery codes, shown once; those before stop working')
    .option(...FOR)
    .action(async ({ for: person }: Whose) => {
      const answer = await (await cli.client()).factors.recoveryCodes(person);
      terminal.result(answer, () => answer.codes);
      terminal.talk('each works once, instead of a code of the app; they are not shown again');
    });
  examples(codes, ['countersign factors recovery-codes --totp 123456']);
}

async function enrol(
  cli: Cli,
  kind: (typeof KINDS)[number],
  { for: person, label }: Whose & { label?: string },
): Promise<void> {
  const client = await cli.client();
  const whose = person === undefined ? {} : { person };
  if (kind === 'passkey') {
    const { addresses } = await client.gateway.status();
    throw new Problem('usage', {
      detail: 'a passkey is made in a browser, and belongs to the address it was made at',
      hint: `open ${addresses[0] ?? 'the page of the running gateway'} and add it there`,
    });
  }
  const enrolled = await client.factors.enrolTotp({ ...whose, ...(label === undefined ? {} : { label }) });
  const drawn = cli.terminal.isTTY && !cli.terminal.json ? await qr(enrolled.uri, cli.env) : [];
  cli.terminal.result(enrolled, () => [...drawn, ...seedLines(enrolled)]);
  if (!cli.terminal.interactive) {
    cli.terminal.hint(`countersign factors confirm ${enrolled.id} <code>`);
    return;
  }
  const factor = await confirmed(cli, enrolled.id);
  cli.terminal.talk(added(factor));
  sayNext(cli);
}

/** Asks for the first code, and again after a slip. */
async function confirmed(cli: Cli, id: string): Promise<FactorRow> {
  const { askCode } = await import('../proof.ts');
  const client = await cli.client();
  for (let left = TRIES; ; left--) {
    const code = await askCode('the first code the app shows');
    try {
      return await client.factors.confirm(id, code);
    } catch (failure) {
      if (!(failure instanceof Problem) || failure.code !== 'challenge_failed' || left <= 1) throw failure;
      cli.terminal.talk('that is not the code; is the clock of the phone right?');
    }
  }
}

async function qr(uri: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { qrLines } = await import('../qr.ts');
  return qrLines(uri, env);
}

/** Nothing of it is escaped: it was made here, and is typed into an app as it stands. */
function seedLines({ id, secret, uri }: TotpEnrolled): string[] {
  return [`id      ${id}`, `secret  ${secret}`, `uri     ${uri}`];
}

function plainCode(typed: string): string {
  return typed.replaceAll(/[\s-]/g, '');
}

function added({ id, label }: FactorRow): string {
  return `${id} ${quotedName(label)} counts from now on`;
}

function sayNext({ terminal }: Cli): void {
  terminal.hint('for the day it is lost: countersign factors recovery-codes --totp <the next code>');
}

function factorLines({ items, recoveryCodes }: FactorList, now: number): string[] {
  if (items.length === 0) return ['no factors'];
  const rows = table(
    ['ID', 'KIND', 'STATE', 'ADDED', 'LAST USED', 'LABEL'],
    items.map((row) => [
      row.id,
      row.kind,
      row.state,
      relative(row.createdAt, now),
      row.lastUsedAt === undefined ? 'never' : relative(row.lastUsedAt, now),
      row.origin === undefined ? quotedName(row.label) : `${quotedName(row.label)} at ${visible(row.origin)}`,
    ]),
  );
  return [...rows, `${recoveryCodes} recovery codes are left`];
}
