// Devices: browsers and nodes with a key, those that ask to be, and the codes that invite them.
import {
  deviceApproveSchema,
  deviceListQuerySchema,
  deviceListSchema,
  deviceRenameSchema,
  deviceRowSchema,
  deviceShowQuerySchema,
  setupRequestSchema,
  setupSchema,
} from '@countersign/protocol/device';
import { isoTime } from '@countersign/protocol/time';
import { asksOf, printDevice, printDeviceRequest } from '../print-devices.ts';
import { type Route, route } from '../route.ts';

export const deviceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/devices',
    verb: 'devices.list',
    summary: 'devices, and before them the requests to become one',
    query: deviceListQuerySchema,
    response: deviceListSchema,
    handle: async ({ services, query }) => {
      const { requests, devices, next } = await services.devices.list(query);
      const now = services.clock.now();
      const items = [...requests.map((row) => printDeviceRequest(row, now)), ...devices.map(printDevice)];
      return next === null ? { items } : { items, next };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/setup',
    verb: 'devices.pair',
    summary: 'a setup code: shown once, it lets one device ask to be paired within ten minutes',
    body: setupRequestSchema,
    response: setupSchema,
    status: 201,
    example: { role: 'node' },
    handle: async ({ services, caller, body }) => {
      const { setupCode, expiresAt, scopes } = await services.devices.invite(caller, body);
      return { setupCode, expiresAt: isoTime(expiresAt), asks: asksOf(scopes) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/devices/:id',
    verb: 'devices.list',
    summary: 'one device, or one request',
    query: deviceShowQuerySchema,
    response: deviceRowSchema,
    handle: async ({ services, param, query }) => {
      const { devices, clock } = services;
      const row =
        query.as === 'request' ? await devices.findRequest(param('id')) : await devices.find(param('id'));
      return 'may' in row ? printDevice(row) : printDeviceRequest(row, clock.now());
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/:id/approve',
    verb: 'devices.approve',
    summary: 'say yes to a device request: exactly what it asks for is given, or less, never more',
    body: deviceApproveSchema,
    response: deviceRowSchema,
    example: { for: 'Ana' },
    handle: async ({ services, caller, param, body }) =>
      printDevice(await services.devices.approve(caller, param('id'), body.for)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/:id/reject',
    verb: 'devices.reject',
    summary: 'say no to a device request',
    response: deviceRowSchema,
    handle: async ({ services, caller, param }) =>
      printDeviceRequest(await services.devices.reject(caller, param('id')), services.clock.now()),
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/:id/revoke',
    verb: {
      of: ['devices.revoke', 'devices.sign_out'],
      by: (_, { caller, param }) =>
        caller.door === 'device' && param('id') === caller.device ? 'devices.sign_out' : 'devices.revoke',
    },
    summary: 'end a device at once, with its tokens and sockets',
    response: deviceRowSchema,
    handle: async ({ services, caller, param }) =>
      printDevice(await services.devices.revoke(caller, param('id'))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/:id/rename',
    verb: 'devices.rename',
    summary: 'call a device something else in the list',
    body: deviceRenameSchema,
    response: deviceRowSchema,
    example: { name: 'kitchen tablet' },
    handle: async ({ services, caller, param, body }) =>
      printDevice(await services.devices.rename(caller, param('id'), body.name)),
  }),
];
