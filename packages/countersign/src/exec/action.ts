// From a command as typed to the action that is asked about, alone and from what is here: where it really runs, which file
// it starts, what it is given (approval.md, section 2). What cannot be derived is a clear error, never a guess.
import { realpath, stat } from 'node:fs/promises';
import {
  actionSchema,
  type Cwd,
  type ExecAction,
  type Stdin,
  type ToolAction,
} from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { type Environment, passedOn } from './environment.ts';
import { programOf, shellProgram } from './program.ts';
import { scriptsOf, wordsOfLine } from './scripts.ts';

export interface Plan {
  /** Started without a shell, or a line that a shell reads. */
  readonly run: { readonly argv: readonly string[] } | { readonly shell: string };
  /** The folder it is typed in. */
  readonly cwd: string;
  readonly env: Environment;
  /** Variables that go along beside those that always do. */
  readonly named: readonly string[];
  readonly stdin: Stdin;
  /** The machine it runs on, as the gateway knows it. */
  readonly host: string;
}

/** @throws Problem `usage`: what about it cannot be asked, and what to do. */
export async function execAction({ run, cwd, env, named, stdin, host }: Plan): Promise<ExecAction> {
  const words = 'argv' in run ? run.argv : [run.shell];
  if (words.length === 0 || words[0] === '')
    throw new Problem('usage', { detail: 'there is no command', hint: 'countersign exec -- ls -la' });
  const place = await cwdOf(cwd);
  const passed = passedOn(env, named);
  for (const text of [...words, place.path, ...Object.values(passed)]) refuseBroken(text);
  const shared = { kind: 'exec' as const, cwd: place, env: passed, stdin, host };
  const program =
    'argv' in run ? await programOf(words[0] ?? '', place.path, passed['PATH']) : await shellProgram();
  const rest = 'argv' in run ? run.argv.slice(1) : wordsOfLine(run.shell);
  const scripts = await scriptsOf(rest, {
    program: 'argv' in run ? (words[0] ?? '') : '',
    cwd: place.path,
    home: 'argv' in run ? undefined : passed['HOME'],
  });
  const action =
    'argv' in run
      ? { ...shared, argv: [...run.argv], program, scripts }
      : { ...shared, shell: run.shell, program, scripts };
  checked(action);
  return action;
}

/** A tool call of an agent's runtime, as it is handed to us. @throws Problem `usage`. */
export async function toolAction(
  tool: string,
  args: Readonly<Record<string, unknown>>,
  where: { readonly cwd: string | null; readonly host: string },
): Promise<ToolAction> {
  const cwd = where.cwd === null ? null : await cwdOf(where.cwd);
  const action = checked({ kind: 'tool', tool, arguments: args, cwd, host: where.host });
  if (action.kind !== 'tool') throw new Problem('internal', { detail: 'a tool call became something else' });
  return action;
}

/** The real folder, and which one it is. E-22: a link to it is followed, and what is wrong with it is said. */
async function cwdOf(cwd: string): Promise<Cwd> {
  try {
    const path = await realpath(cwd);
    const { dev, ino } = await stat(path, { bigint: true });
    return { path, device: dev.toString(), inode: ino.toString() };
  } catch (cause) {
    throw new Problem('usage', {
      detail: 'the folder it would run in cannot be looked at',
      hint: 'it may have been removed: go to another one',
      cause,
    });
  }
}

/** What is not UTF-8 arrives here with the sign for "unreadable" in it: which bytes it was, nobody could be shown. */
function refuseBroken(text: string): void {
  if (!text.includes('\u{FFFD}') && text.isWellFormed()) return;
  throw new Problem('usage', {
    detail: 'it holds text that is not UTF-8, which nobody can be asked about',
    hint: 'give the file another name, or leave that word out',
  });
}

function checked(action: unknown) {
  const parsed = actionSchema.safeParse(action);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem('usage', {
    detail: `it cannot be asked about: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    hint: 'make it shorter, or put it into a script of its own',
    cause: parsed.error,
  });
}
