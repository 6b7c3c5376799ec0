// The whole configuration as people write it: for every key a default, a limit and a sentence. What the program works
// with is Config (config.ts), made from this by resolve.ts.
import { z } from 'zod';
import { channelsSchema } from './channels-schema.ts';
import { ENDPOINTS, GUARDED, READ_AT_START } from './guarded-keys.ts';
import { parsePath } from './mistakes.ts';
import {
  agentSchema,
  approvalsSchema,
  bearerSchema,
  gatewaySchema,
  keysSchema,
  loginSchema,
  proxySchema,
  sessionSchema,
  usersSchema,
} from './sections-schema.ts';
import { storeSchema } from './store-url.ts';

export const fileSchema = z.strictObject({
  $schema: z.string().max(2_048).optional().describe('For editors; not read.'),
  gateway: gatewaySchema,
  store: storeSchema,
  agent: agentSchema,
  proxy: proxySchema,
  session: sessionSchema,
  bearer: bearerSchema,
  users: usersSchema,
  channels: channelsSchema,
  login: loginSchema,
  approvals: approvalsSchema,
  keys: keysSchema,
});

export type FileConfig = z.output<typeof fileSchema>;

/** A part of the JSON Schema. */
export interface SchemaNode {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/**
 * The JSON Schema that `countersign config schema` prints. What a form needs beside it: `x-secret`; `x-unit` ("duration",
 * between `x-least` and `x-most`, or "bytes"); `x-guarded`, which a hand alone does not put in force; `x-restart`.
 */
export function configJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(fileSchema, { io: 'input' });
  const plain: SchemaNode = JSON.parse(
    JSON.stringify({ title: 'Countersign configuration', ...schema }, withoutAccountDefaults),
  );
  const endpoints = Object.entries(ENDPOINTS).map(([channel, key]) => `channels.${channel}.${key}`);
  const guarded = [...GUARDED, ...endpoints].reduce(
    (node, path) => marked(node, parsePath(path) ?? [], 'x-guarded'),
    plain,
  );
  return READ_AT_START.reduce((node, path) => marked(node, parsePath(path) ?? [], 'x-restart'), guarded);
}

function marked(node: SchemaNode, [part, ...rest]: readonly (string | number)[], mark: string): SchemaNode {
  if (part === undefined) return { ...node, [mark]: true };
  const inner = node.properties?.[part];
  if (inner === undefined) throw new TypeError(`the schema has no ${part} to mark`);
  return { ...node, properties: { ...node.properties, [part]: marked(inner, rest, mark) } };
}

/** What an account leaves out it inherits; a default there would be untrue. */
function withoutAccountDefaults(key: string, value: unknown): unknown {
  if (key !== 'accounts' || typeof value !== 'object' || value === null) return value;
  const strip = (inner: string, kept: unknown) => (inner === 'default' ? undefined : kept);
  return 'additionalProperties' in value
    ? { ...value, additionalProperties: JSON.parse(JSON.stringify(value.additionalProperties, strip)) }
    : value;
}

let printed: SchemaNode | undefined;

/** The part of the schema at a path; null when no such key exists. */
export function schemaAt(path: readonly (string | number)[]): SchemaNode | null {
  printed ??= configJsonSchema();
  let nodes: readonly SchemaNode[] = [printed];
  for (const part of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => childOf(node, part));
    if (nodes.length === 0) return null;
  }
  return nodes[0] ?? null;
}

function alternatives(node: SchemaNode): readonly SchemaNode[] {
  return [node, ...(node.anyOf ?? []).flatMap(alternatives)];
}

function childOf(node: SchemaNode, part: string | number): readonly SchemaNode[] {
  if (typeof part === 'number' || /^\d+$/.test(part)) {
    if (node.items !== undefined) return [node.items];
  }
  const named = Object.hasOwn(node.properties ?? {}, part) ? node.properties?.[part] : undefined;
  if (named !== undefined) return [named];
  const rest = node.additionalProperties;
  return typeof rest === 'object' ? [rest] : [];
}

/** The keys known at a path, for hints. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  const node = schemaAt(path);
  return node === null ? [] : alternatives(node).flatMap((part) => Object.keys(part.properties ?? {}));
}
