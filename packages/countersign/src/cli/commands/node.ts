// `countersign node run`: this machine as an exec host. It is paired once, with a code that only lets it ask, and from then on
// runs what it is granted and nothing else. Its folder is its own: nothing of a gateway's home is read here.
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { newName } from '../../clients/names.ts';
import type { Cli } from '../cli.ts';
import { examples } from './examples.ts';

interface Options {
  readonly setup?: string;
  readonly folder?: string;
  readonly name?: string;
}

export function define(noun: Command, cli: Cli): void {
  const run = noun
    .command('run')
    .description('run approved commands on this machine, as this user')
    .option('--setup <code>', 'the first time: what countersign pair --role node printed')
    .option('--folder <path>', 'where its key is kept; otherwise the folder `node` of the home')
    .option('--name <name>', 'what it calls itself, kept in its folder; otherwise the name of this machine')
    .action((options: Options) => runHere(cli, options));
  examples(
    run,
    ['countersign node run --setup eyJ1cmwiOi…', 'countersign node run'],
    'It runs as the user who starts it: give it a user of its own. Ctrl-C ends it, and what it runs.',
  );
}

async function runHere(cli: Cli, { setup, folder, name }: Options): Promise<void> {
  const { runNode } = await import('../../exec/node/node.ts');
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end).once('SIGHUP', end);
  try {
    await runNode({
      folder: folder === undefined ? join(cli.home, 'node') : resolve(folder),
      setup: setup ?? null,
      name: name ?? null,
      machine: hostname(),
      cwd: process.cwd(),
      env: cli.env,
      clock: cli.clock,
      id: newName,
      talk: (line) => cli.terminal.talk(line),
      signal: stop.signal,
    });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end).off('SIGHUP', end);
  }
}
