// The conversations the agent has, and ending one.
import { pageQuerySchema, sessionListSchema, sessionRowSchema } from '@countersign/protocol/identity';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { printList, printSession } from '../print.ts';
import { type Route, route } from '../route.ts';

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/sessions',
    verb: 'sessions.list',
    summary: 'sessions by key and person',
    query: pageQuerySchema.extend({
      person: z.string().min(1).max(200).optional(),
      show: z.enum(['live', 'all']).default('all'),
    }),
    response: sessionListSchema,
    handle: async ({ services, query }) => printList(await services.lists.sessions(query), printSession),
  }),
  route({
    method: 'GET',
    path: '/api/v1/sessions/:id',
    verb: 'sessions.list',
    summary: 'one session',
    response: sessionRowSchema,
    handle: async ({ services, param }) => printSession(await services.lists.session(param('id'))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/sessions/:id/revoke',
    verb: 'sessions.revoke',
    summary: 'end a session: what was said in it is gone, and the next message begins a new one',
    response: sessionRowSchema,
    handle: async ({ services, caller, param }) =>
      printSession(
        (await services.revokeSession(await services.lists.session(param('id')), actorOf(caller))).session,
      ),
  }),
];
