// The frame of every command: arguments in, exit code out. Invariant: whatever happens, one report and one code from the
// problem table. The first tick loads commander and this folder's few small files; everything else waits for its noun.
import { constants } from 'node:os';
import { PROBLEMS, Problem } from '@countersign/protocol/problem';
import { Command, CommanderError } from 'commander';
import { type Cli, createCli, type World } from './cli.ts';
import { execWords } from './exec-words.ts';
import { LATER, MEANT, NOUNS } from './nouns.ts';
import { reportProblem } from './problems.ts';
import { createTerminal } from './terminal.ts';

const { signals } = constants;
const ABOUT = 'Countersign decides who may talk to your AI agent, and proves every answer.';

/** Runs one command line; never throws. */
export async function run(typed: readonly string[], world: World): Promise<number> {
  const args = execWords(typed);
  const end = args.indexOf('--');
  const json = (end < 0 ? args : args.slice(0, end)).includes('--json');
  const terminal = createTerminal(world.streams, { json, env: world.env });
  const cli = createCli(world, terminal);
  try {
    const words = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
    const program = await buildProgram(words, cli);
    try {
      await program.parseAsync(words, { from: 'user' });
      return endOf(cli);
    } catch (failure) {
      if (failure instanceof CommanderError && failure.exitCode === 0) return 0;
      const help = helpFor(program, args);
      throw failure instanceof CommanderError ? usage(failure, program, args, help) : withHelp(failure, help);
    }
  } catch (failure) {
    return reportProblem(failure, terminal);
  } finally {
    await cli.close();
  }
}

/** The code of what it ran; who was ended by a signal ends us by it, too, as far as that is possible. */
function endOf(cli: Cli): number {
  const end = cli.ended();
  if (end === null) return 0;
  if (end.signal === null) return end.exitCode ?? 1;
  cli.dieBy?.(end.signal);
  return 128 + signals[end.signal];
}

/** The program with the verbs of the typed noun; of all nouns where all are asked for. */
export async function buildProgram(args: readonly string[], cli: Cli): Promise<Command> {
  const program = new Command('countersign')
    .description(ABOUT)
    .usage('<command> [options]')
    .option('--json', 'print one JSON document instead of text')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => cli.terminal.out(text.trimEnd()),
      writeErr: () => {},
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ countersign pairing list --help');
  program.action(async () => {
    const { version, start } = await import('./commands/version.ts');
    if (program.opts()['version'] === true) version(cli);
    else start(cli, ABOUT);
  });
  const first = args.find((arg) => !arg.startsWith('-'));
  const everything = first === 'completion' || first === 'complete';
  for (const { name, summary, load } of NOUNS) {
    const noun = program.command(name).summary(summary).description(summary);
    if (name !== first && !everything) continue;
    (await load()).define(noun, cli);
    const [verb] = noun.commands;
    // Where the noun alone does something, its own file says what can be typed.
    if (verb !== undefined && noun.registeredArguments.length === 0)
      noun.addHelpText('after', `\nExample:\n  $ countersign ${name} ${verb.name()} --help`);
  }
  if (everything) (await import('./commands/completion.ts')).completeWith(program);
  else program.command('completion').summary('print a completion script for bash, zsh or fish');
  // With an action of its own commander would take an unknown noun for an argument too many.
  if (first !== undefined && !program.commands.some((command) => command.name() === first)) {
    throw await unknownNoun(first);
  }
  return program;
}

async function unknownNoun(word: string): Promise<Problem> {
  if (LATER.has(word)) {
    return new Problem('usage', {
      detail: `${word} is not in this version`,
      hint: 'countersign --help lists what is',
    });
  }
  const { nearest } = await import('../config/mistakes.ts');
  const meant =
    MEANT[word] ??
    nearest(
      word,
      NOUNS.map(({ name }) => name),
    );
  return new Problem('usage', {
    detail: `there is no command ${word}`,
    hint: meant === null ? 'countersign --help lists every command' : `did you mean countersign ${meant}?`,
  });
}

/** As far as what was typed names a command. */
function helpFor(program: Command, args: readonly string[]): string {
  const [noun, verb] = args.filter((arg) => !arg.startsWith('-'));
  const known = (parent: Command | undefined, word: string | undefined) =>
    parent?.commands.find((command) => command.name() === word);
  const first = known(program, noun);
  const words = [first, known(first, verb)].flatMap((command) => command?.name() ?? []);
  return `${['countersign', ...words].join(' ')} --help shows how`;
}

/** What the table advises is for whoever calls the API; whoever typed a command is told of its help. */
function withHelp(failure: unknown, help: string): unknown {
  if (!(failure instanceof Problem)) return failure;
  const { code, message, members, hint } = failure;
  if ((code !== 'usage' && code !== 'request_malformed') || hint !== PROBLEMS[code].hint) return failure;
  return new Problem(code, { detail: message, hint: help, members, cause: failure });
}

/** Commander's message, as a Problem: its first line says what, its bracket says what was meant. */
function usage(failure: CommanderError, program: Command, args: readonly string[], help: string): Problem {
  if (failure.code === 'commander.help') {
    const noun = args.find((arg) => !arg.startsWith('-')) ?? '';
    const verbs = program.commands.find((command) => command.name() === noun)?.commands ?? [];
    const named = verbs.map((command) => command.name()).join(', ');
    return new Problem('usage', { detail: `${noun} needs a verb: ${named}`, hint: help });
  }
  const [first = '', second = ''] = failure.message.split('\n');
  const meant = /\(Did you mean (.+)\?\)/.exec(second)?.[1];
  return new Problem('usage', {
    detail: first.replace(/^error: /, ''),
    hint: meant === undefined ? help : `did you mean ${meant}?`,
    cause: failure,
  });
}
