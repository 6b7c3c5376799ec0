// The program that is started, as its host found it, and the environment it gets.
import type { Listed } from '../shell/listing.ts';
import { exactWord } from '../shell/word.ts';
import { judgeEnvironment } from './environment.ts';
import { judgePath } from './paths.ts';
import type { ActionFacts, Reason, RiskContext } from './risk.ts';

export function judgeStart(
  action: Extract<ActionFacts, { kind: 'exec' }>,
  context: RiskContext,
): readonly Reason[] {
  const reasons: Reason[] = action.env === undefined ? [] : [...judgeEnvironment(action.env)];
  if (action.program === undefined) return reasons;
  const { path } = action.program;
  const listed: Listed = {
    words: [],
    assigns: [],
    redirects: [],
    via: [],
    place: 'here',
    input: { kind: 'inherited' },
    folders: [action.cwd.path],
    parent: null,
  };
  const found = judgePath(exactWord(path), 'names', listed, { cwd: action.cwd.path, context });
  reasons.push(...found.filter(({ rule }) => rule === 'floor.countersign'));
  if (!found.some(({ rule }) => rule === 'path.outside') && path.startsWith(`${action.cwd.path}/`)) {
    reasons.push({ rule: 'program.brought', tier: 'elevated', why: `${path} lies in the working folder` });
  } else if (found.some(({ rule }) => rule === 'path.outside')) {
    reasons.push({
      rule: 'program.brought',
      tier: 'elevated',
      why: `${path} is not one of the system's own programs`,
    });
  }
  if ('shell' in action && !/\/(ba|da|a)?sh$/.test(path)) {
    reasons.push({
      rule: 'line.dialect',
      tier: 'elevated',
      why: `${path} does not read a line as Bash does`,
    });
  }
  return reasons;
}
