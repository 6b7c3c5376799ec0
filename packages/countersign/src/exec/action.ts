// From a command as typed to the action that is asked about, alone and from what is here: where it really runs, which file
// it starts, what it is given (approval.md, section 2). What cannot be derived is a clear error, never a guess.
import type { ExecAction, ToolAction } from '@countersign/protocol/approval';
import { derive, type Plan } from './derive.ts';
import { cwdOf } from './folder.ts';
import { checked } from './form.ts';

export type { Plan } from './derive.ts';

/** @throws Problem `usage`: what about it cannot be asked, and what to do. */
export async function execAction(plan: Plan): Promise<ExecAction> {
  await using derived = await derive(plan);
  return derived.action;
}

/** A tool call of an agent's runtime, as it is handed to us. @throws Problem `usage`. */
export async function toolAction(
  tool: string,
  args: Readonly<Record<string, unknown>>,
  where: { readonly cwd: string | null; readonly host: string },
): Promise<ToolAction> {
  const cwd = where.cwd === null ? null : await cwdOf(where.cwd);
  return checked({ kind: 'tool' as const, tool, arguments: args, cwd, host: where.host }, 'tool');
}
