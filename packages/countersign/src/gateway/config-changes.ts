// Which keys two texts of the configuration differ in. Paths only: a value may be a secret, and the audit is for keeps.
import { type JsonValue, readJsonc } from '../config/jsonc.ts';
import { formatPath, type PathPart } from '../config/mistakes.ts';

const MOST = 50;

/** The paths that were added, removed or changed; at most fifty. */
export function changedPaths(before: string, after: string): string[] {
  const paths: string[] = [];
  compare(parsed(before), parsed(after), [], paths);
  return paths.slice(0, MOST);
}

function parsed(text: string): JsonValue {
  const reading = readJsonc(text);
  return reading.ok ? reading.value : {};
}

function compare(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path: PathPart[],
  paths: string[],
): void {
  if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(a[key], b[key], [...path, key], paths);
  } else if (JSON.stringify(a) !== JSON.stringify(b)) {
    paths.push(formatPath(path));
  }
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
