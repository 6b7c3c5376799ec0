// Which users of the owner's tools people are.

import { pageQuerySchema } from '@countersign/protocol/identity';
import {
  peopleMappedSchema,
  peopleMapSchema,
  personUserSchema,
  userListSchema,
} from '@countersign/protocol/user-map';
import { z } from 'zod';
import { type Mapped, notMapped } from '../../core/session/user-maps.ts';
import { actorOf } from '../actor.ts';
import { type Route, route } from '../route.ts';

const printMapped = ({ principal, user, tenant, attributes }: Mapped) => ({
  person: principal,
  user,
  tenant,
  attributes: { ...attributes },
});

export const peopleMapRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/people/map',
    verb: 'people.map',
    summary: 'say which users of your tools people are, all of it or nothing',
    body: peopleMapSchema,
    response: peopleMappedSchema,
    example: {
      items: [{ person: 'prn_k7q', user: 'u-4711', tenant: 'acme', attributes: { department: 'sales' } }],
    },
    handle: async ({ services, caller, body }) => {
      const mapped = await services.userMaps.map(body.items, actorOf(caller));
      return { items: mapped.map(printMapped) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users',
    verb: 'people.list',
    summary: 'everybody who is a user of your tools, and which',
    query: pageQuerySchema,
    response: userListSchema,
    handle: async ({ services, query }) => {
      const { items, next } = await services.lists.users(query);
      return { items: items.map(printMapped), ...(next === null ? {} : { next }) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/people/:ref/user',
    verb: 'people.show',
    summary: 'which user of your tools that person is',
    response: personUserSchema,
    handle: async ({ services, param }) => {
      const { id } = await services.people.find(param('ref'));
      const mapped = await services.userMaps.get(id);
      if (mapped === null) throw notMapped('not_found');
      return printMapped(mapped);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/unmap',
    verb: 'people.map',
    summary: 'that person is no user of your tools any more',
    response: z.object({ unmapped: z.string() }),
    handle: async ({ services, caller, param }) => ({
      unmapped: await services.userMaps.clear(param('ref'), actorOf(caller)),
    }),
  }),
];
