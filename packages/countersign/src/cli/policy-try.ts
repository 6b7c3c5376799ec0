// `countersign policy test`: what would happen to a command. A single one is looked at as `exec` would ask for it from here, with
// its program, its folder and this PATH: an explanation of something else would be wrong about rules (E-13).
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { ExecAction } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { derive, type Plan } from '../exec/derive.ts';
import { openAgentDoor } from './agent-door.ts';
import { type Cli, shellWord } from './cli.ts';
import { linesOf } from './lines.ts';
import { testLines } from './policy-lines.ts';

export interface TestOptions {
  readonly agent?: string;
  readonly cwd?: string;
  readonly stdin?: boolean;
}

const AS_EXEC =
  'as `countersign exec` would ask for it from here, for nobody in particular; another PATH may raise it';
const AS_LINE = 'as a line: no such program is here, so no rule is looked for';

export async function testCommand(
  cli: Cli,
  words: readonly string[],
  { agent = 'main', cwd, stdin = false }: TestOptions,
): Promise<void> {
  const { policy } = await cli.client();
  const where = { cwd: resolve(cwd ?? '.') };
  if (stdin) {
    if (words.length > 0)
      throw new Problem('usage', { detail: '--stdin reads the commands', hint: 'leave the command out' });
    await refuseMissing(cli, where.cwd);
    for await (const command of linesOf(process.stdin)) {
      const found =
        command.trim() === ''
          ? new Problem('request_malformed', { detail: 'the line is empty: there is no command' })
          : await policy.test({ command, agent, ...where }).catch(testProblem);
      cli.terminal.out(JSON.stringify(found));
    }
    return;
  }
  // One word is a line; several are words, as a shell would take them back.
  const line = words.length === 1 ? (words[0] ?? '') : words.map(shellWord).join(' ');
  if (line.trim() === '')
    throw new Problem('usage', {
      detail: 'there is no command',
      hint: 'countersign policy test "npm install left-pad"',
    });
  const run = words.length === 1 ? { shell: line } : { argv: words };
  const action = await actionOf(cli, run, where.cwd);
  const found = await policy.test(action === null ? { command: line, agent, ...where } : { action, agent });
  cli.terminal.result(found, () => [...testLines(found), `looked at ${action === null ? AS_LINE : AS_EXEC}`]);
  if (found.hint !== undefined) cli.terminal.hint(found.hint);
}

/** @throws Problem `usage`: the folder is not there, so nothing would run in it. */
async function refuseMissing(cli: Cli, cwd: string): Promise<void> {
  await actionOf(cli, { shell: ':' }, cwd);
}

/** Null: there is no such program here, so that only the words can be looked at. @throws Problem `usage`. */
async function actionOf({ home, env }: Cli, run: Plan['run'], cwd: string): Promise<ExecAction | null> {
  try {
    const host = hostOf(home);
    await using asked = await derive({ run, cwd, env, named: [], stdin: { kind: 'none' }, host });
    return asked.action;
  } catch (cause) {
    if (cause instanceof Problem && cause.members['field'] === 'program') return null;
    throw cause;
  }
}

/** As `exec` would name this machine; a rule is for one. */
function hostOf(home: string): string {
  try {
    return openAgentDoor(home, undefined).host;
  } catch {
    return hostname();
  }
}

/** A line that is no command has its object, too: the n-th object is about the n-th line. */
function testProblem(cause: unknown): Problem {
  const isOfTheLine = cause instanceof Problem && /^request_/.test(cause.code);
  if (!isOfTheLine) throw cause;
  return cause;
}
