// Why it is that risky, as it is read: every sentence once. Pure.
import type { ApprovalRow } from '@countersign/protocol/approval';

type Reasons = ApprovalRow['reasons'];

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
