import { expect, test } from 'vitest';
import { ENDPOINTS, GUARDED, READ_AT_START } from './guarded-keys.ts';
import { configJsonSchema, fileSchema, keysAt, type SchemaNode } from './schema.ts';

/** Every key the schema names, with its path. */
function* keysOf(node: SchemaNode, path: string): Generator<[string, SchemaNode]> {
  for (const [key, inner] of Object.entries(node.properties ?? {})) {
    yield [`${path}.${key}`, inner];
    yield* keysOf(inner, `${path}.${key}`);
  }
  if (typeof node.additionalProperties === 'object') yield* keysOf(node.additionalProperties, `${path}.*`);
  for (const part of node.anyOf ?? []) yield* keysOf(part, path);
}

const KEYS = [...keysOf(configJsonSchema(), '')];
/** The two forms of a secret, and of a store. */
const isForm = (path: string) => /\.(env|file|command)$/.test(path);
/** Left out, these say something of their own; and what has no sensible default must be written. */
const WITHOUT_DEFAULT =
  /^\.\$schema|\.accounts\.\*|\.enabled$|\.agent\.kind$|\.proxy\.upstream$|\.audiences\.\*\.alg$|^\.channels\.[a-z-]+$/;

test('every key has a sentence and a default', () => {
  for (const [path, node] of KEYS.filter(([at]) => !isForm(at))) {
    expect([path, node['description']]).toEqual([path, expect.stringMatching(/^["*\w].*[.]$/)]);
    if (!WITHOUT_DEFAULT.test(path))
      expect([path, node]).toEqual([path, expect.objectContaining({ default: node['default'] })]);
  }
  expect(KEYS.length).toBeGreaterThan(200);
});

test('an account shows no defaults, since what it leaves out it inherits', () => {
  const keys = KEYS.filter(([path]) => path.includes('.accounts.*.'));
  expect(keys.length).toBeGreaterThan(10);
  for (const [, node] of keys) expect(node).not.toHaveProperty('default');
});

test('no object takes keys it does not name', () => {
  const objects = KEYS.filter(([, node]) => node.properties !== undefined);
  for (const [, node] of objects) expect(node.additionalProperties).toBe(false);
});

test('the keys of a place are known for hints', () => {
  expect(keysAt(['channels', 'telegram', 'accounts', 'x'])).toContain('botToken');
  expect(keysAt(['nowhere'])).toEqual([]);
});

test('what a form needs is in the schema, from the tables that decide it', () => {
  const secrets = KEYS.filter(([, node]) => node['writeOnly'] === true);
  expect(secrets.length).toBeGreaterThan(20);
  for (const [path, node] of KEYS) expect([path, node['x-secret']]).toEqual([path, node['writeOnly']]);
  const top = (mark: string) => KEYS.filter(([, node]) => node[mark] === true).map(([path]) => path.slice(1));
  const endpoints = Object.entries(ENDPOINTS).map(([channel, key]) => `channels.${channel}.${key}`);
  expect(top('x-guarded').sort()).toEqual([...GUARDED, ...endpoints].sort());
  expect(top('x-restart').sort()).toEqual([...READ_AT_START].sort());
});

test('a duration says its limits, and they are those that hold', () => {
  const durations = KEYS.filter(([, node]) => node['x-unit'] === 'duration');
  expect(durations.length).toBeGreaterThan(5);
  for (const [path, node] of durations.filter(([at]) => !at.includes('.proxy.'))) {
    const with_ = (written: unknown) =>
      fileSchema.safeParse(
        path
          .split('.')
          .slice(1)
          .reduceRight<unknown>((inner, key) => ({ [key]: inner }), written),
      ).success;
    expect([path, with_(node['x-least']), with_(node['x-most']), with_('366d')]).toEqual([
      path,
      true,
      true,
      false,
    ]);
  }
});
