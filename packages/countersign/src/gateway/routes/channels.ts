// Where people write, and whether it works.
import {
  addableListSchema,
  channelAddedSchema,
  channelAddSchema,
  channelListSchema,
} from '@countersign/protocol/gateway';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { type Route, route } from '../route.ts';

const probeQuery = z.strictObject({ probe: z.enum(['true', 'false']).optional() });

export const channelRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/channels',
    verb: 'channels.list',
    summary: 'every account of every channel',
    response: channelListSchema,
    handle: ({ services }) => ({ items: services.channels.list() }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/channels/addable',
    verb: 'channels.list',
    summary: 'the channels this build can add, and what each needs',
    response: addableListSchema,
    handle: ({ services }) => ({ items: services.channelsAdd.addable() }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/channels',
    verb: 'channels.add',
    summary: 'add an account: its login is tried, then written into the configuration',
    body: channelAddSchema,
    response: channelAddedSchema,
    status: 201,
    example: { channel: 'telegram', token: { env: 'TELEGRAM_BOT_TOKEN' } },
    handle: async ({ services, caller, body }) => {
      const { apiRoot = null, ...wanted } = body;
      const { login, webhook, ...added } = await services.channelsAdd.add(
        { ...wanted, apiRoot },
        actorOf(caller),
      );
      return {
        ...added,
        ...(login === null ? {} : { login }),
        ...(webhook === null ? {} : { webhook }),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/channels/status',
    verb: 'channels.probe',
    summary: 'the same, with a live check when asked for',
    query: probeQuery,
    response: channelListSchema,
    handle: async ({ services, query }) => ({
      items: query.probe === 'true' ? await services.channels.probe() : services.channels.list(),
    }),
  }),
];
