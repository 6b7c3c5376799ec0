// Linking an account by a phone, step by step; a page and a terminal follow the same steps.
import {
  channelLoggedOutSchema,
  channelLoginSchema,
  channelLogoutSchema,
  loginStepSchema,
} from '@countersign/protocol/channel-login';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { type Route, route } from '../route.ts';

const afterQuery = z.strictObject({ after: z.coerce.number().int().min(0).max(1_000_000).default(0) });

export const channelLoginRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/channels/:channel/login',
    verb: 'channels.login',
    summary: 'begin linking an account by a phone; its steps are followed by the id of the answer',
    body: channelLoginSchema,
    response: loginStepSchema,
    status: 202,
    example: { force: true },
    handle: ({ services, caller, param, body }) => {
      const { phone = null, ...wanted } = body;
      return services.channelLogins.begin({ ...wanted, phone, channel: param('channel') }, actorOf(caller));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/channels/logins/:id',
    verb: 'channels.login_step',
    summary: 'the step of a linking after the given one; waits for it up to twenty seconds',
    query: afterQuery,
    response: loginStepSchema,
    handle: ({ services, param, query }) => services.channelLogins.follow(param('id'), query.after),
  }),
  route({
    method: 'POST',
    path: '/api/v1/channels/logins/:id/cancel',
    verb: 'channels.login_step',
    summary: 'give a linking up',
    response: loginStepSchema,
    handle: ({ services, param }) => services.channelLogins.cancel(param('id')),
  }),
  route({
    method: 'POST',
    path: '/api/v1/channels/:channel/logout',
    verb: 'channels.logout',
    summary: 'unlink an account: the service is told where it can be, and our keys are removed',
    body: channelLogoutSchema,
    response: channelLoggedOutSchema,
    example: {},
    handle: async ({ services, caller, param, body }) => {
      const [channel, { account }] = [param('channel'), body];
      return {
        channel,
        account,
        told: await services.channelLogins.logout(channel, account, actorOf(caller)),
      };
    },
  }),
];
