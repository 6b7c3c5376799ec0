// `countersign exec`: asks for a command before it runs. In this version it asks and says what came of it (`--ask-only`): the
// wrapper that runs exactly what was approved comes with grants. It speaks as the local agent, over the agent's door.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { createClient } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import { askAndWait } from '../../clients/ask.ts';
import { execAction } from '../../exec/action.ts';
import { kindOf, readAll } from '../../exec/stdin.ts';
import { openAgentDoor } from '../agent-door.ts';
import { approvalLines } from '../approval-lines.ts';
import type { Cli } from '../cli.ts';
import { examples } from './examples.ts';

interface ExecOptions {
  readonly askOnly?: boolean;
  readonly client?: string;
  readonly env?: string[];
  readonly shell?: string;
  readonly session?: string;
}

export function define(noun: Command, cli: Cli): void {
  const several = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  noun
    .description('ask for a command, and say what came of it')
    .argument('[argv...]', 'the command with its words; from its first one on everything is its own')
    .option('--ask-only', 'only ask: this version does not run it')
    .option('--shell <line>', 'a line that a shell reads, approved as a whole')
    .option('--env <name>', 'a variable that goes along, with its value from here; again for more', several)
    .option('--client <path>', 'whose token is used; otherwise client.json of the home')
    .option('--session <handle>', 'for whom: the handle that came with the person’s message')
    .action((argv: string[], options: ExecOptions) => ask(cli, argv, options));
  examples(
    noun,
    [
      'countersign exec --ask-only -- npm install left-pad',
      "countersign exec --ask-only --shell 'make && make install'",
      'countersign exec --ask-only --env NODE_ENV -- node build.mjs',
    ],
    'Ends with 0 when it was approved, 14 when it was refused. Stopped with Ctrl-C it is taken back.',
  );
}

async function ask(cli: Cli, argv: readonly string[], options: ExecOptions): Promise<void> {
  const { terminal } = cli;
  const { askOnly = false, shell, env: named = [], session } = options;
  if (!askOnly)
    throw new Problem('usage', {
      detail: 'this version asks for a command and does not run it',
      hint: 'add --ask-only, and run the command yourself when it ends with 0',
    });
  if ((shell === undefined) === (argv.length === 0))
    throw new Problem('usage', {
      detail: shell === undefined ? 'there is no command' : '--shell and a command exclude each other',
      hint: 'countersign exec --ask-only -- npm install left-pad',
    });
  const { fetch, host } = openAgentDoor(cli.home, options.client);
  const kind = kindOf(0, cli.streams.stdin.isTTY === true);
  const stdin = kind === 'bytes' ? await readInput(cli) : ({ kind } as const);
  const run = shell === undefined ? { argv } : { shell };
  const action = await execAction({ run, cwd: process.cwd(), env: cli.env, named, stdin, host });
  const stop = new AbortController();
  const interrupt = () =>
    stop.abort(new Problem('policy_denied', { detail: 'you stopped waiting: it was taken back' }));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const answer = await askAndWait({
      client: createClient(fetch),
      ask: { action, ...(session === undefined ? {} : { session }) },
      signal: stop.signal,
      waiting: (row) => waiting(cli, row),
      lost: () => terminal.talk('the gateway does not answer; waiting for it …'),
    });
    if (answer.outcome === 'given_up') throw stop.signal.reason;
    const { row } = answer;
    if (answer.outcome === 'refused')
      throw new Problem('policy_denied', {
        detail: answer.why,
        ...(row.hint === undefined ? {} : { hint: row.hint }),
        members: { refused: true, approval: row.id, state: row.state },
      });
    terminal.result(row, () => [
      `approved: ${row.short}${row.because === undefined ? '' : ` (${row.because})`}`,
    ]);
    terminal.talk('nothing was run: --ask-only');
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

const SILENT_MS = 2_000;

/** Whole, before anybody is asked. Who left it open without a thought is told what is waited for. */
async function readInput({ terminal }: Cli) {
  const note = setTimeout(
    () => terminal.talk('reading standard input to its end first; for none: < /dev/null'),
    SILENT_MS,
  );
  try {
    return (await readAll(process.stdin)).stdin;
  } finally {
    clearTimeout(note);
  }
}

/** The same ten letters that stand on every card, and where it can be answered. */
function waiting({ terminal, clock }: Cli, row: ApprovalRow): void {
  terminal.talk(`waiting for a yes: ${row.short}`);
  for (const line of approvalLines(row, clock.now()).filter((one) =>
    /^(tier|until|why: |careful: )/.test(one),
  ))
    terminal.talk(line);
  if (row.told === 'delivered' || row.told === 'queued')
    terminal.talk('asked in the chats of those who decide');
  terminal.hint(`on the page Approvals, or: countersign approvals approve ${row.short.slice(0, 5)}`);
}
