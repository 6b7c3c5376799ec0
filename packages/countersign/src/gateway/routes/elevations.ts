// Elevations: begun by an owner with a proof, seen by everybody who looks, ended by everybody who decides.

import { proofBegunSchema } from '@countersign/protocol/approval';
import {
  elevateSchema,
  elevationEndedSchema,
  elevationEndSchema,
  elevationListSchema,
  elevationSchema,
} from '@countersign/protocol/grant';
import { givenProof, type Route, route } from '../route.ts';

export const elevationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/elevations',
    verb: 'elevations.list',
    summary: 'agents that may do what is elevated unasked for a while, newest first',
    response: elevationListSchema,
    handle: ({ services }) => services.elevations.list(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/elevations',
    verb: 'approvals.elevate',
    summary: 'let an agent do what is elevated unasked, for an hour at most; never what is destructive',
    note: 'Takes an owner’s proof each time, in the header. Without a session it covers what is asked without one, and what is asked in that owner’s own.',
    headers: {
      'x-countersign-factor': '`totp <code>`, `recovery <code>`, `passkey <base64url>`',
      'x-countersign-as': 'at the host’s socket: which owner, percent-encoded',
    },
    body: elevateSchema,
    response: elevationSchema,
    status: 201,
    example: { for: '15m' },
    handle: ({ services, caller, body, request }) =>
      services.elevations.begin(caller, body, givenProof(request)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/elevations/prove',
    verb: 'approvals.elevate',
    summary: 'a challenge for a passkey, good for this elevation and no other',
    note: 'What the browser answers goes into the header of the call that begins it, with the same body.',
    body: elevateSchema,
    response: proofBegunSchema,
    example: { for: '15m' },
    handle: async ({ services, caller, body, request }) => {
      const begun = await services.elevations.beginProof(caller, body, request.headers.get('origin'));
      return { challenge: begun.challenge, options: { ...begun.options } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/elevations/end',
    verb: 'approvals.elevate_end',
    summary: 'end one, or all that last; needs no proof',
    body: elevationEndSchema,
    response: elevationEndedSchema,
    example: {},
    handle: ({ services, caller, body }) => services.elevations.end(caller, body.id),
  }),
];
