// What a machine derived is held against what was asked of it: another command, variable or input is not what the program asked
// for, and nobody is asked about it (H54). What the machine found out itself, it alone can know: the folder that was named may be
// a link there, so the real one is shown, and not compared.
import { createHash } from 'node:crypto';
import type { ExecAction } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import type { ExecAsked } from './exec-hosts.ts';

/** @throws Problem `state_conflict`: it is something else. */
export function derivedAsAsked(action: ExecAction, asked: ExecAsked, device: string): ExecAction {
  const field = otherThan(action, asked, device);
  if (field === null) return action;
  throw new Problem('state_conflict', {
    detail: `the machine answered with another ${field} than was asked`,
  });
}

function otherThan(action: ExecAction, asked: ExecAsked, device: string): string | null {
  if (action.host !== device) return 'host';
  const [is, was] = 'argv' in action ? [action.argv, asked.argv] : [action.shell, asked.shell];
  if (JSON.stringify(is) !== JSON.stringify(was)) return 'argv';
  const differs = Object.entries(asked.env ?? {}).some(
    ([name, value]) => !Object.hasOwn(action.env, name) || action.env[name] !== value,
  );
  if (differs) return 'env';
  return isSameInput(action.stdin, asked.stdin ?? null) ? null : 'stdin';
}

function isSameInput(stdin: ExecAction['stdin'], asked: string | null): boolean {
  const bytes = Buffer.from(asked ?? '', 'base64');
  // An end straight away is what a command without input reads, too.
  if (bytes.length === 0) return stdin.kind === 'none';
  if (stdin.kind !== 'bytes' || stdin.size !== bytes.length) return false;
  return stdin.sha256 === createHash('sha256').update(bytes).digest('hex');
}
