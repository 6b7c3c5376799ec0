// An MCP server beside an agent: a permission-prompt tool and `request_approval`. Both ask the gateway and wait; whatever goes
// wrong on the way ends in deny, in the form the host reads (R42). Nothing the model writes decides anything (E-19, R49).
import type { ApprovalAsk } from '@countersign/protocol/approval';
import type { Client } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { execAction, toolAction } from '../exec/action.ts';
import { type Answer, askAndWait } from './ask.ts';

export interface McpPorts {
  readonly client: Client;
  readonly host: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Silence for so long is a no, whatever the gateway's own time is. */
  readonly deadlineMs: number;
}

const promptSchema = z.object({
  tool_name: z.string().min(1).max(1_000).describe('the tool that wants to run'),
  input: z.record(z.string(), z.unknown()).describe('what it would be called with'),
  tool_use_id: z.string().max(1_000).optional(),
});

const requestSchema = z.object({
  command: z.string().min(1).max(262_144).optional().describe('a shell line, approved as a whole'),
  argv: z
    .array(z.string())
    .min(1)
    .max(65_536)
    .optional()
    .describe('a program with its words, started without a shell'),
  cwd: z.string().max(4_096).optional().describe('where it would run; this server’s own folder otherwise'),
});

const ABOUT_PROMPT = 'Asks a person whether a tool may run. For use as the permission prompt of the host.';
const ABOUT_REQUEST =
  'Asks a person whether a command may run, and waits for the answer. It does not run it. Give either command or argv, exactly as it would run.';

/** Serves until the host goes. */
export function serveMcp(ports: McpPorts): { close(): Promise<void> } {
  return serveStdio(() => createServer(ports));
}

function createServer(ports: McpPorts): McpServer {
  const server = new McpServer(
    { name: 'countersign', version: ports.version },
    { capabilities: { tools: {} } },
  );
  server.registerTool(
    'approve',
    { title: 'May this tool run?', description: ABOUT_PROMPT, inputSchema: promptSchema },
    async ({ tool_name, input }, { mcpReq }) => {
      const answer = await decided(ports, mcpReq.signal, async () =>
        toolAction(tool_name, input, { cwd: process.cwd(), host: ports.host }),
      );
      const said = answer.isYes
        ? { behavior: 'allow', updatedInput: input }
        : { behavior: 'deny', message: answer.why };
      return { content: [{ type: 'text' as const, text: JSON.stringify(said) }] };
    },
  );
  server.registerTool(
    'request_approval',
    { title: 'Ask for a command', description: ABOUT_REQUEST, inputSchema: requestSchema },
    async ({ command, argv, cwd }, { mcpReq }) => {
      const answer = await decided(ports, mcpReq.signal, async () => {
        if ((command === undefined) === (argv === undefined))
          throw new Problem('usage', { detail: 'give either command or argv' });
        return execAction({
          run: argv === undefined ? { shell: command ?? '' } : { argv },
          cwd: cwd ?? process.cwd(),
          env: ports.env,
          named: [],
          stdin: { kind: 'none' },
          host: ports.host,
        });
      });
      const text = answer.isYes ? `approved: ${answer.id}` : `denied: ${answer.why}`;
      return { content: [{ type: 'text' as const, text }], isError: !answer.isYes };
    },
  );
  return server;
}

type Decided =
  | { readonly isYes: true; readonly id: string }
  | { readonly isYes: false; readonly why: string };

async function decided(
  { client, deadlineMs }: McpPorts,
  gone: AbortSignal,
  derive: () => Promise<ApprovalAsk['action']>,
): Promise<Decided> {
  try {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(deadlineMs)]);
    const ask = { action: await derive() };
    return read(await askAndWait({ client, ask, signal, waiting: () => {} }));
  } catch (cause) {
    return { isYes: false, why: cause instanceof Problem ? cause.message : 'it could not be asked' };
  }
}

function read(answer: Answer): Decided {
  switch (answer.outcome) {
    case 'approved':
      return { isYes: true, id: answer.row.id };
    case 'refused':
      return { isYes: false, why: answer.why };
    default:
      return { isYes: false, why: 'nobody answered in time' };
  }
}
