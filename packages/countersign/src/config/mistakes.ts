// What is wrong with a configuration: every mistake at once, each with the path of the key and what to write instead.
// A mistake never repeats a value: it could be a secret or a phone number, and mistakes are logged.
import { Problem } from '@countersign/protocol/problem';

export interface Mistake {
  /** `channels.telegram.allowFrom[0]`; empty when the whole file is meant. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export type PathPart = string | number;

/** Prints a path the way `config set` reads it. Keys with a dot in them are quoted. */
export function formatPath(parts: readonly PathPart[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[^.[\]"]+$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

const STEP = /(?:^|\.)([^.[\]"]+)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads `a.b[0]["c.d"]`; `a.b.0` names the same place. Null when the text is not a path. */
export function parsePath(text: string): PathPart[] | null {
  const parts: PathPart[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const step = STEP.exec(text);
    if (step === null) return null;
    const part = readStep(step);
    if (part === null) return null;
    parts.push(part);
  }
  return parts.length === 0 ? null : parts;
}

function readStep([, key, index, quoted]: RegExpExecArray): PathPart | null {
  if (index !== undefined) return Number(index);
  if (quoted === undefined) return key ?? null;
  try {
    const name: unknown = JSON.parse(quoted);
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}

/** The known word a mistyped one most likely meant, if it is near enough to say so. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const steps = distance(word.toLowerCase().slice(0, 64), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The Problem under which mistakes travel: exit 10, each with path and hint. */
export function configInvalid(mistakes: readonly Mistake[]): Problem {
  const [first] = mistakes;
  const only = mistakes.length === 1 && first !== undefined;
  return new Problem('config_invalid', {
    detail: only
      ? `${first.path === '' ? '' : `${first.path}: `}${first.message}`
      : `${mistakes.length} mistakes in the configuration`,
    ...(only && first.hint !== '' ? { hint: first.hint } : {}),
    members: { mistakes },
  });
}
