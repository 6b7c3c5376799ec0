// Where people write, and whether it works.
import { channelListSchema } from '@countersign/protocol/gateway';
import { z } from 'zod';
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
