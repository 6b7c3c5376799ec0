// What the line itself says, whatever its programs are: what could not be read, variables that change what programs do, and
// where output goes.
import type { Tier } from '@countersign/protocol/tier';
import {
  type Doubt,
  type DoubtKind,
  HOLE,
  type Listed,
  type ListedAssignment,
  type ListedRedirect,
} from '../shell/listing.ts';
import { changesReading } from '../shell/reading.ts';
import { settingOf } from '../shell/setting.ts';
import { judgeVariable } from './environment.ts';
import { judgePath, type PathFacts, type Verdict, written } from './paths.ts';

/** A line that cannot be read for sure is never below elevated; text that nobody can read and that is run, never below destructive. */
const DOUBTS: Record<DoubtKind, readonly [Tier, string]> = {
  parse: ['elevated', 'cannot be read for certain'],
  control: ['elevated', 'holds a character that does not show'],
  name: ['elevated', 'which program runs is only known when it runs'],
  construct: ['elevated', 'holds something that no rule knows'],
  option: ['elevated', 'an option that no rule knows stands before the command'],
  unread: ['destructive', 'runs a text that cannot be read here'],
  dialect: ['elevated', 'is another language, read as if it were Bash'],
  value: ['elevated', 'computes a value that only the run knows, and runs what stands in a subscript of it'],
  shadow: ['elevated', 'gives a name another meaning'],
  size: ['destructive', 'is too long or too deep to be read'],
};

export function judgeDoubt(doubt: Doubt): Verdict {
  const [tier, why] = DOUBTS[doubt.kind];
  return { rule: `line.${doubt.kind}`, tier, why: `${why}: ${doubt.about}` };
}

/** Variables set for a command or for the shell. */
export function judgeVariables(
  assigns: readonly ListedAssignment[],
  listed: Listed,
  facts: PathFacts,
): readonly Verdict[] {
  return assigns.flatMap(({ name, value }) => [
    ...judgeVariable(name, value.value),
    ...pathsIn(value.value, listed, facts),
  ]);
}

function pathsIn(value: string, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const names = value.toLowerCase().split('/');
  const own = facts.context.guarded.paths.some((path) =>
    names.includes(path.slice(path.lastIndexOf('/') + 1).toLowerCase()),
  );
  if (own) return [{ rule: 'floor.countersign', tier: 'destructive', why: "names Countersign's own files" }];
  if (!/[/~]/.test(value) || value.includes(HOLE)) return [];
  return judgePath({ text: value, value, kind: 'exact' }, 'names', listed, facts).filter(
    ({ rule }) => rule === 'floor.countersign',
  );
}

/** `export A=b`, `read A`, `printf -v A`: words of the shell's own commands that set variables. */
export function judgeSetting(listed: Listed, facts: PathFacts): readonly Verdict[] {
  const [first, ...rest] = listed.words;
  if (first === undefined) return [];
  const { sets, attribute } = settingOf(listed.words);
  const isShown = PRINTING.has(first.value) && rest.some(({ value }) => /^-[a-zA-Z]*p/.test(value));
  const shown = isShown ? rest.filter(({ value }) => !value.startsWith('-')) : [];
  const verdicts = sets.flatMap(({ name, value }): readonly Verdict[] =>
    name === null
      ? [UNKNOWN_NAME]
      : [
          ...judgeVariable(name, value?.value ?? ''),
          ...(value?.kind === 'exact' ? pathsIn(value.value, listed, facts) : []),
        ],
  );
  if (attribute === 'reference')
    verdicts.push({ rule: 'env.program', tier: 'elevated', why: 'makes a name stand for another' });
  const prints =
    first.value === 'set'
      ? rest.length === 0
      : PRINTING.has(first.value) &&
        rest.every(({ value }) => value.startsWith('-')) &&
        !rest.some(({ value }) => value.includes('f'));
  if (prints)
    verdicts.push({
      rule: 'secret.environment',
      tier: 'elevated',
      why: 'prints the environment, secrets and all',
    });
  if (shown.some(({ value }) => value.includes(HOLE) || SECRET_NAME.test(value)))
    verdicts.push({
      rule: 'secret.variable',
      tier: 'elevated',
      why: 'prints a variable that is usually secret',
    });
  if (changesReading(listed.words))
    verdicts.push({
      rule: 'line.reading',
      tier: 'elevated',
      why: 'changes how the shell reads what follows',
    });
  return verdicts;
}

const UNKNOWN_NAME: Verdict = {
  rule: 'env.program',
  tier: 'elevated',
  why: 'which variable it sets is only known when it runs',
};

const PRINTING: ReadonlySet<string> = new Set(['export', 'declare', 'typeset', 'readonly']);
const SECRET_NAME =
  /SECRET|TOKEN|PASSW|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|_PAT\b|_KEY\b|AUTH/i;
const SECRET_VARIABLE = new RegExp(`\\$\\{?[!#]?[A-Za-z0-9_]*(${SECRET_NAME.source})`, 'i');

/** Variables that are usually secret, put into words. */
export function judgeSecretVariables(line: string): readonly Verdict[] {
  // A line may end in the middle of a name.
  const found = line.includes('$') ? SECRET_VARIABLE.exec(line.replaceAll('\\\n', '')) : null;
  return found === null
    ? []
    : [{ rule: 'secret.variable', tier: 'elevated', why: `uses ${found[0]}…, which is usually secret` }];
}

export function judgeRedirects(listed: Listed, facts: PathFacts): readonly Verdict[] {
  const { redirects } = listed;
  // A line may say the same a thousand times.
  const different =
    redirects.length < 9
      ? redirects
      : [...Map.groupBy(redirects, saidBy).values()].flatMap((same) => same.slice(0, 1));
  return different.flatMap(({ operator, target }) => {
    const copies = (operator === '>&' || operator === '<&') && /^(\d+-?|-)$/.test(target.value);
    if (copies) return [];
    if (operator === '<' || operator === '<&') return judgePath(target, 'reads', listed, facts);
    return written(target, listed, facts);
  });
}

const saidBy = ({ operator, target }: ListedRedirect): string =>
  `${operator} ${target.kind} ${target.text}\n${target.value}`;
