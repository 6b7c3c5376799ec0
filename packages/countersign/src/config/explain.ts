// From what the schema found to what a person reads: path, what is wrong, what to write instead. Values are not repeated.
import type { z } from 'zod';
import { formatPath, type Mistake, nearest, type PathPart } from './mistakes.ts';
import { keysAt, schemaAt } from './schema.ts';

/** The mistakes behind a failed parse, in the order of the file's sections. `base` is where the parsed part lies. */
export function explain(issues: readonly z.core.$ZodIssue[], base: readonly PathPart[] = []): Mistake[] {
  return issues.flatMap((issue) => explainIssue(issue, base));
}

function explainIssue(issue: z.core.$ZodIssue, base: readonly PathPart[]): Mistake[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const at = formatPath(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], key));
    case 'invalid_type':
      return [{ path: at, message: `this must be ${article(issue.expected)}`, hint: sentence(path) }];
    case 'invalid_value':
      return [
        {
          path: at,
          message: `this must be one of ${issue.values.map(quote).join(', ')}`,
          hint: sentence(path),
        },
      ];
    case 'too_small':
      return [{ path: at, message: bound('at least', issue.minimum, issue.origin), hint: sentence(path) }];
    case 'too_big':
      return [{ path: at, message: bound('at most', issue.maximum, issue.origin), hint: sentence(path) }];
    case 'invalid_key':
      return [
        {
          path: at,
          message: issue.issues[0]?.message ?? 'this name is refused',
          hint: 'give it another name',
        },
      ];
    default:
      return [{ path: at, message: issue.message, hint: ownHint(issue) ?? sentence(path) }];
  }
}

function unknownKey(path: readonly PathPart[], key: string): Mistake {
  const known = keysAt(path.slice(0, -1));
  const meant = nearest(key, known);
  const list = known.length === 0 ? 'no key goes here' : `known here: ${known.join(', ')}`;
  return {
    path: formatPath(path),
    message: 'there is no such key',
    hint: meant === null ? list : `did you mean "${meant}"?`,
  };
}

function ownHint(issue: z.core.$ZodIssue): string | null {
  const params: unknown = issue.code === 'custom' ? issue.params : undefined;
  if (typeof params !== 'object' || params === null || !('hint' in params)) return null;
  return typeof params.hint === 'string' ? params.hint : null;
}

/** The key's own sentence from the schema, or the nearest one above it. */
function sentence(path: readonly PathPart[]): string {
  for (let length = path.length; length > 0; length--) {
    const description = schemaAt(path.slice(0, length))?.['description'];
    if (typeof description === 'string') return description;
  }
  return 'countersign config schema describes every key';
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a text, in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function article(expected: string): string {
  return ARTICLES[expected] ?? `of type ${expected}`;
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}

function bound(relation: string, limit: number | bigint, origin: string): string {
  const unit: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };
  return `this must be ${relation} ${limit}${unit[origin] ?? ''}`;
}
