// The API as OpenAPI 3.1, made from the route table when somebody asks. What is not in the table is not in the API.
import { PROBLEMS } from '@countersign/protocol/problem';
import { z } from 'zod';
import { VERBS, type Verb } from '../core/authorise.ts';
import type { Route } from './route.ts';

interface Operation {
  readonly [key: string]: unknown;
}

export function openApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, Operation>> = {};
  const schemas: Schemas = { Problem: problemSchema() };
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: 'v1',
      description:
        'Who may talk to an agent, which devices control it, which commands run. Problems are RFC 9457.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      securitySchemes: SECURITY,
      responses: {
        Problem: {
          description: 'a problem',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(route: Route, schemas: Schemas): Operation {
  const { verbs, summary, note, query, body, status = 200, example } = route;
  const id = operationId(route);
  const doors = [...new Set(verbs.flatMap(doorsOf))];
  return {
    operationId: id,
    summary,
    description: `${note === undefined ? '' : `${note} `}verb: ${verbs.join(' or ')}; doors: ${doors.length === 0 ? 'none yet' : doors.join(', ')}`,
    tags: [tagOf(route.path)],
    security: credentials(doors, route.isForm === true),
    parameters: [
      ...pathParameters(route.path),
      ...queryParameters(query, `${id}_query`, schemas),
      ...headerParameters(route.headers),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              [route.isForm === true ? 'application/x-www-form-urlencoded' : 'application/json']: {
                schema: jsonSchema(body, 'input', `${id}_body`, schemas),
                ...(example === undefined ? {} : { example }),
              },
            },
          },
        }),
    responses: {
      [status]: {
        description: summary,
        ...answerHeaders(route.answerHeaders),
        ...answerContent(route, id, schemas),
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** What a page or a reader groups by. */
export function tagOf(path: string): string {
  const [, first = '', , third = ''] = path.split('/');
  if (first === 'api') return third;
  if (first === 'v1') return 'proxy';
  return first === 'oauth' || first === '.well-known' ? 'oauth' : 'gateway';
}

/** One of these will do. A caller of the host's socket, and of what is open to everybody, shows nothing. */
function credentials(doors: readonly string[], isOauth: boolean): object[] {
  const has = (start: string) => doors.some((door) => door.startsWith(start));
  return [
    ...(has('token:') ? [{ serviceToken: [] }] : []),
    ...(has('token:') && isOauth ? [{ client: [] }] : []),
    ...(has('device:') ? [{ device: [] }] : []),
    ...(has('tcp') || has('host') ? [{}] : []),
  ];
}

const SECURITY = {
  serviceToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'a service token: countersign tokens create. Which scope it needs stands among the doors',
  },
  client: {
    type: 'http',
    scheme: 'basic',
    description: 'for OAuth libraries: the id of a service token, and the token',
  },
  device: {
    type: 'apiKey',
    in: 'header',
    name: 'DPoP',
    description: 'a paired browser or node signs each call: docs/spec/devices.md',
  },
};

function answerContent({ response, answerTypes }: Route, id: string, schemas: Schemas): object {
  if (response !== undefined) {
    const schema = jsonSchema(response, 'output', `${id}_answer`, schemas);
    return { content: { [answerTypes?.[0] ?? 'application/json']: { schema } } };
  }
  if (answerTypes === undefined) return {};
  return { content: Object.fromEntries(answerTypes.map((type) => [type, {}])) };
}

function answerHeaders(headers: Route['answerHeaders']): object {
  if (headers === undefined) return {};
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return { headers: Object.fromEntries(described) };
}

function headerParameters(headers: Route['headers'] = {}): object[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
}

/** Who may: the columns of the table that do not say no. */
export function doorsOf(verb: Verb): string[] {
  return Object.entries(VERBS[verb])
    .filter(([, cell]) => cell !== 'later')
    .map(([column]) => column);
}

function operationId({ method, path }: Route): string {
  const words = path
    .replace(/^\/api\/v1/, '')
    .split(/[/:.]+/)
    .filter((word) => word !== '');
  return [method.toLowerCase(), ...words].join('_');
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined, name: string, schemas: Schemas): object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(query, 'input', name, schemas);
  return Object.entries(properties).map(([field, schema]) => ({
    name: field,
    in: 'query',
    required: required.includes(field),
    schema,
  }));
}

/** The shared schemas of the document, filled as operations are made. */
type Schemas = Record<string, object>;

interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

interface Written extends Shape {
  readonly $schema?: string;
  readonly $defs?: Readonly<Record<string, object>>;
}

/**
 * A `$ref` is read from the root of the whole document, so what a schema keeps in its own `$defs` (recursive ones, such as
 * any JSON) moves to the components, under a name that no other schema has.
 */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', name: string, schemas: Schemas): Shape {
  const written = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  const moved = written.replace(/"\$ref":"#\/\$defs\/(\w+)"/g, `"$ref":"#/components/schemas/${name}$1"`);
  const { $schema: _, $defs = {}, ...shape }: Written = JSON.parse(moved);
  for (const [key, definition] of Object.entries($defs)) schemas[`${name}${key}`] = definition;
  return shape;
}

function problemSchema(): object {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string', enum: Object.keys(PROBLEMS) },
      detail: { type: 'string' },
      hint: { type: 'string' },
      event: { type: 'string', description: 'finds an internal error in the log' },
    },
  };
}
