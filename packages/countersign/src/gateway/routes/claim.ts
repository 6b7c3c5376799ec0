// The first owner: what the claim page is told, the claim, a new link.
import {
  claimLinkSchema,
  claimStateSchema,
  claimTakenSchema,
  claimTakeSchema,
} from '@countersign/protocol/gateway';
import { isoTime } from '@countersign/protocol/time';
import { actorOf } from '../actor.ts';
import { type Route, route } from '../route.ts';

export const claimRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/claim',
    verb: 'claim.read',
    summary: 'whether anybody owns this gateway, and a nonce to claim it with',
    response: claimStateSchema,
    handle: ({ services }) => services.claim.state(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/claim',
    verb: 'claim.take',
    summary: 'become the owner, once, with the secret of the claim link and a signature by the browser key',
    body: claimTakeSchema,
    response: claimTakenSchema,
    status: 201,
    handle: async ({ services, body, request }) => {
      const { id, name } = await services.claim.take(body, request.headers.get('user-agent'));
      return { person: id, name, role: 'owner' };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/claim/link',
    verb: 'claim.issue',
    summary: 'a new claim link; the one before is void',
    response: claimLinkSchema,
    handle: async ({ services, caller }) => {
      const { url, expiresAt } = await services.claim.link(actorOf(caller));
      return { url, expiresAt: isoTime(expiresAt) };
    },
  }),
];
