// The gateway itself, its pages, and what describes its API.
import { doctorSchema, gatewayStatusSchema } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import { jsonAnswer } from '../answers.ts';
import { type Route, route } from '../route.ts';

export const houseRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/gateway',
    verb: 'gateway.status',
    summary: 'the state of the house',
    response: gatewayStatusSchema,
    handle: ({ services }) => services.house.status(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/gateway/stop',
    verb: 'gateway.stop',
    summary: 'stop gracefully: answers in flight are finished first',
    response: z.object({ stopping: z.literal(true) }),
    handle: ({ services }) => {
      services.house.stop();
      return { stopping: true };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/doctor',
    verb: 'doctor.run',
    summary: 'check this installation; changes nothing',
    response: doctorSchema,
    handle: async ({ services }) => ({ items: await services.house.doctor() }),
  }),
  route({
    method: 'GET',
    path: '/openapi.json',
    verb: 'openapi.read',
    summary: 'this API as OpenAPI 3.1',
    handle: async ({ services }) => {
      const { openApi } = await import('../openapi.ts');
      return jsonAnswer(openApi(services.routes()));
    },
  }),
  route({
    method: 'GET',
    path: '/docs',
    verb: 'openapi.read',
    summary: 'this API as a page',
    handle: async ({ services }) => (await import('../docs.ts')).apiPage(services.routes()),
  }),
  route({
    method: 'GET',
    path: '/docs/errors',
    verb: 'openapi.read',
    summary: 'every problem code',
    handle: async () => (await import('../docs.ts')).errorsPage(),
  }),
  route({
    method: 'GET',
    path: '/ws',
    verb: 'socket.connect',
    summary: 'the WebSocket of web chat and devices: challenge, connect, frames',
    anyQuery: true,
    handle: () => {
      throw new Problem('request_malformed', { detail: '/ws takes a WebSocket upgrade' });
    },
  }),
  route({
    method: 'GET',
    path: '/',
    verb: 'page.read',
    summary: 'the Control UI',
    anyQuery: true,
    handle: ({ services, request }) => services.pages.page('index', request),
  }),
  route({
    method: 'GET',
    path: '/chat',
    verb: 'page.read',
    summary: 'the web chat',
    anyQuery: true,
    handle: ({ services, request }) => services.pages.page('chat', request),
  }),
  route({
    method: 'GET',
    path: '/assets/:name',
    verb: 'page.read',
    summary: 'scripts, styles and images of the pages',
    anyQuery: true,
    handle: ({ services, param }) => services.pages.asset(param('name')),
  }),
  route({
    method: 'GET',
    path: '/sw.js',
    verb: 'page.read',
    summary: 'the service worker of the Control UI',
    anyQuery: true,
    handle: ({ services, request }) => services.pages.root('worker', request),
  }),
  route({
    method: 'GET',
    path: '/manifest.webmanifest',
    verb: 'page.read',
    summary: 'the Control UI as an app that can be installed',
    anyQuery: true,
    handle: ({ services, request }) => services.pages.root('manifest', request),
  }),
  route({
    method: 'GET',
    path: '/icons/:name',
    verb: 'page.read',
    summary: 'icons of the installed app',
    anyQuery: true,
    handle: ({ services, param }) => services.pages.icon(param('name')),
  }),
];
