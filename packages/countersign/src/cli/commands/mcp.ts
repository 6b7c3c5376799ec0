// `countersign mcp`: an MCP server on this terminal's pipes, for an agent that speaks it.
import { createClient } from '@countersign/protocol/client';
import type { Command } from 'commander';
import { openAgentDoor } from '../agent-door.ts';
import type { Cli } from '../cli.ts';
import { durationOption } from '../times.ts';
import { examples } from './examples.ts';
import { packageFile } from './version.ts';

interface McpOptions {
  readonly client?: string;
  readonly deadline: string;
}

export function define(noun: Command, cli: Cli): void {
  noun
    .description('an MCP server: a permission-prompt tool, and request_approval')
    .option('--client <path>', 'whose token is used; otherwise client.json of the home')
    .option('--deadline <duration>', 'silence for so long is a no; less than the host itself waits', '10m')
    .action(async ({ client, deadline }: McpOptions) => {
      const deadlineMs = durationOption('--deadline', deadline);
      const { fetch, host } = openAgentDoor(cli.home, client);
      const { serveMcp } = await import('../../clients/mcp.ts');
      const server = serveMcp({
        client: createClient(fetch),
        host,
        env: cli.env,
        version: packageFile().version,
        deadlineMs,
      });
      await new Promise<void>((resolve) => process.stdin.once('end', resolve).once('close', resolve));
      await server.close();
    });
  examples(
    noun,
    [
      'countersign mcp',
      'claude -p "tidy up" --mcp-config mcp.json --permission-prompt-tool mcp__countersign__approve',
    ],
    'In mcp.json: {"mcpServers": {"countersign": {"command": "npx", "args": ["countersign", "mcp"]}}}',
  );
}
