// Service tokens: made, listed, ended.
import { pageQuerySchema } from '@countersign/protocol/identity';
import {
  tokenCreateSchema,
  tokenListSchema,
  tokenMadeSchema,
  tokenRowSchema,
} from '@countersign/protocol/service-token';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { readDuration } from '../duration.ts';
import { readName } from '../name.ts';
import { printToken, printTokenMade } from '../print-tokens.ts';
import { type Route, route } from '../route.ts';

export const tokenRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/tokens',
    verb: 'tokens.list',
    summary: 'service tokens, newest first; no token is ever shown again',
    query: pageQuerySchema.extend({ show: z.enum(['live', 'all']).default('live') }),
    response: tokenListSchema,
    handle: async ({ services, query }) => {
      const { items, next } = await services.lists.tokens(query);
      const now = services.clock.now();
      return { items: items.map((row) => printToken(row, now)), ...(next === null ? {} : { next }) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/tokens/:id',
    verb: 'tokens.list',
    summary: 'one service token',
    response: tokenRowSchema,
    handle: async ({ services, param }) =>
      printToken(await services.tokens.find(param('id')), services.clock.now()),
  }),
  route({
    method: 'POST',
    path: '/api/v1/tokens',
    verb: 'tokens.create',
    summary: 'make a service token; the answer shows it once',
    body: tokenCreateSchema,
    response: tokenMadeSchema,
    status: 201,
    example: { scope: 'runtime', for: 'main', audiences: ['tools.example'] },
    handle: async ({ services, caller, body }) => {
      const { scope, for: agent, accounts, audiences, name, expires } = body;
      const lifeMs = readDuration(expires) ?? undefined;
      const asked = { scope, agent, accounts, audiences, lifeMs, name: name && readName(name) };
      const made = await services.tokens.create(asked, actorOf(caller));
      return printTokenMade(made, services.clientPlace, services.clock.now());
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/tokens/:id/revoke',
    verb: 'tokens.revoke',
    summary: 'end a service token and every bearer that was made for it, at once',
    response: tokenRowSchema,
    handle: async ({ services, caller, param }) =>
      printToken(await services.tokens.revoke(param('id'), actorOf(caller)), services.clock.now()),
  }),
];
