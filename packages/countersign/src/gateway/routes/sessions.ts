// The conversations the agent has.
import { pageQuerySchema, sessionListSchema } from '@countersign/protocol/identity';
import { z } from 'zod';
import { printList, printSession } from '../print.ts';
import { type Route, route } from '../route.ts';

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/sessions',
    verb: 'sessions.list',
    summary: 'sessions by key and person',
    query: pageQuerySchema.extend({ person: z.string().min(1).max(200).optional() }),
    response: sessionListSchema,
    handle: async ({ services, query }) => printList(await services.lists.sessions(query), printSession),
  }),
];
