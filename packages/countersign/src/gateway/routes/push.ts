// Notifications in a browser: which browsers are told of what needs a decision, and one to try.
import {
  pushListSchema,
  pushRowSchema,
  pushSubscribeSchema,
  pushTestSchema,
} from '@countersign/protocol/push';
import { z } from 'zod';
import { type Route, route } from '../route.ts';

export const pushRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/push',
    verb: 'push.read',
    summary: 'which browsers are told of what needs a decision, and the key to subscribe with',
    response: pushListSchema,
    handle: ({ services, caller }) => services.push.list(caller),
  }),
  route({
    method: 'POST',
    path: '/api/v1/push',
    verb: 'push.subscribe',
    summary: 'tell this browser too; its endpoint has to be https on a public address',
    body: pushSubscribeSchema,
    response: pushRowSchema,
    status: 201,
    example: {
      endpoint: 'https://push.example/send/abc',
      keys: { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) },
      language: 'en',
    },
    handle: ({ services, caller, body: { endpoint, keys, language } }) =>
      services.push.subscribe(caller, { endpoint, ...keys, language }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/push/:id/revoke',
    verb: {
      of: ['push.end', 'push.end_own'],
      by: (_, { services, caller, param }) => services.push.endVerb(caller, param('id')),
    },
    summary: 'tell that browser nothing more',
    response: z.object({ ended: z.literal(true) }),
    handle: async ({ services, caller, param }) => {
      await services.push.end(caller, param('id'));
      return { ended: true };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/push/:id/test',
    verb: 'push.test',
    summary: 'one notification to the browser that asks, and what its push service said',
    response: pushTestSchema,
    handle: async ({ services, caller, param }) => {
      const fate = await services.push.test(caller, param('id'));
      return 'why' in fate ? { fate: fate.as, why: fate.why } : { fate: fate.as };
    },
  }),
];
