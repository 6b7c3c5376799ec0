// The document is made from the table: every route is in it, every reference leads somewhere, and nothing is named twice.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApi } from './openapi.ts';
import { route } from './route.ts';
import { ROUTES } from './routes.ts';

const documentOf = (routes = ROUTES): Record<string, unknown> => JSON.parse(JSON.stringify(openApi(routes)));

/** Every object of the document, the document itself too. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  yield { ...value };
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

function follow(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
      document,
    );
}

function danglingIn(document: unknown): string[] {
  const pointers = [...objectsIn(document)].map(({ $ref }) => $ref).filter((ref) => typeof ref === 'string');
  expect(pointers.length).toBeGreaterThan(0);
  return pointers.filter((ref) => !ref.startsWith('#/') || follow(document, ref) === undefined);
}

test('every route of the table is in the document', () => {
  const document = documentOf();
  expect(document['openapi']).toBe('3.1.0');
  for (const { method, path } of ROUTES) {
    const place = `${path.replace(/:(\w+)/g, '{$1}')}`;
    const operation = Reflect.get(
      Object(Reflect.get(Object(document['paths']), place)),
      method.toLowerCase(),
    );
    expect(operation, `${method} ${path}`).toMatchObject({ responses: { default: expect.anything() } });
  }
});

test('every reference leads somewhere in the document', () => {
  expect(danglingIn(documentOf())).toEqual([]);
});

test('two recursive schemas of one name stay two', () => {
  const list: z.ZodType = z.object({
    word: z.string(),
    get next() {
      return list.optional();
    },
  });
  const count: z.ZodType = z.object({
    number: z.number(),
    get next() {
      return count.optional();
    },
  });
  const spec = { method: 'POST', verb: 'health.read', summary: 's', handle: () => ({}) } as const;
  const document = documentOf([
    route({ ...spec, path: '/a', body: z.strictObject({ value: list }) }),
    route({
      ...spec,
      path: '/b',
      body: z.strictObject({ value: count }),
      response: z.object({ value: list }),
    }),
  ]);
  expect(danglingIn(document)).toEqual([]);
  const shapes = [...objectsIn(document)]
    .filter(({ $ref }) => typeof $ref === 'string')
    .map(({ $ref }) => String($ref));
  const words = new Set(shapes.filter((ref) => JSON.stringify(follow(document, ref)).includes('"word"')));
  const numbers = new Set(shapes.filter((ref) => JSON.stringify(follow(document, ref)).includes('"number"')));
  expect(words.size).toBeGreaterThan(0);
  expect(numbers.size).toBeGreaterThan(0);
  expect([...words].filter((ref) => numbers.has(ref))).toEqual([]);
});

test('a call that carries a proof or an identity is described whole: credentials, headers, what comes back', () => {
  const document = documentOf();
  const operationsOf = (path: string) => Object.values(Object(Reflect.get(Object(document['paths']), path)));
  const told = ROUTES.map(({ path }) => path.replace(/:(\w+)/g, '{$1}')).filter((path) =>
    /^\/(oauth|v1|\.well-known|api\/v1\/(tokens|ingress|users|forward-auth|approvals|policy))/.test(path),
  );
  expect(told.length).toBeGreaterThan(10);
  for (const operation of told.flatMap(operationsOf)) {
    const { responses, security, tags, operationId } = Object(operation);
    expect(security, operationId).not.toEqual([]);
    expect(tags, operationId).not.toEqual(['gateway']);
    const [, good] = Object.entries(Object(responses)).find(([status]) => status.startsWith('2')) ?? [];
    if (!['post_oauth_revoke'].includes(operationId))
      expect(Object.keys(Object(good)), operationId).toContain(
        /forward/.test(operationId) ? 'headers' : 'content',
      );
  }
  const [proxy] = operationsOf('/v1/chat/completions');
  expect(proxy).toMatchObject({
    security: [{ serviceToken: [] }],
    parameters: expect.arrayContaining([
      expect.objectContaining({ name: 'x-countersign-session', in: 'header' }),
    ]),
    responses: { 200: { content: { 'text/event-stream': {} } } },
  });
  expect(operationsOf('/api/v1/approvals')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        security: [{ serviceToken: [] }],
        parameters: [expect.objectContaining({ name: 'Idempotency-Key', in: 'header' })],
      }),
    ]),
  );
  const [exchange] = operationsOf('/oauth/token');
  expect(exchange).toMatchObject({ security: [{ serviceToken: [] }, { client: [] }] });
});

test('no two operations share an id', () => {
  const ids = [...objectsIn(documentOf())]
    .map(({ operationId }) => operationId)
    .filter((id) => typeof id === 'string');
  expect(ids).toHaveLength(ROUTES.length);
  expect(new Set(ids).size).toBe(ids.length);
});
