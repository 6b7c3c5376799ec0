// What needs somebody now.
import { overviewSchema } from '@countersign/protocol/overview';
import { type Route, route } from '../route.ts';

export const overviewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/overview',
    verb: 'overview.read',
    summary: 'what needs you now, oldest first; how the house is; the last day in numbers',
    response: overviewSchema,
    handle: ({ services }) => services.overview.read(),
  }),
];
