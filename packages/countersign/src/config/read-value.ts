// `config get`: what is written, else the default. A secret written in the file is never printed.
import { Problem } from '@countersign/protocol/problem';
import { readConfigFile } from './config-file.ts';
import { type JsonValue, readJsonc } from './jsonc.ts';
import { type ConfigPlace, configPath } from './load.ts';
import { configInvalid, nearest, type PathPart, parsePath } from './mistakes.ts';
import { keysAt, type SchemaNode, schemaAt } from './schema.ts';

interface Value {
  readonly value: JsonValue;
  /** Where it comes from: written, or the default. */
  readonly source: 'file' | 'default';
}

/** @throws Problem `not_found` for a path no key lies at, `config_invalid` when the file cannot be read at all. */
export function getConfigValue(place: ConfigPlace, path: string): Value {
  const file = readConfigFile(configPath(place));
  if ('mistake' in file) throw configInvalid([file.mistake]);
  const reading = readJsonc(file.text);
  if (!reading.ok) throw configInvalid(reading.mistakes);
  const parts = path === '' ? [] : parsePath(path);
  if (parts === null) throw unknownPath(path, []);
  const written = valueAt(reading.value, parts);
  const node = schemaAt(parts);
  if (written === undefined && node === null) throw unknownPath(path, parts);
  const value = node === null ? written : effective(written, node, parts);
  return { value: hideSecrets(value ?? null, parts), source: written === undefined ? 'default' : 'file' };
}

/** Says which key was probably meant. */
export function unknownPath(path: string, parts: readonly PathPart[]): Problem {
  const last = parts.at(-1);
  const known = keysAt(parts.slice(0, -1));
  const meant = typeof last === 'string' ? nearest(last, known) : null;
  const hint = meant === null ? 'countersign config schema lists every key' : `did you mean "${meant}"?`;
  return new Problem('not_found', { detail: `there is no key ${path}`, hint });
}

export function valueAt(value: JsonValue, parts: readonly PathPart[]): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const part of parts) {
    if (Array.isArray(found)) found = found[Number(part)];
    else if (typeof found === 'object' && found !== null && Object.hasOwn(found, part)) found = found[part];
    else return undefined;
  }
  return found;
}

/** What the tree says at a path, every default filled in. Unmasked: not for printing. */
export function filledValue(
  tree: { readonly [key: string]: JsonValue },
  parts: readonly PathPart[],
): JsonValue {
  const node = schemaAt(parts);
  const written = valueAt({ ...tree }, parts);
  return (node === null ? written : effective(written, node, parts)) ?? null;
}

function effective(
  written: JsonValue | undefined,
  node: SchemaNode,
  parts: readonly PathPart[],
): JsonValue | undefined {
  const standard = asJson(node['default']);
  const { properties } = node;
  const base = written ?? standard;
  const fillable = typeof base === 'object' && base !== null && !Array.isArray(base);
  if (properties === undefined || (!fillable && parts.length > 0)) return base;
  const filled: { [key: string]: JsonValue } = fillable ? { ...base } : {};
  for (const [key, inner] of Object.entries(properties)) {
    const value = effective(fillable ? base[key] : undefined, inner, [...parts, key]);
    if (value !== undefined) filled[key] = value;
  }
  return filled;
}

function asJson(value: unknown): JsonValue | undefined {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** In an address: before its host, up to the end of it. */
export const PASSWORD = /\b([a-z][\w+.-]*:\/\/)[^\s/@"']*:[^\s/@"']*@[^\s"']*/gi;

export function hideSecrets(value: JsonValue, parts: readonly PathPart[]): JsonValue {
  if (typeof value === 'string') {
    if (schemaAt(parts)?.['writeOnly'] === true) return '[secret]';
    // The address of a database server carries its password.
    if (parts[0] === 'store') return value.replace(/^(postgres\w*:\/\/).*/s, '$1[secret]');
    // So may any other that somebody wrote by hand, however wrong it is there.
    return value.replace(PASSWORD, '$1[secret]');
  }
  if (Array.isArray(value)) return value.map((inner, index) => hideSecrets(inner, [...parts, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, hideSecrets(inner, [...parts, key])]),
  );
}
