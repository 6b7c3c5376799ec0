// A failure as the person sees it: `error:` and `hint:`, or under --json the RFC 9457 problem as one line. The exit code
// comes from the problem's row and from nowhere else.
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import type { Terminal } from './terminal.ts';

/** Prints the failure and returns its exit code. */
export function reportProblem(failure: unknown, terminal: Terminal): number {
  const problem = asProblem(failure);
  if (terminal.json) terminal.err(JSON.stringify(problem));
  else for (const line of problemLines(problem)) terminal.err(line);
  return problem.exit;
}

/** Everything that is no Problem is `internal`: what it says may hold anything, so it is shown here and sent nowhere. */
export function asProblem(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  const text = failure instanceof Error ? failure.message : String(failure);
  return new Problem('internal', {
    detail: text,
    hint: 'countersign logs and countersign doctor may say more',
    cause: failure,
  });
}

function problemLines(problem: Problem): string[] {
  const { mistakes, event } = problem.members;
  // What was refused is no error of anybody: it says so in a form that scripts know.
  const isRefused = problem.members['refused'] === true;
  const lines = [
    isRefused ? `countersign: refused: ${visible(problem.message)}` : `error: ${manner(problem.message)}`,
  ];
  if (Array.isArray(mistakes) && mistakes.length > 1) return [...lines, ...mistakes.map(mistakeLine)];
  if (typeof event === 'string') lines.push(`event: ${visible(event)}`);
  if (problem.hint !== undefined) lines.push(`hint: ${manner(problem.hint)}`);
  return lines;
}

function mistakeLine(mistake: unknown): string {
  if (typeof mistake !== 'object' || mistake === null) return `  ${visible(String(mistake))}`;
  const { path, message, hint }: { path?: unknown; message?: unknown; hint?: unknown } = mistake;
  const where = path === undefined || path === '' ? 'the file' : String(path);
  const advice = hint === undefined || hint === '' ? '' : ` (${String(hint)})`;
  return visible(`  ${where}: ${String(message)}${advice}`);
}

/** No capital at the start (unless a name starts there: IDs, WhatsApp), no full stop at the end. */
function manner(sentence: string): string {
  const text = visible(sentence).replace(/\.$/, '');
  return /^[A-Z](?![A-Z\d])[^A-Z\s]*(?:\s|$)/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}
