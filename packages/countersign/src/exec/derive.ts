// Everything an executor finds out about a command, with what it would start held open: the action is taken from these very
// descriptors, and these are what is started (R44). Derived twice: to ask, and again when the answer is there.
import type { ExecAction, HashedFile, Stdin } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { type Environment, passedOn } from './environment.ts';
import { hashed, isLarge, isSame, type OpenFile, setId } from './file.ts';
import { isFixed } from './file-rights.ts';
import { type OpenFolder, openFolder } from './folder.ts';
import { checked, refuseBroken } from './form.ts';
import { type Interpreter, interpreterOf } from './interpreter.ts';
import { programOf, shellProgram } from './program.ts';
import { Reading } from './reading.ts';
import { type Script, scriptsOf } from './scripts.ts';

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

/** Closed with `await using`, or by hand. */
export interface Derived extends AsyncDisposable {
  readonly action: ExecAction;
  /** Set-user-id and set-group-id of what is started: no part of the action, and no business of a yes either. */
  readonly setId: bigint;
  readonly program: OpenFile;
  readonly interpreter: Interpreter | null;
  readonly folder: OpenFolder;
  readonly scripts: readonly Script[];
}

/**
 * @param before what was derived from the same plan, closed by now: large files that nobody but root could have changed,
 * and that the system says nobody did, are not read a second time.
 * @param signal aborted: nobody waits for it, and it ends with the reason.
 * @throws Problem `usage`: what about it cannot be asked, and what to do; `members.field` says which part.
 */
export async function derive(
  { run, cwd, env, named, stdin, host }: Plan,
  before?: Pick<Derived, 'action' | 'program' | 'interpreter'>,
  signal?: AbortSignal,
): Promise<Derived> {
  const reading = new Reading({ signal });
  reading.goOn();
  const isLine = 'shell' in run;
  const words = isLine ? [run.shell] : run.argv;
  const [name = ''] = words;
  if (name === '')
    throw new Problem('usage', { detail: 'there is no command', hint: 'countersign exec -- ls -la' });
  await using held = new AsyncDisposableStack();
  const folder = await openFolder(cwd);
  held.defer(() => folder.handle.close());
  const place = folder.cwd.path;
  const passed = passedOn(env, named);
  for (const text of [...words, place, ...Object.values(passed)]) refuseBroken(text);
  const program = isLine ? await shellProgram() : await programOf(name, place, passed['PATH']);
  held.defer(() => program.handle.close());
  const interpreter = isLine ? null : await interpreterOf(program, place, passed['PATH']);
  if (interpreter !== null) held.defer(() => interpreter.file.handle.close());
  const scripts = await scriptsOf(isLine ? run.shell : run.argv.slice(1), {
    program: isLine ? ['', ''] : [name, program.path],
    cwd: place,
    home: passed['HOME'],
    reading,
  });
  const found = {
    kind: 'exec' as const,
    cwd: folder.cwd,
    program: await content(program, reading, before?.program, before?.action.program),
    ...(interpreter === null
      ? {}
      : {
          interpreter: await content(
            ...([interpreter.file, reading, before?.interpreter?.file, before?.action.interpreter] as const),
          ),
        }),
    // One that was looked for by two paths is one file.
    scripts: [...new Map(scripts.map(({ file }) => [file.path, file])).values()],
    env: passed,
    stdin,
    host,
  };
  const action = checked(isLine ? { ...found, shell: run.shell } : { ...found, argv: [...run.argv] }, 'exec');
  const kept = held.move();
  return {
    action,
    setId: setId(interpreter?.file ?? program),
    program,
    interpreter,
    folder,
    scripts,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

async function content(
  file: OpenFile,
  reading: Reading,
  before: Pick<OpenFile, 'path' | 'seen'> | undefined,
  known: HashedFile | undefined,
): Promise<HashedFile> {
  if (
    before !== undefined &&
    known?.path === file.path &&
    before.path === file.path &&
    isSame(before.seen, file.seen) &&
    isLarge(file) &&
    (await isFixed(file))
  )
    return known;
  return hashed(file, reading);
}
