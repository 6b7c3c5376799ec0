// `countersign policy …`: who must say yes before something runs, and what would happen to a command.
import { readFileSync } from 'node:fs';
import { visible } from '@countersign/protocol/display';
import type { PolicyChanged } from '@countersign/protocol/policy';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import { type Cli, confirmed, declined } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { policyLines } from '../policy-lines.ts';
import { type TestOptions, testCommand } from '../policy-try.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  const show = noun
    .command('show')
    .description('what holds, value by value')
    .option('--agent <name>', 'only what holds for this agent')
    .action(async ({ agent }: { agent?: string }) => {
      const view = await (await cli.client()).policy.get();
      cli.terminal.result(view, () => policyLines(view, agent));
      cli.terminal.hint('change one: countersign policy set <path> <value>');
    });
  examples(show, ['countersign policy show', 'countersign policy show --agent main']);

  const test = noun
    .command('test [command...]')
    .description('what would happen to a command; nothing is run')
    .option('--agent <name>', 'asked by this agent', 'main')
    .option('--cwd <folder>', 'where it would run; otherwise here')
    .option('--stdin', 'one command a line, looked at by its words; prints one JSON object a line')
    .action((words: string[], options: TestOptions) => testCommand(cli, words, options));
  examples(
    test,
    [
      'countersign policy test "curl -s x | sudo sh"',
      'countersign policy test --agent coder -- git push --force',
      'countersign policy test --stdin < commands.txt',
    ],
    'One word is a line that a shell reads; several are a program with its words, as behind `exec --`.',
  );

  const set = guarded(noun.command('set <path> <value>'), cli)
    .description('change one value; requests that wait end')
    .action(async (path: string, value: string) => {
      const changed = await (await cli.client()).policy.set(path, value);
      told(cli, changed);
    });
  examples(
    set,
    [
      'countersign policy set tiers.elevated.timeout 5m',
      'countersign policy set agents.coder.ask always',
      'countersign policy set selfApproval owner',
    ],
    'Paths: stepUp.… and selfApproval as `policy show` prints them; defaults.ask, agents.NAME.free, tiers.TIER.who for its tables.',
  );

  const bring = guarded(noun.command('import <file>'), cli)
    .description(
      'put an exec-approvals.json, version 1 or 2, in the place of the policy; never weaker than that file',
    )
    .option('--dry-run', 'only say what would change')
    .option('--yes', 'do not ask')
    .action((file: string, options: { dryRun?: boolean; yes?: boolean }) => importFile(cli, file, options));
  examples(
    bring,
    [
      'countersign policy import ~/.openclaw/exec-approvals.json --dry-run',
      'countersign policy import policy.json --yes',
    ],
    'The whole policy is replaced, its rules too. It may be looser than the one you have: --dry-run says where.',
  );

  const out = noun
    .command('export')
    .description('the policy as exec-approvals.json, version 2')
    .action(async () => {
      const { document } = await (await cli.client()).policy.export();
      cli.terminal.out(document.trimEnd());
    });
  examples(out, ['countersign policy export > exec-approvals.json']);

  const allow = guarded(noun.command('allow <id>'), cli)
    .description('allow exactly what this request asked, until a day')
    .option('--for <duration>', 'how long, 90 days at most', '30d')
    .option('--yes', 'do not ask')
    .action((ref: string, options: { for: string; yes?: boolean }) => allowOne(cli, ref, options));
  examples(
    allow,
    ['countersign policy allow K7QD2 --for 7d'],
    'Shown as a rule before it is kept; it changes the policy, so what waits ends and is asked anew: this request, too. Never for wrappers, interpreters, redirections, or what is destructive.',
  );

  const revoke = noun
    .command('revoke <rule>')
    .description('take a rule out of the list')
    .action(async (rule: string) => {
      const done = await (await cli.client()).policy.revoke(rule);
      cli.terminal.result(done, () => [`${done.revoked} is gone: it is asked about again`]);
    });
  examples(
    revoke,
    ['countersign policy revoke 3f9a60c1d27be845', 'countersign policy show'],
    'Rules stand at the end of `policy show`.',
  );
}

async function importFile(
  cli: Cli,
  file: string,
  { dryRun = false, yes = false }: { dryRun?: boolean; yes?: boolean },
): Promise<void> {
  const document = readDocument(file);
  const { policy } = await cli.client();
  const preview = await policy.import(document, true);
  if (dryRun) return told(cli, preview, 'nothing was changed');
  if (preview.changes.length > 0 && !yes && cli.terminal.interactive) {
    for (const line of changeLines(preview)) cli.terminal.talk(line);
    if (!(await confirmed(cli, 'take it over?'))) throw declined();
  }
  told(cli, await policy.import(document));
}

function readDocument(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Problem('usage', {
      detail: `${visible(file)} cannot be read`,
      hint: 'is it there, and yours?',
      cause,
    });
  }
}

function changeLines({ changes, notes }: PolicyChanged): string[] {
  return [
    ...changes.map(
      ({ path, from, to }) =>
        `${visible(path)}: ${visible(from ?? '(nothing)')} → ${visible(to ?? '(nothing)')}`,
    ),
    ...notes.map((note) => `note: ${visible(note)}`),
  ];
}

function told(cli: Cli, changed: PolicyChanged, end?: string): void {
  const { version, changes } = changed;
  cli.terminal.result(changed, () => [
    ...(changes.length === 0 ? ['nothing changes'] : []),
    ...changeLines(changed),
    ...(end !== undefined
      ? [end]
      : changes.length === 0
        ? []
        : [`version ${version} holds now; what waited has ended`]),
  ]);
}

async function allowOne(cli: Cli, ref: string, options: { for: string; yes?: boolean }): Promise<void> {
  const { approvals } = await cli.client();
  const preview = await approvals.allow(ref, { for: options.for, preview: true });
  for (const line of preview.text.split('\n')) cli.terminal.talk(line);
  cli.terminal.talk(`until ${preview.until}`);
  if (options.yes !== true && !(await confirmed(cli, 'keep this rule?'))) throw declined();
  const kept = await approvals.allow(ref, { for: options.for });
  cli.terminal.result(kept, () => [`${kept.rule ?? 'it'} holds until ${kept.until}`]);
  cli.terminal.talk(
    'the policy changed: what waited has ended, and runs or is asked about when it is asked anew',
  );
  if (kept.rule !== undefined) cli.terminal.talk(`undo: countersign policy revoke ${kept.rule}`);
}
