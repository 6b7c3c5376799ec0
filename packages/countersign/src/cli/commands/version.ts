// `countersign version`, `--version`, and what `countersign` alone says.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun.action(() => version(cli));
  examples(noun, ['countersign version --json']);
}

export function version({ terminal }: Cli): void {
  const { version } = packageFile();
  terminal.result({ version, node: process.versions.node }, () => [version]);
}

export function start({ terminal }: Cli, about: string): void {
  const first = [
    ['countersign demo', 'the whole story in a minute, nothing is kept'],
    ['countersign gateway start', 'the gateway, its addresses, and a link to make it yours'],
    ['countersign pairing list', 'who is waiting for your yes'],
  ] as const;
  terminal.result({ about, version: packageFile().version, start: first.map(([command]) => command) }, () => [
    about,
    '',
    'Start with:',
    ...first.map(([command, what]) => `  ${command.padEnd(27)}${what}`),
    '',
    'countersign --help lists every command.',
  ]);
}

export function packageFile(): { version: string } {
  const parsed: { version: string } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  return parsed;
}
