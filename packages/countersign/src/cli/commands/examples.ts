// Every verb's help ends with something that can be typed.
import type { Command } from 'commander';

export function examples(command: Command, lines: readonly string[], note?: string): void {
  const head = lines.length === 1 ? 'Example' : 'Examples';
  const text = [
    `\n${head}:`,
    ...lines.map((line) => `  $ ${line}`),
    ...(note === undefined ? [] : ['', note]),
  ];
  command.addHelpText('after', text.join('\n'));
}
