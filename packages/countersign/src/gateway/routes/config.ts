// The configuration: read with secrets masked, changed with comments kept.
import {
  configAppliedSchema,
  configApplySchema,
  configCheckedSchema,
  configCheckSchema,
  configTextSchema,
} from '@countersign/protocol/config';
import { configPathSchema, configSetSchema, pendingListSchema } from '@countersign/protocol/gateway';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
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
    verb: {
      of: ['config.write', 'config.check'],
      by: async ({ path, value }, { services }) => {
        await services.config.check(path, value);
        return 'config.write' as const;
      },
    },
    summary: 'set one value; the file is checked as a whole first',
    body: configSetSchema,
    response: valueSchema,
    example: { path: 'agent.model', value: 'default' },
    handle: async ({ services, caller, body }) => ({
      path: body.path,
      value: await services.config.set(body.path, body.value, actorOf(caller)),
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
    handle: async ({ services, caller, body }) => {
      await services.config.unset(body.path, actorOf(caller));
      return { path: body.path };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/config/text',
    verb: 'config.read',
    summary: 'the file with its comments, secrets masked',
    response: configTextSchema,
    handle: ({ services }) => services.configEdits.text(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/config/check',
    verb: 'config.check',
    summary:
      'what several changes would do: every mistake, and the lines of the file that change; nothing is written',
    body: configCheckSchema,
    response: configCheckedSchema,
    example: { changes: [{ path: 'agent.model', value: 'default' }] },
    handle: ({ services, body }) => services.configEdits.check(body.changes),
  }),
  route({
    method: 'POST',
    path: '/api/v1/config/apply',
    verb: 'config.write',
    summary: 'write several changes, all or none, into the file that was looked at',
    body: configApplySchema,
    response: configAppliedSchema,
    example: { changes: [{ path: 'agent.model', unset: true }], base: 'from check' },
    handle: ({ services, caller, body }) =>
      services.configEdits.apply(body.changes, body.base, actorOf(caller)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/config/pending',
    verb: 'config.read',
    summary: 'what the file asks for and is not in force: guarded keys, lists that lost much at once',
    response: pendingListSchema,
    handle: async ({ services }) => ({ items: await services.config.pending() }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/config/accept',
    verb: 'config.accept',
    summary: 'put in force what waits at a path',
    body: configPathSchema,
    response: z.object({ path: z.string(), accepted: z.literal(true) }),
    example: { path: 'channels.telegram.allowFrom' },
    handle: async ({ services, caller, body }) => {
      await services.config.accept(body.path, actorOf(caller));
      return { path: body.path, accepted: true };
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
