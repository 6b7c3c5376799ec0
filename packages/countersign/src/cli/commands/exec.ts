// `countersign exec`: asks for a command, waits for the word, and runs exactly what was approved, once, ending as it ends.
// `--ask-only` asks and runs nothing. It speaks as the local agent, over the agent's door, with what client.json holds.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { createClient } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import { type Answer, askAndWait } from '../../clients/ask.ts';
import { derive, type Plan } from '../../exec/derive.ts';
import { leftOut } from '../../exec/environment.ts';
import { type Given, kindOf, readAll } from '../../exec/stdin.ts';
import { refuseReplaceable, replaceable } from '../../exec/writable.ts';
import { openAgentDoor } from '../agent-door.ts';
import { approvalLines } from '../approval-lines.ts';
import type { Cli } from '../cli.ts';
import type { OnHost } from '../exec-on-host.ts';
import { asRefusal, endedBy, runApproved } from '../exec-run.ts';
import { examples } from './examples.ts';

interface ExecOptions {
  readonly askOnly?: boolean;
  readonly client?: string;
  readonly cwd?: string;
  readonly host?: string;
  readonly env?: string[];
  readonly shell?: string;
  readonly session?: string;
}

export function define(noun: Command, cli: Cli): void {
  const several = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  // A wrapper that names its client is not overruled by the words behind it.
  const once = (value: string, before: string | undefined) => {
    if (before === undefined) return value;
    throw new Problem('usage', { detail: '--client is given twice', hint: 'put -- before the command' });
  };
  noun
    .description('ask for a command, and run it when it was approved')
    .argument('[argv...]', 'the command with its words; from its first one on everything is its own')
    .option('--ask-only', 'ask, say what came of it, and run nothing')
    .option('--shell <line>', 'a line that a shell reads, approved as a whole')
    .option('--env <name>', 'a variable that goes along, with its value from here; again for more', several)
    .option('--client <path>', 'whose token is used; otherwise client.json of the home', once)
    .option('--host <machine>', 'another machine that is paired and connected: its id or name')
    .option('--cwd <path>', 'with --host: the folder there; otherwise where its node was started')
    .option('--session <handle>', 'for whom: the handle that came with the person’s message')
    .action((argv: string[], options: ExecOptions) => exec(cli, argv, options));
  examples(
    noun,
    [
      'countersign exec -- npm install left-pad',
      "countersign exec --shell 'make && make install'",
      'countersign exec --env NODE_ENV -- node build.mjs',
      'countersign exec --host workshop --cwd /srv/app -- make deploy',
    ],
    'Ends as the command ends, and with 14 when it was refused. Stopped with Ctrl-C while it waits, it is taken back.',
  );
}

async function exec(cli: Cli, argv: readonly string[], options: ExecOptions): Promise<void> {
  const { shell, askOnly = false } = options;
  if ((shell === undefined) === (argv.length === 0))
    throw new Problem('usage', {
      detail: shell === undefined ? 'there is no command' : '--shell and a command exclude each other',
      hint: 'countersign exec -- npm install left-pad',
    });
  const { host } = options;
  if (host === undefined ? options.cwd !== undefined : askOnly)
    throw new Problem('usage', {
      detail: host === undefined ? '--cwd is for a command on another machine' : '--host runs it there',
      hint: host === undefined ? 'go to that folder, or add --host' : 'leave --ask-only out',
    });
  if (askOnly) return ask(cli, argv, options);
  try {
    if (host === undefined) await ask(cli, argv, options);
    else await onHost(cli, argv, { ...options, host });
  } catch (cause) {
    throw asRefusal(cause);
  }
}

async function onHost(cli: Cli, argv: readonly string[], options: OnHost): Promise<void> {
  const { execOnHost } = await import('../exec-on-host.ts');
  await execOnHost(cli, argv, options, (row) => waiting(cli, row));
}

async function ask(cli: Cli, argv: readonly string[], options: ExecOptions): Promise<void> {
  const { askOnly = false, shell, env: named = [], session } = options;
  const { fetch, host, gatewayKey } = openAgentDoor(cli.home, options.client);
  if (!askOnly) beforeAsking(cli, gatewayKey, named);
  const { stdin, bytes: input } = await given(cli);
  const run = shell === undefined ? { argv } : { shell };
  const plan: Plan = { run, cwd: here(), env: cli.env, named, stdin, host };
  const client = createClient(fetch);
  const stop = new AbortController();
  let isAsked = false;
  const interrupt = () =>
    stop.abort(
      new Problem('policy_denied', {
        detail: isAsked ? 'you stopped waiting: it was taken back' : 'you stopped it: nobody was asked',
      }),
    );
  // A closed terminal, too: nobody is left who waits for the answer.
  for (const signal of STOPS) process.once(signal, interrupt);
  let before: ApprovalRow | null = null;
  try {
    const asked = await derive(plan, undefined, stop.signal);
    // What is started is opened anew when the answer is there.
    await asked[Symbol.asyncDispose]();
    const weak = askOnly ? null : await replaceable(asked);
    stop.signal.throwIfAborted();
    isAsked = true;
    const answer = await askAndWait({
      client,
      ask: { action: asked.action, ...(session === undefined ? {} : { session }) },
      signal: stop.signal,
      waiting: (row) => {
        before = row;
        // Nobody is asked about what will not run, whatever they say.
        if (row.tier === 'destructive' && weak !== null) stop.abort(refuseReplaceable(weak));
        else waiting(cli, row);
      },
      lost: () => cli.terminal.talk('the gateway does not answer; waiting for it …'),
    });
    const row = approvedRow(answer, stop.signal, askOnly);
    if (askOnly) return said(cli, row);
    const { signal } = stop;
    await runApproved(cli, { client, gatewayKey: gatewayKey ?? {}, plan, asked, input, before, row, signal });
  } finally {
    for (const signal of STOPS) process.off(signal, interrupt);
  }
}

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @throws Problem `usage`: somebody removed it. */
function here(): string {
  try {
    return process.cwd();
  } catch (cause) {
    const detail = 'the folder you are in is not there any more';
    throw new Problem('usage', { detail, hint: 'go to one that is: cd', cause });
  }
}

/** @throws Problem `config_invalid`: without the key of its gateway no grant is known from another. */
function beforeAsking({ terminal, env }: Cli, gatewayKey: object | null, named: readonly string[]): void {
  if (gatewayKey === null)
    throw new Problem('config_invalid', {
      detail: 'the client file holds no key of the gateway, so no grant can be checked',
      hint: 'countersign tokens create --scope request --client PATH writes a new one',
    });
  const missing = leftOut(env, named);
  if (missing.length > 0)
    terminal.talk(`not passed on: ${missing.join(', ')} (--env NAME passes one on, and shows it)`);
}

function approvedRow(answer: Answer, signal: AbortSignal, askOnly: boolean): ApprovalRow {
  if (answer.outcome === 'given_up') throw signal.reason;
  const { row } = answer;
  if (answer.outcome === 'approved') return row;
  const field = askOnly ? null : endedBy(row);
  throw new Problem('policy_denied', {
    detail: field === null ? answer.why : `changed: ${field}`,
    ...(row.hint === undefined ? hintTo(field) : { hint: row.hint }),
    members: {
      ...{ refused: true, approval: row.id, state: row.state },
      ...(field === null ? {} : { changed: field }),
    },
  });
}

/** Who keeps a rule for what waits changes the policy, and so ends it: it is not refused for good. */
function hintTo(field: ReturnType<typeof endedBy>): { readonly hint?: string } {
  return field === 'policy'
    ? { hint: 'the policy changed while it waited: ask again, and the new one says' }
    : {};
}

function said({ terminal }: Cli, row: ApprovalRow): void {
  terminal.result(row, () => [
    `approved: ${row.short}${row.because === undefined ? '' : ` (${row.because})`}`,
  ]);
  terminal.talk('nothing was run: --ask-only');
}

async function given(cli: Cli): Promise<Given> {
  const kind = kindOf(0, cli.streams.stdin.isTTY === true);
  return kind === 'bytes' ? readInput(cli) : { stdin: { kind }, bytes: null };
}

const SILENT_MS = 2_000;

/** Whole, before anybody is asked. Who left it open without a thought is told what is waited for. */
async function readInput({ terminal }: Cli): Promise<Given> {
  const note = setTimeout(
    () => terminal.talk('reading standard input to its end first; for none: < /dev/null'),
    SILENT_MS,
  );
  try {
    return await readAll(process.stdin);
  } finally {
    clearTimeout(note);
  }
}

/** The same ten letters that stand on every card, and where it can be answered. */
function waiting({ terminal, clock }: Cli, row: ApprovalRow): void {
  terminal.talk(`waiting for a yes: ${row.short}`);
  for (const line of approvalLines(row, clock.now()).filter((one) =>
    /^(tier|until|why: |careful: |in: |program: |shell: )/.test(one),
  ))
    terminal.talk(line);
  if (row.told === 'delivered' || row.told === 'queued')
    terminal.talk('asked in the chats of those who decide, and on the page Approvals');
  const proof = row.need?.factors.includes('totp') === true ? ' --totp CODE' : '';
  terminal.hint(`on the page Approvals, or: countersign approvals approve ${row.short.slice(0, 5)}${proof}`);
}
