// Who may talk, approve and own.
import {
  pageQuerySchema,
  personAddSchema,
  personListSchema,
  personRenameSchema,
  personRoleSchema,
  personRowSchema,
} from '@countersign/protocol/identity';
import { z } from 'zod';
import type { Verb } from '../../core/authorise.ts';
import type { StateChange } from '../../core/identity/directory.ts';
import { actorOf } from '../actor.ts';
import { readName } from '../name.ts';
import { printList, printPerson } from '../print.ts';
import { type Route, route } from '../route.ts';

function change(name: StateChange, summary: string): Route {
  const verb: Verb = `people.${name}`;
  return route({
    method: 'POST',
    path: `/api/v1/people/:ref/${name}`,
    verb,
    summary,
    response: personRowSchema,
    handle: async ({ services, caller, param }) =>
      printPerson(await services.people.setState(param('ref'), name, actorOf(caller))),
  });
}

export const peopleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/people',
    verb: 'people.list',
    summary: 'everybody who is known',
    query: pageQuerySchema,
    response: personListSchema,
    handle: async ({ services, query }) => printList(await services.lists.people(query), printPerson),
  }),
  route({
    method: 'POST',
    path: '/api/v1/people',
    verb: {
      of: ['people.add_user', 'people.add_raised'],
      by: ({ role }) => (role === 'user' ? 'people.add_user' : 'people.add_raised'),
    },
    summary: 'add a person, with a peer that may talk at once when one is named',
    body: personAddSchema,
    response: personRowSchema,
    status: 201,
    example: { name: 'Ana', role: 'user', peer: 'telegram:555001' },
    handle: async ({ services, caller, body }) => {
      const peer = body.peer === undefined ? null : services.people.parsePeer(body.peer);
      const person = { name: readName(body.name), role: body.role, peer };
      return printPerson(await services.people.add(person, actorOf(caller)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/people/:ref',
    verb: 'people.show',
    summary: 'one person, by id, its beginning, or the exact name',
    response: personRowSchema,
    handle: async ({ services, param }) => printPerson(await services.people.find(param('ref'))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/role',
    verb: {
      of: ['people.lower', 'people.raise'],
      by: ({ role }) => (role === 'user' ? 'people.lower' : 'people.raise'),
    },
    summary: 'change the role',
    body: personRoleSchema,
    response: personRowSchema,
    example: { role: 'approver' },
    handle: async ({ services, caller, param, body }) =>
      printPerson(await services.people.setRole(param('ref'), body.role, actorOf(caller))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/rename',
    verb: 'people.rename',
    summary: 'change the name in your list',
    body: personRenameSchema,
    response: personRowSchema,
    example: { name: 'Ana B.' },
    handle: async ({ services, caller, param, body }) =>
      printPerson(await services.people.rename(param('ref'), readName(body.name), actorOf(caller))),
  }),
  change('block', 'shut out, on every channel'),
  change('unblock', 'lift the block'),
  change('suspend', 'pause, without ending anything'),
  change('resume', 'end the pause'),
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/forget',
    verb: 'people.forget',
    summary: 'remove the person and everything of theirs; the audit keeps its hashes',
    response: z.object({ forgotten: z.string() }),
    handle: async ({ services, caller, param }) => ({
      forgotten: await services.people.forget(param('ref'), actorOf(caller)),
    }),
  }),
];
