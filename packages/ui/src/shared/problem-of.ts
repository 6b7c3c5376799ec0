// Whatever was thrown, as a Problem: what is none is ours, and its words are not shown.
import { Problem } from '@countersign/protocol/problem';

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('internal', { cause: error });
}
