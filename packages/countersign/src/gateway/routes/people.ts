// Who may talk, approve and own.
import {
  type PersonLinked,
  type PersonUnlinked,
  pageQuerySchema,
  personAddSchema,
  personLinkedSchema,
  personLinkSchema,
  personListSchema,
  personRenameSchema,
  personRoleSchema,
  personRowSchema,
  personUnlinkedSchema,
  personUnlinkSchema,
} from '@countersign/protocol/identity';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import { z } from 'zod';
import type { Actor } from '../../core/audit/event.ts';
import type { Verb } from '../../core/authorise.ts';
import type { StateChange } from '../../core/identity/directory.ts';
import { peerLabel } from '../../core/identity/name.ts';
import { type Peer, samePeer } from '../../core/identity/peer.ts';
import { lowerRole } from '../../core/identity/standing.ts';
import { actorOf } from '../actor.ts';
import { readName } from '../name.ts';
import { printList, printPeer, printPerson } from '../print.ts';
import { type Context, type Route, route } from '../route.ts';
import type { Services } from '../services.ts';
import { unlessOwners } from './owners-chat.ts';

function change(name: StateChange, summary: string): Route {
  const plain: Verb = `people.${name}`;
  const ends = name === 'block' || name === 'suspend';
  const by = ends ? unlessGuardian : unlessRaised;
  return route({
    method: 'POST',
    path: `/api/v1/people/:ref/${name}`,
    verb: { of: [plain, ends ? 'people.oust' : 'people.raise'], by: (_, call) => by(plain, call) },
    summary,
    response: personRowSchema,
    handle: async ({ services, caller, param }) =>
      printPerson(await services.people.setState(param('ref'), name, actorOf(caller))),
  });
}

/** Taking away an owner who has a factor asks for one: else the host's door would stand open again. */
async function unlessGuardian(
  plain: Verb,
  { services, param }: Pick<Context<unknown, unknown>, 'services' | 'param'>,
): Promise<Verb> {
  const person = await services.people.find(param('ref'));
  return (await services.stepUp.isGuardian(person)) ? 'people.oust' : plain;
}

/** Giving an approver or owner back what they may is raising them. */
async function unlessRaised(
  plain: Verb,
  { services, param }: Pick<Context<unknown, unknown>, 'services' | 'param'>,
): Promise<Verb> {
  const { role } = await services.people.find(param('ref'));
  return role === 'user' ? plain : 'people.raise';
}

type Link = z.output<typeof personLinkSchema>;

async function linkPerson({
  services,
  caller,
  verb,
  param,
  body: { as, via, codes, ...body },
}: Context<unknown, Link>): Promise<PersonLinked> {
  const { people, links } = services;
  const [by, ref] = [actorOf(caller), param('ref')];
  const person = await people.find(ref);
  const peer = await services.peerOf(body.peer);
  const road = await links.road(person, peer, as ?? null);
  // What was allowed is what is done: somebody raised in between is another question.
  if (road.verb !== verb)
    throw new Problem('state_conflict', { detail: 'that person was changed meanwhile' });
  const needsCodes = road.codes;
  if (needsCodes && codes === undefined) {
    const chat = via === undefined ? null : await services.peerOf(via);
    const { known, added, expiresAt } = await links.offer(person, peer, chat, by);
    const sentTo = [printPeer(known), printPeer(added)];
    return {
      state: 'offered',
      person: printPerson(person),
      peer: printPeer(peer),
      sentTo,
      expiresAt: isoTime(expiresAt),
    };
  }
  const { changed, ceiling } =
    needsCodes && codes !== undefined
      ? { changed: false, ceiling: await links.finish(person, peer, codes, by) }
      : await links.set(person, peer, as ?? null, by);
  const now = await people.find(person.id);
  return {
    state: changed ? 'changed' : 'linked',
    person: printPerson(now),
    peer: printPeer(peer),
    ceiling,
    actsAs: lowerRole(now.role, ceiling),
  };
}

const unlinking = {
  of: ['people.unlink', 'people.oust'],
  by: async ({ peer }, { services }) => unlessOwners('people.unlink', await services.peerOf(peer), services),
} satisfies {
  of: readonly Verb[];
  by(body: { peer: string }, call: { services: Services }): Promise<Verb>;
};

async function unlinkPeer({ links, people }: Services, peer: Peer, by: Actor): Promise<PersonUnlinked> {
  const { person, lastOwnerChat } = await links.unlink(peer, by);
  return { unlinked: printPeer(peer), person: printPerson(await people.find(person.id)), lastOwnerChat };
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
    handle: async ({ services, param }) => {
      const person = await services.people.find(param('ref'));
      return printPerson(person, await services.people.lastSeen(person));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/role',
    verb: {
      of: ['people.lower', 'people.oust', 'people.raise'],
      by: ({ role }, call) => (role === 'user' ? unlessGuardian('people.lower', call) : 'people.raise'),
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
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/link',
    verb: {
      of: ['people.link', 'people.link_raised'],
      by: async ({ peer, as }, { services, param }) => {
        const person = await services.people.find(param('ref'));
        return (await services.links.road(person, await services.peerOf(peer), as ?? null)).verb;
      },
    },
    summary: 'make a chat the person’s: with a code from both, or by who calls where anybody may decide more',
    body: personLinkSchema,
    response: personLinkedSchema,
    example: { peer: 'telegram:555001', codes: ['ABCD2345', 'WXYZ6789'] },
    handle: linkPerson,
  }),
  route({
    method: 'POST',
    path: '/api/v1/people/unlink',
    verb: unlinking,
    summary: 'part a chat from its person: it is a stranger again',
    body: personUnlinkSchema,
    response: personUnlinkedSchema,
    example: { peer: 'telegram:555001' },
    handle: async ({ services, caller, body }) =>
      unlinkPeer(services, await services.peerOf(body.peer), actorOf(caller)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/people/:ref/unlink',
    verb: unlinking,
    summary: 'the same, for a chat of that person only',
    body: personUnlinkSchema,
    response: personUnlinkedSchema,
    example: { peer: 'telegram:555001' },
    handle: async ({ services, caller, param, body }) => {
      const { peers } = await services.people.find(param('ref'));
      const peer = await services.peerOf(body.peer);
      if (!peers.some((one) => samePeer(one, peer)))
        throw new Problem('not_found', { detail: `${peerLabel(peer)} is no chat of that person` });
      return unlinkPeer(services, peer, actorOf(caller));
    },
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
