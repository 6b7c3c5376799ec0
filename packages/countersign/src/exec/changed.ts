// What of an action is another than was asked about: one word, for whoever has to find it. The first in this order that differs;
// a folder or a PATH that changed takes programs and scripts along, so these come first.
import type { ExecAction, RequestFacts } from '@countersign/protocol/approval';
import { canonicalJson, type Json } from '@countersign/protocol/canonical';

export type Field =
  | 'argv'
  | 'program'
  | 'script'
  | 'cwd'
  | 'env'
  | 'stdin'
  | 'host'
  | 'agent'
  | 'session'
  | 'policy';

const PARTS = {
  host: ({ host }) => host,
  cwd: ({ cwd }) => cwd,
  env: ({ env }) => env,
  argv: (action) => ('argv' in action ? { argv: action.argv } : { shell: action.shell }),
  program: ({ program, interpreter = null }) => ({ program, interpreter }),
  script: ({ scripts }) => scripts,
  stdin: ({ stdin }) => stdin,
} as const satisfies Partial<Record<Field, (action: ExecAction) => Json>>;

/** Null: they are the same, byte for byte. */
export function changedField(asked: ExecAction, now: ExecAction): Field | null {
  const fields: readonly (keyof typeof PARTS)[] = [
    'host',
    'cwd',
    'env',
    'argv',
    'program',
    'script',
    'stdin',
  ];
  return fields.find((field) => isOther(PARTS[field](asked), PARTS[field](now))) ?? null;
}

/** The same for what the gateway adds. What is left of it (nonce, time, tier, person) is another request altogether. */
export function changedFact(asked: RequestFacts, now: RequestFacts): Field | null {
  const fields = ['agent', 'session', 'policy'] as const;
  return fields.find((field) => asked[field] !== now[field]) ?? null;
}

export function isField(text: unknown): text is Field {
  const names: readonly unknown[] = [...Object.keys(PARTS), 'agent', 'session', 'policy'];
  return names.includes(text);
}

function isOther(one: Json, other: Json): boolean {
  return canonicalJson(one) !== canonicalJson(other);
}
