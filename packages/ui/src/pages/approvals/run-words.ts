// What would run, as it is read: words apart from each other, and every sentence once. Pure.
import { shownWords } from '@countersign/protocol/action-display';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { exact } from '@countersign/protocol/exact';

type Action = NonNullable<ApprovalRow['action']>;
interface Listed {
  readonly text: string;
  readonly via?: readonly string[] | undefined;
}
type Reasons = ApprovalRow['reasons'];

/** Start the words behind them as they are, whatever they are. Others read a line, and then the gateway's text is that line. */
const BEFORE_WORDS = new Set(['doas', 'env', 'nice', 'nohup', 'setsid', 'sudo', 'time']);

/** As a shell would read it back. The gateway joins words by spaces, and of `-c 'print(2)'` the quotes are gone. */
export function commandText({ text, via = [] }: Listed, action: Action | undefined): string {
  if (action?.kind !== 'exec' || 'shell' in action) return text;
  const before = action.argv.slice(0, via.length);
  const words = action.argv.slice(via.length);
  const isBehind = via.every((name, at) => BEFORE_WORDS.has(name) && lastOf(before[at] ?? '') === name);
  return isBehind && exact(words.join(' ')) === text ? shownWords(words) : text;
}

/**
 * Each sentence once, where it comes first. What was judged a second time under its real name (`sh is /usr/bin/dash; …`) says the
 * same again; the program itself stands among the facts.
 */
export function saidOnce(reasons: Reasons): Reasons {
  const said = new Set<string>();
  return reasons.filter(({ rule, why }) => {
    const isAgain = reasons.some(
      (other) => other.why !== why && other.rule === rule && why.endsWith(`; ${other.why}`),
    );
    if (isAgain || said.has(why)) return false;
    said.add(why);
    return true;
  });
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
