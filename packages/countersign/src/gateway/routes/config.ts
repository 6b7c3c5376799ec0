// The configuration: read with secrets masked, changed with comments kept.
import { configPathSchema, configSetSchema } from '@countersign/protocol/gateway';
import { z } from 'zod';
import { type Route, route } from '../route.ts';

const valueSchema = z.object({ path: z.string(), value: z.json() });

export const configRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/config',
    verb: 'config.read',
    summary: 'the value at a path, or everything',
    query: z.strictObject({ path: z.string().max(500).optional() }),
    response: valueSchema,
    handle: ({ services, query }) => ({ path: query.path ?? '', value: services.config.get(query.path) }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/config/set',
    verb: 'config.write',
    summary: 'set one value; the file is checked as a whole first',
    body: configSetSchema,
    response: valueSchema,
    example: { path: 'agent.model', value: 'default' },
    handle: async ({ services, body }) => ({
      path: body.path,
      value: await services.config.set(body.path, body.value),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/config/unset',
    verb: 'config.write',
    summary: 'go back to the default of one value',
    body: configPathSchema,
    response: z.object({ path: z.string() }),
    example: { path: 'agent.model' },
    handle: async ({ services, body }) => {
      await services.config.unset(body.path);
      return { path: body.path };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/config/validate',
    verb: 'config.read',
    summary: 'every mistake at once, or none',
    response: z.object({ valid: z.literal(true), path: z.string() }),
    handle: ({ services }) => ({ valid: true, ...services.config.validate() }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/config/schema',
    verb: 'config.read',
    summary: 'the JSON Schema of the configuration',
    handle: ({ services }) => services.config.schema(),
  }),
  route({
    method: 'GET',
    path: '/api/v1/config/path',
    verb: 'config.read',
    summary: 'where the file is',
    response: z.object({ path: z.string(), exists: z.boolean() }),
    handle: ({ services }) => services.config.path(),
  }),
];
