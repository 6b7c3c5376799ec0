// People at the door: who asks to be known, and the owner's answer.
import {
  pairingApproveSchema,
  pairingFindSchema,
  pairingFoundSchema,
  pairingListQuerySchema,
  pairingListSchema,
  pairingResetSchema,
  pairingRevokeSchema,
  pairingRowSchema,
} from '@countersign/protocol/pairing';
import { z } from 'zod';
import type { Verb } from '../../core/authorise.ts';
import { actorOf } from '../actor.ts';
import { readDuration } from '../duration.ts';
import { readName } from '../name.ts';
import { printList, printPairing } from '../print.ts';
import { type Route, route } from '../route.ts';
import { unlessOwners } from './owners-chat.ts';

type Decision = 'deny' | 'block' | 'unblock';

function decision(name: Decision, summary: string): Route {
  const plain: Verb = `pairing.${name}`;
  return route({
    method: 'POST',
    path: `/api/v1/pairings/:id/${name}`,
    verb:
      name !== 'block'
        ? plain
        : {
            of: [plain, 'people.oust'],
            by: async (_, { services, param }) => {
              const { peer } = await services.pairings.get(await services.lists.pairing(param('id')));
              return unlessOwners(plain, peer, services);
            },
          },
    summary,
    response: pairingRowSchema,
    handle: async ({ services, caller, param }) => {
      const id = await services.lists.pairing(param('id'));
      return printPairing(await services.pairings[name](id, actorOf(caller)), services.clock.now());
    },
  });
}

export const pairingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/pairings',
    verb: 'pairing.list',
    summary: 'pairing requests, newest first',
    query: pairingListQuerySchema,
    response: pairingListSchema,
    handle: async ({ services, query }) => {
      const now = services.clock.now();
      return printList(await services.lists.pairings(query), (row) => printPairing(row, now));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/pairings/find',
    verb: 'pairing.find',
    summary: 'the one request that an id, a code, an identifier or @name means',
    body: pairingFindSchema,
    response: pairingFoundSchema,
    example: { what: 'ABCD2345', channel: 'webchat' },
    handle: async ({ services, body }) => {
      const { pairing, by } = await services.findPairing(body);
      return { pairing: printPairing(pairing, services.clock.now()), by };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/pairings/revoke',
    verb: {
      of: ['pairing.revoke', 'people.oust'],
      by: async (body, { services }) =>
        unlessOwners('pairing.revoke', await services.lists.peer(body), services),
    },
    summary: 'end the access of a peer, however it was given',
    body: pairingRevokeSchema,
    response: z.union([pairingRowSchema, z.object({ revoked: z.literal(true) })]),
    example: { channel: 'telegram', identifier: '555001' },
    handle: async ({ services, caller, body }) => {
      const row = await services.pairings.revoke(await services.lists.peer(body), actorOf(caller));
      return row === null ? { revoked: true } : printPairing(row, services.clock.now());
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/pairings/reset',
    verb: 'pairing.reset',
    summary: 'clear open requests and what is left of old ones; never an access or a block',
    body: pairingResetSchema,
    response: z.object({ removed: z.number().int() }),
    example: { channel: 'telegram' },
    handle: async ({ services, caller, body }) => {
      const where = await services.lists.resetWhere(body);
      return { removed: await services.pairings.reset(where, actorOf(caller)) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/pairings/:id',
    verb: 'pairing.list',
    summary: 'one pairing request',
    response: pairingRowSchema,
    handle: async ({ services, param }) => {
      const id = await services.lists.pairing(param('id'));
      return printPairing(await services.pairings.get(id), services.clock.now());
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/pairings/:id/approve',
    verb: 'pairing.approve',
    summary: 'let the person talk, as a user',
    body: pairingApproveSchema,
    response: pairingRowSchema,
    example: { for: '30d', name: 'Ana' },
    handle: async ({ services, caller, param, body }) => {
      const id = await services.lists.pairing(param('id'));
      const grant = {
        forMs: readDuration(body.for),
        name: body.name === undefined ? null : readName(body.name),
      };
      return printPairing(await services.pairings.approve(id, actorOf(caller), grant), services.clock.now());
    },
  }),
  decision('deny', 'say no; the person is told once'),
  decision('block', 'shut the person out, in silence'),
  decision('unblock', 'lift a block: they are a stranger again'),
];
