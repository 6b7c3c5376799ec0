// Values of the configuration, as they travel.
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function objectOf(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is written at a path; undefined when nothing is. */
export function valueAt(tree: Json, path: string): Json | undefined {
  let value: Json | undefined = tree;
  for (const part of path.split('.')) {
    const object = objectOf(value);
    value = object !== null && Object.hasOwn(object, part) ? object[part] : undefined;
  }
  return value;
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
