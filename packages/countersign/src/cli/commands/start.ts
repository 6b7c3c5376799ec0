// `countersign start`: what most people type first, the same as `gateway start`.
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun.description('start the gateway in the background; the same as `gateway start`').action(async () => {
    await (await import('./gateway-background.ts')).startGateway(cli);
  });
  examples(noun, ['countersign start', 'countersign start --json']);
}
