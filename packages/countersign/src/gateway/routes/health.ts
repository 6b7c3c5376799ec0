// Whether it lives, whether it is ready, what it counts.
import { z } from 'zod';
import { jsonAnswer, textAnswer } from '../answers.ts';
import { type Route, route } from '../route.ts';

const readySchema = z.object({ ready: z.boolean(), unready: z.array(z.string()) });

export const healthRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/healthz',
    verb: 'health.read',
    summary: 'the process answers',
    response: z.object({ status: z.literal('ok') }),
    handle: () => ({ status: 'ok' }),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    verb: 'health.read',
    summary: 'store, channels and pages are ready; 503 names what is not',
    response: readySchema,
    handle: async ({ services }) => {
      const unready = await services.house.unready();
      // Missing pages are told and are no outage: people still reach the agent.
      const ready = unready.every((part) => part === 'ui');
      return jsonAnswer({ ready, unready }, ready ? 200 : 503);
    },
  }),
  route({
    method: 'GET',
    path: '/metrics',
    verb: 'metrics.read',
    summary: 'counts, as Prometheus text',
    handle: async ({ services }) =>
      textAnswer(await services.house.metrics(), 'text/plain; version=0.0.4; charset=utf-8'),
  }),
];
